package swarm

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
	"unsafe"
)

// utpPacket makes a uTP packet without data.
func utpPacket(kind byte, connID uint16) []byte {
	b := make([]byte, 20)
	b[0] = kind<<4 | 1
	binary.BigEndian.PutUint16(b[2:], connID)
	binary.BigEndian.PutUint32(b[12:], 1<<20)
	binary.BigEndian.PutUint16(b[16:], 1)
	return b
}

// arrival is a packet that a filter reads from its socket.
type arrival struct {
	packet []byte
	from   net.Addr
}

// arrivals is a socket on which the given packets come, and no others.
type arrivals struct {
	net.PacketConn
	next []arrival
}

func (a *arrivals) ReadFrom(b []byte) (int, net.Addr, error) {
	if len(a.next) == 0 {
		return 0, nil, io.EOF
	}
	p := a.next[0]
	a.next = a.next[1:]
	return copy(b, p.packet), p.from, nil
}

// filterTest is a filter with a clock of its own.
type filterTest struct {
	*synFilter
	t      *testing.T
	socket *arrivals
	clock  time.Time
	full   bool // no further handshake may begin
	sent   int
}

func newFilterTest(t *testing.T) *filterTest {
	ft := &filterTest{t: t, socket: &arrivals{}, clock: time.Now()}
	now := func() time.Time { return ft.clock }
	ft.synFilter = newSYNFilter(ft.socket, now, func(netip.Prefix) bool { return !ft.full })
	return ft
}

// passes reports whether the filter passes a packet, and checks that it does not change it.
func (ft *filterTest) passes(packet []byte, from net.Addr) bool {
	ft.t.Helper()
	ft.socket.next = []arrival{{packet, from}}
	b := make([]byte, 100)
	n, got, err := ft.ReadFrom(b)
	if err != nil {
		return false
	}
	if got != from || !bytes.Equal(b[:n], packet) {
		ft.t.Errorf("%x from %v was read as %x from %v", packet, from, b[:n], got)
	}
	return true
}

// syns sends SYNs, each from the next source, evenly over some time, and returns how many pass.
func (ft *filterTest) syns(n int, over time.Duration, from func(i int) net.Addr) (passed int) {
	ft.t.Helper()
	for range n {
		ft.sent++
		if ft.passes(utpPacket(4, uint16(2*ft.sent)), from(ft.sent)) {
			passed++
		}
		ft.clock = ft.clock.Add(over / time.Duration(n))
	}
	return passed
}

func udpAddr(ip string, port int) net.Addr { return &net.UDPAddr{IP: net.ParseIP(ip), Port: port} }

// anywhere is a different network each time.
func anywhere(i int) net.Addr {
	return udpAddr(fmt.Sprintf("%d.%d.%d.1", 11+i>>16, byte(i>>8), byte(i)), 6881)
}

// neighbor is a different client of one network each time.
func neighbor(i int) net.Addr { return udpAddr(fmt.Sprintf("10.1.2.%d", i%250), 1024+i/250) }

// onePort is always the same client.
func onePort(int) net.Addr { return udpAddr("10.1.2.3", 1024) }

func TestSYNsPassInNormalTimes(t *testing.T) {
	for name, from := range map[string]func(int) net.Addr{"everywhere": anywhere, "one network": neighbor} {
		ft := newFilterTest(t)
		if n := ft.syns(100, 0, from); n != 100 {
			t.Errorf("%d of 100 SYNs that come from %s at once pass", n, name)
		}
	}
	ft := newFilterTest(t)
	if n := ft.syns(6000, 10*time.Minute, anywhere); n != 6000 {
		t.Errorf("%d of 6,000 SYNs pass that come in ten minutes", n)
	}
}

func TestFloodIsDropped(t *testing.T) {
	ft := newFilterTest(t)
	if n := ft.syns(150_000, 30*time.Second, anywhere); n < firstSYNs.burst || n > firstSYNs.burst+50 {
		t.Errorf("%d SYNs of a flood pass, want the burst of %d", n, firstSYNs.burst)
	}
	ft.clock = ft.clock.Add(floodDebt + time.Second)
	if n := ft.syns(10, 0, anywhere); n != 10 {
		t.Errorf("%d of 10 SYNs pass after the flood", n)
	}
}

