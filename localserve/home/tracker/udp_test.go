package tracker

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// udpClient is a BEP 15 client at an address.
type udpClient struct {
	t    *testing.T
	tr   *Tracker
	from netip.AddrPort
	at   netip.Addr
	id   uint64
}

func newUDPClient(t *testing.T, tr *Tracker, from, at string) *udpClient {
	t.Helper()
	c := &udpClient{t: t, tr: tr, from: netip.MustParseAddrPort(from)}
	if at != "" {
		c.at = netip.MustParseAddr(at)
	}
	answer := c.roundTrip(binary.BigEndian.AppendUint64(nil, udpMagic), udpConnect, nil)
	if len(answer) != 16 || binary.BigEndian.Uint32(answer) != udpConnect {
		t.Fatalf("connect: %x", answer)
	}
	c.id = binary.BigEndian.Uint64(answer[8:])
	return c
}

// roundTrip sends a packet and returns the response.
func (c *udpClient) roundTrip(id []byte, action uint32, rest []byte) []byte {
	c.t.Helper()
	in := append(binary.BigEndian.AppendUint32(slices.Clone(id), action), "tran"...)
	out := udpServer{c.tr, &c.tr.ids}.respond(nil, append(in, rest...), c.from, c.at, time.Now())
	if len(out) >= 8 && string(out[4:8]) != "tran" {
		c.t.Errorf("transaction %q", out[4:8])
	}
	return out
}

func (c *udpClient) request(action uint32, rest []byte) []byte {
	c.t.Helper()
	return c.roundTrip(binary.BigEndian.AppendUint64(nil, c.id), action, rest)
}

// announceBody returns the part of an announce after the header.
func announceBody(infohash, peer, port int, left uint64, event uint32, want int32) []byte {
	h, p := testHash(infohash), testHash(peer)
	b := append(append(h[:], p[:]...), make([]byte, 8)...)
	b = binary.BigEndian.AppendUint64(b, left)
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint32(b, event)
	b = append(b, 9, 9, 9, 9, 1, 2, 3, 4) // the address that it claims, and its key
	b = binary.BigEndian.AppendUint32(b, uint32(want))
	return binary.BigEndian.AppendUint16(b, uint16(port))
}

// udpAnnounceResponse is the response to an announce.
type udpAnnounceResponse struct {
	interval, leechers, seeds int
	peers                     []string
	failure                   string
}

func (c *udpClient) announce(infohash, peer, port int, left uint64, event uint32, want int32) (a udpAnnounceResponse) {
	c.t.Helper()
	out := c.request(udpAnnounce, announceBody(infohash, peer, port, left, event, want))
	if len(out) < 8 {
		c.t.Fatalf("no answer")
	}
	if binary.BigEndian.Uint32(out) == udpError {
		a.failure = string(out[8:])
		return a
	}
	a.interval, a.leechers = int(binary.BigEndian.Uint32(out[8:])), int(binary.BigEndian.Uint32(out[12:]))
	a.seeds = int(binary.BigEndian.Uint32(out[16:]))
	size := c.from.Addr().BitLen() / 8
	for b := out[20:]; len(b) >= size+2; b = b[size+2:] {
		ip, _ := netip.AddrFromSlice(b[:size])
		a.peers = append(a.peers, netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[size:])).String())
	}
	return a
}

func TestUDPAnnounce(t *testing.T) {
	tr := newTracker(t, Config{Serves: func(h [20]byte) bool { return h != testHash(66) }})
	announceOwn(t, tr, announceQuery(1, 9, 4242, 0))
	a := newUDPClient(t, tr, "1.2.3.4:500", "5.6.7.8")
	if got := a.announce(1, 1, 1001, 7, 2, -1); got.interval != 900 || got.seeds != 1 || got.leechers != 1 ||
		!slices.Equal(got.peers, []string{"5.6.7.8:4242"}) {
		t.Errorf("the first: %+v", got)
	}
	b := newUDPClient(t, tr, "8.8.8.8:500", "")
	if got := b.announce(1, 2, 1002, 7, 0, 10); !slices.Equal(got.peers, []string{"1.2.3.4:1001"}) {
		t.Errorf("the second: %+v", got)
	}
	six := newUDPClient(t, tr, "[2600::1]:500", "2600::2")
	if got := six.announce(1, 3, 1003, 0, 1, -1); len(got.peers) != 0 || got.leechers != 2 || got.seeds != 2 {
		t.Errorf("over IPv6: %+v", got)
	}
	if got := a.announce(1, 1, 1001, 0, 3, -1); len(got.peers) != 0 || got.leechers != 1 {
		t.Errorf("stopped: %+v", got)
	}
	for name, got := range map[string]udpAnnounceResponse{
		notServed: a.announce(66, 1, 1001, 0, 0, -1), "port is 0": a.announce(1, 1, 0, 0, 0, -1),
	} {
		if got.failure != name {
			t.Errorf("%+v, want %s", got, name)
		}
	}
	// HTTP and UDP are of one swarm.
	if got := announceFrom(t, tr, "7.7.7.7", announceQuery(1, 7, 7, 1)); got.Incomplete != 2 || got.Complete != 2 {
		t.Errorf("over HTTP: %+v", got)
	}
}

