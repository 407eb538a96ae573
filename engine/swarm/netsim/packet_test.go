package netsim

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"
)

// netAddr is where a host listens in its own network.
func netAddr(h *Host) netip.AddrPort { return netip.AddrPortFrom(h.Addr(), port) }

func socket(t *testing.T, h *Host) net.PacketConn {
	t.Helper()
	s, err := h.Packet(port)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get returns what comes within a second, and from whom.
func get(s net.PacketConn) (string, net.Addr) {
	p := make([]byte, 2000)
	err := s.SetReadDeadline(time.Now().Add(time.Second))
	if err != nil {
		panic(err)
	}
	n, from, err := s.ReadFrom(p)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		panic(err)
	}
	return string(p[:n]), from
}

func put(s net.PacketConn, text string, to net.Addr) {
	if _, err := s.WriteTo([]byte(text), to); err != nil {
		panic(err)
	}
}

func udp(h *Host) net.Addr { return net.UDPAddrFromAddrPort(at(h)) }

func TestPacketLatencyAndLoss(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b := n.Host("a", Link{Latency: 20 * ms, Loss: 0.1}), n.Host("b", Link{Latency: 30 * ms, Jitter: 100 * ms})
		sa, sb := socket(t, a), socket(t, b)
		start := time.Now()
		for i := range 1000 {
			put(sa, string(rune(i)), udp(b))
		}
		got, late := 0, 0
		last := rune(-1)
		for {
			text, from := get(sb)
			if text == "" {
				break
			}
			if from.String() != at(a).String() {
				t.Fatalf("from %v", from)
			}
			if took := time.Since(start); took < 50*ms || took > 151*ms {
				t.Errorf("a packet took %v", took)
			}
			got++
			i := []rune(text)[0]
			if i < last {
				late++
			}
			last = i
		}
		if got < 860 || got > 940 {
			t.Errorf("%d of 1000 packets came at a loss of 0.1", got)
		}
		if late < 300 {
			t.Errorf("%d packets were overtaken", late)
		}
	})
}

func TestPacketNAT(t *testing.T) {
	for _, one := range nats {
		for _, two := range nats {
			t.Run(one.String()+" to "+two.String(), func(t *testing.T) {
				simulate(t, func(t *testing.T, n *Net) {
					a, b := n.Host("a", Link{NAT: one, Latency: 20 * ms}), n.Host("b", Link{NAT: two, Latency: 20 * ms})
					server := n.Host("server", Link{Latency: 20 * ms})
					sa, sb, ss := socket(t, a), socket(t, b), socket(t, server)
					put(sa, "cold", udp(b))
					if got, _ := get(sb); (got == "cold") != (two == Open) {
						t.Errorf("a host that has sent nothing got %q", got)
					}
					// Each learns where the server sees the other.
					put(sa, "a", udp(server))
					_, seenA := get(ss)
					put(sb, "b", udp(server))
					_, seenB := get(ss)
					put(ss, "answer", seenA)
					if got, _ := get(sa); got != "answer" {
						t.Errorf("a was answered with %q", got)
					}
					put(sa, "punch", seenB)
					put(sb, "punch", seenA)
					time.Sleep(200 * ms)
					put(sa, "punch", seenB)
					put(sb, "punch", seenA)
					time.Sleep(200 * ms)
					gotA, _ := get(sa)
					gotB, _ := get(sb)
					want := min(one, two) <= FullCone || one == PortRestricted && two == PortRestricted
					if got := gotA != "" || gotB != ""; got != want {
						t.Errorf("punching a hole: %v, want %v", got, want)
					}
				})
			})
		}
	}
}

func TestPacketsBehindARouter(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		router := n.Host("router", Link{NAT: PortRestricted})
		a, b := n.Behind(router, "a", Link{Latency: ms}), n.Behind(router, "b", Link{Latency: ms})
		far := n.Host("far", Link{})
		sa, sb, sf := socket(t, a), socket(t, b), socket(t, far)
		put(sa, "all", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr("239.192.152.143"), port)))
		if got, from := get(sb); got != "all" || from.String() != netAddr(a).String() {
			t.Errorf("got %q from %v", got, from)
		}
		// Both have the same port, but not outside.
		put(sa, "a", udp(far))
		_, seenA := get(sf)
		put(sb, "b", udp(far))
		_, seenB := get(sf)
		if seenA.String() == seenB.String() {
			t.Errorf("both are seen as %v", seenA)
		}
		put(sf, "to b", seenB)
		put(sf, "to a", seenA)
		if got, _ := get(sa); got != "to a" {
			t.Errorf("a got %q", got)
		}
		if got, _ := get(sb); got != "to b" {
			t.Errorf("b got %q", got)
		}
	})
}

func TestPacketsDuringTransfer(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b := n.Host("a", Link{Up: 1e6}), n.Host("b", Link{Down: 500e3, Latency: 20 * ms})
		out, in := connect(t, a, b)
		go send(out)
		go transferAll(in)
		sa, sb := socket(t, a), socket(t, b)
		time.Sleep(10 * time.Second)
		lost := 0
		for range 100 {
			put(sa, "x", udp(b))
			if got, _ := get(sb); got == "" {
				lost++
			}
		}
		if lost > 20 {
			t.Errorf("%d of 100 packets beside a bulk transfer were lost", lost)
		}
	})
}

func transferAll(c net.Conn) {
	p := make([]byte, 16<<10)
	for {
		if _, err := c.Read(p); err != nil {
			return
		}
	}
}