// TestSYNsAreLimited: whatever comes, the library has no more to hold than it should within its two minutes.
func TestSYNsAreLimited(t *testing.T) {
	most := firstSYNs.burst + 2*repeatedSYNs.burst +
		int(2*time.Minute/firstSYNs.every) + 2*int(2*time.Minute/repeatedSYNs.every)
	if most > 5000 {
		t.Fatalf("%d SYNs may pass in two minutes", most)
	}
	for _, perSecond := range []int{500, 40, 14, 8} {
		every := time.Second / time.Duration(perSecond)
		ft := newFilterTest(t)
		passed := 0
		for i := range int(2 * time.Minute / every) {
			// Each SYN comes twice, a second apart.
			for _, again := range []int{0, int(time.Second / every)} {
				if ft.passes(utpPacket(4, 1), anywhere(i+again)) {
					passed++
				}
			}
			ft.clock = ft.clock.Add(every)
		}
		if passed > most {
			t.Errorf("%d SYNs pass, one each %v; at most %d should", passed, every, most)
		}
	}
}

func TestRepeatedSYNsPassInAFlood(t *testing.T) {
	floods := map[string]func(int) net.Addr{"everywhere": anywhere, "one network": neighbor, "one port": onePort}
	for _, peer := range []string{"192.0.2.7", "10.1.2.3", "2001:db8::7", "::ffff:192.0.2.7"} {
		for name, from := range floods {
			for _, step := range []uint16{0, 1} { // of the connection id
				ft := newFilterTest(t)
				addr := udpAddr(peer, 51413)
				ft.syns(10_000, 2*time.Second, from)
				first := ft.passes(utpPacket(4, 999), addr)
				ft.syns(1000, 200*time.Millisecond, from)
				duplicate := ft.passes(utpPacket(4, 999), addr)
				if name == "everywhere" && (first || duplicate) {
					t.Errorf("the first SYN of %s passes: %v, a duplicate: %v", peer, first, duplicate)
				}
				passed := 0
				for i := range uint16(5) { // Some SYNs are forgotten.
					ft.syns(5000, time.Second, from)
					if ft.passes(utpPacket(4, 999+i*step), addr) {
						passed++
					}
				}
				if passed < 3 {
					t.Errorf("%d of 5 SYNs that %s repeats pass in a flood from %s", passed, peer, name)
				}
				if name == "everywhere" && ft.passes(utpPacket(4, 999), udpAddr(peer, 51414)) {
					t.Errorf("a SYN from another port of %s passes for a repeated one", peer)
				}
			}
		}
	}
}

// TestManyPeersInAFlood: peers that retransmit after 3 s and again after 6 s get through a flood, nearly all of them.
func TestManyPeersInAFlood(t *testing.T) {
	ft := newFilterTest(t)
	ft.syns(10_000, 2*time.Second, anywhere)
	peer := func(i int) net.Addr { return udpAddr(fmt.Sprintf("2001:db8:0:%x::1", i), 6881) }
	passed := make(map[int]bool)
	for _, wait := range []time.Duration{3 * time.Second, 6 * time.Second, 0} {
		for i := range 50 {
			passed[i] = passed[i] || ft.passes(utpPacket(4, 7), peer(i))
		}
		ft.syns(5000*int(wait/time.Second), wait, anywhere)
	}
	n := 0
	for _, ok := range passed {
		if ok {
			n++
		}
	}
	if n < 45 {
		t.Errorf("%d of 50 peers got through", n)
	}
}

