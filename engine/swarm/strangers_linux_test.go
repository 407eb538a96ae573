package swarm

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
	utHolepunch "github.com/anacrolix/torrent/peer_protocol/ut-holepunch"

	"wtptui/engine/enginetest"
)

// The network of TestNamedPrivateAddressesAreNotDialed: we, strangers, and a peer that exists are at public addresses,
// and so is the tracker.
const (
	ourAddr     = "25.40.7.1"
	strangerAt  = "25.40.7.2"
	existingAt  = "25.40.7.3"
	trackerAt   = "25.40.7.4"
	dhtNodeAt   = "25.40.7.5"
	neighbourAt = "192.168.5.6"
)

// privateAddrs are what a stranger has no business with.
var privateAddrs = []string{
	"127.0.0.1", "127.8.8.8", "10.3.2.1", "172.20.1.1", "192.168.5.5", "169.254.10.20", "100.70.1.1",
}

// visits counts the connections and packets to each of this machine's addresses, over TCP and UDP.
type visits struct {
	port uint16
	mu   sync.Mutex
	at   map[string]int
}

func watchVisits(t *testing.T) *visits {
	t.Helper()
	v := &visits{at: make(map[string]int)}
	l, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	v.port = uint16(l.Addr().(*net.TCPAddr).Port)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			v.note(c.LocalAddr())
			c.Close()
		}
	})
	stop := []func() error{l.Close}
	for _, a := range append([]string{existingAt}, privateAddrs...) {
		u, err := net.ListenPacket("udp4", net.JoinHostPort(a, itoa(int(v.port))))
		if err != nil {
			t.Fatal(err)
		}
		stop = append(stop, u.Close)
		wg.Go(func() {
			for {
				if _, _, err := u.ReadFrom(make([]byte, 2000)); err != nil {
					return
				}
				v.note(u.LocalAddr())
			}
		})
	}
	t.Cleanup(func() {
		for _, f := range stop {
			_ = f()
		}
		wg.Wait()
	})
	return v
}

func (v *visits) note(a net.Addr) {
	host, _, _ := net.SplitHostPort(a.String())
	v.mu.Lock()
	defer v.mu.Unlock()
	v.at[host]++
}

func (v *visits) count(addr string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.at[addr]
}

// named are the addresses that a stranger names: all private ones, and one at which there may be a peer.
func (v *visits) named() (addrs []krpc.NodeAddr) {
	for _, a := range append(slices.Clone(privateAddrs), existingAt) {
		addrs = append(addrs, krpc.NodeAddr{IP: net.ParseIP(a).To4(), Port: int(v.port)})
	}
	return addrs
}

// names has a name in the DNS for each of them, peer0.example and so on.
func (v *visits) names() *peerNames {
	addrs := map[string]netip.Addr{}
	for i, a := range v.named() {
		addrs[fmt.Sprintf("peer%d.example", i)], _ = netip.AddrFromSlice(a.IP)
	}
	n := newPeerNames()
	n.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
		return []netip.Addr{addrs[host]}, nil
	}
	return n
}

// check waits until the torrent has tried all that it knows.
func (v *visits) check(t *testing.T) {
	t.Helper()
	// It is called again when it has hung up, and by then all others have had their turn.
	eventually(t, "the peer that a stranger may name is called twice", func() bool { return v.count(existingAt) > 1 })
	for _, a := range privateAddrs {
		if n := v.count(a); n > 0 {
			t.Errorf("%s was called %d times", a, n)
		}
	}
}

// TestNamedPrivateAddressesAreNotDialed: an address of a private network is not dialed, whoever names it, unless that
// is a peer of the same network.
func TestNamedPrivateAddressesAreNotDialed(t *testing.T) {
	networks := []netip.Prefix{netip.MustParsePrefix("25.40.7.1/24")}
	for _, a := range append([]string{neighbourAt}, privateAddrs[2:]...) {
		networks = append(networks, netip.PrefixFrom(netip.MustParseAddr(a), 24))
	}
	if !ownNetwork(t, networks...) {
		return
	}
	for _, test := range []struct {
		source string
		start  func(t *testing.T, v *visits, s *site)
	}{
		{"peer exchange", namePeersByExchange},
		{"hole punching", namePeersByHolePunching},
		{"tracker", namePeersByTracker},
		{"names of a tracker", nameHostsByTracker},
		{"magnet link", namePeersByMagnet},
		{"DHT", namePeersByDHT},
	} {
		t.Run(test.source, func(t *testing.T) {
			v, s := watchVisits(t), newSite(t, 16<<10, 100_000)
			test.start(t, v, s)
			v.check(t)
		})
	}
	t.Run("neighbours", func(t *testing.T) {
		v, s := watchVisits(t), newSite(t, 16<<10, 100_000)
		startAt(t, config(t, trackerReturning(t, neighbourAt, v.named())), s)
		eventually(t, "who is on the tracker's network is called", func() bool { return v.count("192.168.5.5") > 0 })
		for _, a := range privateAddrs {
			if n := v.count(a); n > 0 && a != "192.168.5.5" {
				t.Errorf("%s was called %d times", a, n)
			}
		}
	})
}