func TestUDPScrape(t *testing.T) {
	tr := newTracker(t, Config{Serves: func(h [20]byte) bool { return h != testHash(66) }})
	c := newUDPClient(t, tr, "1.2.3.4:500", "")
	c.announce(1, 1, 1, 0, 0, 0)
	c.announce(66, 1, 1, 0, 0, 0)
	one, foreign := testHash(1), testHash(66)
	out := c.request(udpScrape, append(append(one[:], foreign[:]...), "left over"...))
	want := []uint32{udpScrape, 1, 0, 0, 0, 0, 0}
	got := []uint32{binary.BigEndian.Uint32(out)}
	for b := out[8:]; len(b) >= 4; b = b[4:] {
		got = append(got, binary.BigEndian.Uint32(b))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestUDPConnectionIDs(t *testing.T) {
	tr := newTracker(t, Config{})
	a, now := netip.MustParseAddr("1.2.3.4"), time.Unix(6000, 0)
	id := tr.ids.generate(a, now.Unix()/60)
	for name, c := range map[string]struct {
		from  string
		after time.Duration
		want  bool
	}{
		"at once":         {"1.2.3.4", 0, true},
		"two minutes on":  {"1.2.3.4", 2 * time.Minute, true},
		"four minutes on": {"1.2.3.4", 4 * time.Minute, false},
		"somewhere else":  {"1.2.3.5", 0, false},
	} {
		if got := tr.ids.isValid(id, netip.MustParseAddr(c.from), now.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	c := newUDPClient(t, tr, "1.2.3.4:5", "")
	c.id++
	if out := c.request(udpAnnounce, announceBody(1, 1, 1, 1, 0, 50)); string(out[8:]) != "expired" {
		t.Errorf("%q", out)
	}
	if s := tr.Stats(); s.Peers != 0 {
		t.Errorf("%+v", s)
	}
}

// TestServeUDP serves requests over a real socket.
func TestServeUDP(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"} {
		t.Run(address, func(t *testing.T) {
			tr := New(Config{})
			network, host := "udp4", "127.0.0.1"
			if strings.HasPrefix(address, "[") {
				network, host = "udp6", "::1"
			}
			conn, err := net.ListenPacket(network, address)
			if err != nil {
				t.Skip("this machine cannot listen there:", err)
			}
			done := make(chan error, 1)
			go func() { done <- tr.ServeUDP(conn) }()
			announceOwn(t, tr, announceQuery(1, 9, 4242, 0))
			_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
			c, err := net.Dial("udp", net.JoinHostPort(host, port))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(waitTimeout))
			ask := func(b []byte) []byte {
				if _, err := c.Write(b); err != nil {
					t.Fatal(err)
				}
				out := make([]byte, 2048)
				n, err := c.Read(out)
				if err != nil {
					t.Fatal(err)
				}
				return out[:n]
			}
			if _, err := c.Write([]byte("garbage")); err != nil {
				t.Fatal(err)
			}
			header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, udpMagic), udpConnect)
			id := ask(append(header, "tran"...))[8:]
			header = binary.BigEndian.AppendUint32(slices.Clone(id), udpAnnounce)
			out := ask(append(append(header, "tran"...), announceBody(1, 1, 1001, 5, 2, -1)...))
			peer := out[20:]
			ip, _ := netip.AddrFromSlice(peer[:len(peer)-2])
			if got := ip.String(); got != host || binary.BigEndian.Uint16(peer[len(peer)-2:]) != 4242 {
				t.Errorf("the engine is said to be at %s", got)
			}
			if err := tr.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// FuzzUDP promises that no response is longer than its request unless the client has a valid connection id.
func FuzzUDP(f *testing.F) {
	f.Add([]byte("short"), false)
	f.Add(binary.BigEndian.AppendUint64(nil, udpMagic), false)
	f.Add(append(make([]byte, 8), announceBody(1, 1, 1, 1, 0, -1)...), true)
	f.Add(slices.Concat([]byte{0, 0, 0, udpAnnounce, 1, 2, 3, 4}, announceBody(1, 1, 1, 1, 3, 1<<30)), true)
	f.Add(slices.Concat([]byte{0, 0, 0, udpScrape, 1, 2, 3, 4}, make([]byte, 2000)), true)
	from := netip.MustParseAddrPort("1.2.3.4:5")
	f.Fuzz(func(t *testing.T, packet []byte, connected bool) {
		tr := New(Config{MaxPeers: 100})
		defer func() { _ = tr.Close() }()
		now := time.Unix(1e6, 0)
		if connected {
			packet = append(binary.BigEndian.AppendUint64(nil, tr.ids.generate(from.Addr(), now.Unix()/60)), packet...)
		}
		out := udpServer{tr, &tr.ids}.respond(nil, packet, from, netip.Addr{}, now)
		if !connected && len(out) > len(packet) || len(out) > 1472 {
			t.Errorf("%d bytes for %d", len(out), len(packet))
		}
		for infohash := range tr.swarms.all {
			tr.swarms.with(infohash, func(s *swarm) {
				for _, p := range s.connectable {
					if p.addr.Addr() != from.Addr() {
						t.Errorf("a peer at %s", p.addr)
					}
				}
			})
		}
	})
}