// TestOneNetworkCannotUseUpAll: a flood from one network holds no other one up, even if it repeats its SYNs.
func TestOneNetworkCannotUseUpAll(t *testing.T) {
	for name, from := range map[string]func(int) net.Addr{
		"IPv4": neighbor,
		"IPv6": func(i int) net.Addr { return udpAddr(fmt.Sprintf("2001:db8::%x:%x", i>>16, i&0xffff), 6881) },
		"mapped": func(i int) net.Addr {
			a := neighbor(i).(*net.UDPAddr)
			if i%2 == 0 {
				return &net.UDPAddr{IP: a.IP.To4(), Port: a.Port}
			}
			return &net.UDPAddr{IP: a.IP.To16(), Port: a.Port}
		},
	} {
		ft := newFilterTest(t)
		if n := ft.syns(10_000, time.Second, from); n < firstSYNsPerNetwork.burst || n > firstSYNsPerNetwork.burst+5 {
			t.Errorf("%s: %d SYNs of one network pass, want %d", name, n, firstSYNsPerNetwork.burst)
		}
		passed := 0
		for range 20 {
			for i := range 1000 {
				if ft.passes(utpPacket(4, 1), from(i)) {
					passed++
				}
			}
			ft.clock = ft.clock.Add(time.Second)
		}
		if most := 2 * (repeatedSYNsPerNetwork.burst + 20*int(time.Second/repeatedSYNsPerNetwork.every)); passed > most {
			t.Errorf("%s: %d repeated SYNs of one network pass, want %d at most", name, passed, most)
		}
		if n := ft.syns(50, 0, anywhere); n < 48 { // some may share the tokens of that network
			t.Errorf("%s: %d of 50 SYNs from other networks pass", name, n)
		}
	}
}

// TestSYNsWaitForHandshakes: instead of being refused a peer tries again.
func TestSYNsWaitForHandshakes(t *testing.T) {
	ft := newFilterTest(t)
	ft.full = true
	syn, addr := utpPacket(4, 1), udpAddr("192.0.2.7", 6881)
	if ft.passes(syn, addr) {
		t.Error("a SYN passes that would be refused")
	}
	if ft.syns(500, time.Second, anywhere) > 0 {
		t.Error("SYNs pass that would be refused")
	}
	ft.full = false
	again := false
	for range 5 {
		again = again || ft.passes(syn, addr)
		ft.syns(500, time.Second, anywhere)
	}
	if !again {
		t.Error("a peer that tries again does not get through")
	}
}

func TestOtherPacketsPass(t *testing.T) {
	ft := newFilterTest(t)
	ft.full = true
	ft.syns(1000, 0, neighbor)
	for name, packet := range map[string][]byte{
		"data": utpPacket(0, 1), "fin": utpPacket(1, 1), "state": utpPacket(2, 1), "reset": utpPacket(3, 1),
		"type 5": utpPacket(5, 1), "version 2": append([]byte{0x42}, make([]byte, 19)...),
		"nothing": {}, "a short one": utpPacket(4, 1)[:19],
		"a query":    []byte("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
		"a response": []byte("d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re"),
	} {
		for i := range 1000 {
			if !ft.passes(packet, neighbor(i)) {
				t.Fatalf("%s does not pass", name)
			}
		}
	}
}

func TestSYNFilterMemory(t *testing.T) {
	ft := newFilterTest(t)
	if n := synSets*unsafe.Sizeof(synSet{}) + synNetworks*unsafe.Sizeof(synTokens{}); n > 12<<17 {
		t.Errorf("it takes %d bytes", n)
	}
	i := 0
	allocated := testing.AllocsPerRun(10_000, func() {
		i++
		ft.admit(netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 1), 2)
	})
	if allocated > 0 || len(ft.seen) != synSets || len(ft.networks) != synNetworks {
		t.Errorf("%v allocations for a SYN", allocated)
	}
}

// BenchmarkReadFrom is what the filter costs for each packet, without the system's share.
func BenchmarkReadFrom(b *testing.B) {
	from := anywhere(1)
	for name, packet := range map[string][]byte{"data": utpPacket(0, 1), "SYN": utpPacket(4, 1)} {
		socket := &samePacket{arrival: arrival{packet, from}}
		filter := newSYNFilter(socket, time.Now, func(netip.Prefix) bool { return true })
		for what, conn := range map[string]net.PacketConn{"without": socket, "with": filter} {
			b.Run(name+"/"+what, func(b *testing.B) {
				b.ReportAllocs()
				socket.left = b.N
				buf := make([]byte, 2048)
				for {
					if _, _, err := conn.ReadFrom(buf); err != nil {
						return
					}
				}
			})
		}
	}
}

// samePacket is a socket on which the same packet comes again and again.
type samePacket struct {
	net.PacketConn
	arrival
	left int
}

func (s *samePacket) ReadFrom(b []byte) (int, net.Addr, error) {
	if s.left == 0 {
		return 0, nil, io.EOF
	}
	s.left--
	return copy(b, s.packet), s.from, nil
}
