package netsim

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"
)

// netAddr returns the address where a host listens in its own network.
func netAddr(h *Host) netip.AddrPort { return netip.AddrPortFrom(h.Addr(), port) }

func listenPacket(t *testing.T, h *Host) net.PacketConn {
	t.Helper()
	s, err := h.Packet(port)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// receivePacket returns the next packet within a second, and its sender.
func receivePacket(s net.PacketConn) (string, net.Addr) {
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

func sendPacket(s net.PacketConn, text string, to net.Addr) {
	if _, err := s.WriteTo([]byte(text), to); err != nil {
		panic(err)
	}
}

func udpAddr(h *Host) net.Addr { return net.UDPAddrFromAddrPort(publicAddr(h)) }

func TestPacketLatencyAndLoss(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b := n.Host("a", Link{Latency: 20 * ms, Loss: 0.1}), n.Host("b", Link{Latency: 30 * ms, Jitter: 100 * ms})
		sa, sb := listenPacket(t, a), listenPacket(t, b)
		start := time.Now()
		for i := range 1000 {
			sendPacket(sa, string(rune(i)), udpAddr(b))
		}
		got, late := 0, 0
		last := rune(-1)
		for {
			text, from := receivePacket(sb)
			if text == "" {
				break
			}
			if from.String() != publicAddr(a).String() {
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
					sa, sb, ss := listenPacket(t, a), listenPacket(t, b), listenPacket(t, server)
					sendPacket(sa, "cold", udpAddr(b))
					if got, _ := receivePacket(sb); (got == "cold") != (two == Open) {
						t.Errorf("a host that has sent nothing got %q", got)
					}
					// Each learns where the server sees the other.
					sendPacket(sa, "a", udpAddr(server))
					_, seenA := receivePacket(ss)
					sendPacket(sb, "b", udpAddr(server))
					_, seenB := receivePacket(ss)
					sendPacket(ss, "answer", seenA)
					if got, _ := receivePacket(sa); got != "answer" {
						t.Errorf("a was answered with %q", got)
					}
					sendPacket(sa, "punch", seenB)
					sendPacket(sb, "punch", seenA)
					time.Sleep(200 * ms)
					sendPacket(sa, "punch", seenB)
					sendPacket(sb, "punch", seenA)
					time.Sleep(200 * ms)
					gotA, _ := receivePacket(sa)
					gotB, _ := receivePacket(sb)
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
		sa, sb, sf := listenPacket(t, a), listenPacket(t, b), listenPacket(t, far)
		sendPacket(sa, "all", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr("239.192.152.143"), port)))
		if got, from := receivePacket(sb); got != "all" || from.String() != netAddr(a).String() {
			t.Errorf("got %q from %v", got, from)
		}
		// Both have the same port, but not outside.
		sendPacket(sa, "a", udpAddr(far))
		_, seenA := receivePacket(sf)
		sendPacket(sb, "b", udpAddr(far))
		_, seenB := receivePacket(sf)
		if seenA.String() == seenB.String() {
			t.Errorf("both are seen as %v", seenA)
		}
		sendPacket(sf, "to b", seenB)
		sendPacket(sf, "to a", seenA)
		if got, _ := receivePacket(sa); got != "to a" {
			t.Errorf("a got %q", got)
		}
		if got, _ := receivePacket(sb); got != "to b" {
			t.Errorf("b got %q", got)
		}
	})
}

func TestPacketsDuringTransfer(t *testing.T) {
	simulate(t, func(t *testing.T, n *Net) {
		a, b := n.Host("a", Link{Up: 1e6}), n.Host("b", Link{Down: 500e3, Latency: 20 * ms})
		out, in := connect(t, a, b)
		go sendForever(out)
		go transferAll(in)
		sa, sb := listenPacket(t, a), listenPacket(t, b)
		time.Sleep(10 * time.Second)
		lost := 0
		for range 100 {
			sendPacket(sa, "x", udpAddr(b))
			if got, _ := receivePacket(sb); got == "" {
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