// namePeersByExchange has a stranger name the peers by peer exchange.
func namePeersByExchange(t *testing.T, v *visits, s *site) {
	t.Helper()
	c := startAt(t, config(t), s)
	m := pp.PexMsg{Added: v.named()}
	sendFrom(t, strangerAt, c, s, m.Message(pexID))
}

// namePeersByHolePunching has a stranger name the peers in messages that ask to connect to them.
func namePeersByHolePunching(t *testing.T, v *visits, s *site) {
	t.Helper()
	c := startAt(t, config(t), s)
	var messages []pp.Message
	for _, a := range v.named() {
		ip, _ := netip.AddrFromSlice(a.IP)
		m := utHolepunch.Msg{MsgType: utHolepunch.Connect, AddrPort: netip.AddrPortFrom(ip, v.port)}
		b, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, pp.Message{Type: pp.Extended, ExtendedID: holepunchID, ExtendedPayload: b})
	}
	sendFrom(t, strangerAt, c, s, messages...)
}

// namePeersByTracker has a tracker return the peers.
func namePeersByTracker(t *testing.T, v *visits, s *site) {
	t.Helper()
	startAt(t, config(t, trackerReturning(t, trackerAt, v.named())), s)
}

// nameHostsByTracker has a tracker return names in the DNS of the peers.
func nameHostsByTracker(t *testing.T, v *visits, s *site) {
	t.Helper()
	names, list := v.names(), ""
	for i := range v.named() {
		host := fmt.Sprintf("peer%d.example", i)
		list += fmt.Sprintf("d2:ip%d:%s4:porti%dee", len(host), host, v.port)
	}
	cfg := config(t, trackerSaying(t, trackerAt, "d8:intervali1800e5:peersl"+list+"ee"))
	cfg.PeerHost = ourAddr
	c := start(t, cfg)
	c.names = names
	add(t, c, Spec{Infohash: s.hash})
}

// namePeersByMagnet adds the peers as a magnet link does, by their addresses and by names in the DNS.
func namePeersByMagnet(t *testing.T, v *visits, s *site) {
	t.Helper()
	cfg := config(t)
	cfg.PeerHost = ourAddr
	c := start(t, cfg)
	c.names = v.names()
	tor := add(t, c, Spec{Infohash: s.hash})
	var peers []string
	for i, a := range v.named()[:len(privateAddrs)] {
		peers = append(peers, net.JoinHostPort(a.IP.String(), itoa(a.Port)), fmt.Sprintf("peer%d.example:%d", i, a.Port))
	}
	tor.AddSources(nil, nil, append(peers, net.JoinHostPort(existingAt, itoa(int(v.port)))))
}

// namePeersByDHT has a node of the DHT return the peers.
func namePeersByDHT(t *testing.T, v *visits, s *site) {
	t.Helper()
	cfg := config(t)
	withDHT(t, &cfg, nodeReturning(t, v.named()))
	startAt(t, cfg, s)
}

// startAt starts a client at our public address that looks for a site.
func startAt(t *testing.T, cfg Config, s *site) *Client {
	t.Helper()
	cfg.PeerHost = ourAddr
	c := start(t, cfg)
	add(t, c, Spec{Infohash: s.hash})
	return c
}

// sendFrom sends messages to the client as a peer at an address, and stays connected until the test ends.
func sendFrom(t *testing.T, addr string, c *Client, s *site, messages ...pp.Message) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}
	conn, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(ourAddr, itoa(c.Status().Port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := handshakeAsLeech(conn, s.raw()); err != nil {
		t.Fatal(err)
	}
	if err := writeMessages(conn, messages...); err != nil {
		t.Fatal(err)
	}
}

// trackerReturning is an HTTP tracker at an address that answers everybody with the same peers.
func trackerReturning(t *testing.T, addr string, named []krpc.NodeAddr) string {
	t.Helper()
	var peers strings.Builder
	for _, a := range named {
		peers.Write(a.IP.To4())
		peers.Write([]byte{byte(a.Port >> 8), byte(a.Port)})
	}
	return trackerSaying(t, addr, fmt.Sprintf("d8:intervali1800e5:peers%d:%se", peers.Len(), peers.String()))
}

// trackerSaying is an HTTP tracker at an address that answers everybody with the same bytes.
func trackerSaying(t *testing.T, addr, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp4", net.JoinHostPort(addr, "0"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, answer)
	}))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return server.URL + "/announce"
}

// nodeReturning is a DHT node that answers everybody with the same addresses, as nodes and as peers.
func nodeReturning(t *testing.T, named []krpc.NodeAddr) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", net.JoinHostPort(dhtNodeAt, "0"))
	if err != nil {
		t.Fatal(err)
	}
	token := "token"
	r := krpc.Return{ID: krpc.ID{1}, Values: named, Token: &token}
	for i, a := range named {
		r.Nodes = append(r.Nodes, krpc.NodeInfo{ID: krpc.ID{2, byte(i)}, Addr: a})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2000)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			m, ok := parseKRPC(buf[:n])
			if ok && m.Y == "q" {
				_, _ = conn.WriteTo(bencode.MustMarshal(krpc.Msg{T: m.T, Y: "r", R: &r}), from)
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		enginetest.Receive(t, done, "the node to end")
	})
	return conn.LocalAddr().String()
}
