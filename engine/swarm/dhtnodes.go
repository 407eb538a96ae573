package swarm

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	alog "github.com/anacrolix/log"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine/swarm/dial"
)

// dhtResendDelay is how long a query waits for a response before it is sent again.
const dhtResendDelay = 2 * time.Second

// dhtNodes holds our DHT nodes (BEP 5), one for each UDP socket.
type dhtNodes struct {
	ctx       context.Context // when it ends, queries are not sent again
	port      int
	bootstrap []string // host:port of bootstrap nodes; if empty, the public ones
	torrents  *registry
	online    *onlineClock
	log       *slog.Logger

	addresses addressFilter // decides which nodes may be queried
	servers   []*dht.Server
}

// open runs a node on a socket that is shared with uTP. A query from outside counts as being online. The node answers
// with the nodes nearest to the query's target.
func (n *dhtNodes) open(conn net.PacketConn) error {
	cfg := &dht.ServerConfig{Conn: dhtSocket{conn, &n.addresses}, Logger: newAlogLogger(n.log)}
	network := "udp4"
	if a, ok := addrPort(conn.LocalAddr()); ok && a.Addr().Is6() {
		network = "udp6"
	}
	cfg.StartingNodes = func() ([]dht.Addr, error) { return n.startingNodes(network) }
	cfg.PeerStore = newDHTStore()
	cfg.OnAnnouncePeer = n.handleAnnounce
	cfg.QueryResendDelay = func() time.Duration {
		if n.ctx.Err() != nil {
			return 0
		}
		return dhtResendDelay
	}
	cfg.OnQuery = func(*krpc.Msg, net.Addr) bool {
		n.online.recordAnswer()
		return true
	}
	server, err := dht.NewServer(cfg)
	if err != nil {
		return err
	}
	n.servers = append(n.servers, server)
	go server.TableMaintainer() // It ends soon after Close, with its last queries.
	return nil
}

func (n *dhtNodes) close() {
	for _, s := range n.servers {
		s.Close()
	}
}

// countGood returns the number of good nodes in the routing tables.
func (n *dhtNodes) countGood() (sum int) {
	for _, s := range n.servers {
		sum += s.Stats().GoodNodes
	}
	return sum
}

func (n *dhtNodes) startingNodes(network string) ([]dht.Addr, error) {
	if len(n.bootstrap) == 0 {
		return dht.GlobalBootstrapAddrs(network)
	}
	var addrs []dht.Addr
	var err error
	for _, node := range n.bootstrap {
		a, e := net.ResolveUDPAddr(network, node)
		if e != nil {
			err = e
			continue
		}
		n.addresses.admit(netip.IPv6Loopback(), a.AddrPort())
		addrs = append(addrs, dht.NewAddr(a))
	}
	if len(addrs) > 0 {
		err = nil
	}
	return addrs, err
}

// handleAnnounce adds a peer that has announced itself to one of our nodes.
func (n *dhtNodes) handleAnnounce(hash metainfo.Hash, ip net.IP, port int, known bool) {
	h, addr := n.torrents.get(hash), netip.Addr{}
	if a, ok := netip.AddrFromSlice(ip); ok {
		addr = a.Unmap()
	}
	if h == nil || h.content.isPrivate() || !known || port <= 0 || port >= 1<<16 {
		return
	}
	h.addPeers(addr, []netip.AddrPort{netip.AddrPortFrom(addr, uint16(port))}, dial.DHT)
}

// ping pings the DHT node of a peer, which adds it to the routing table. The ping runs in wg.
func (n *dhtNodes) ping(addr netip.AddrPort, wg *sync.WaitGroup) {
	n.addresses.admit(addr.Addr(), addr)
	for _, s := range n.servers {
		if local, ok := addrPort(s.Addr()); ok && local.Addr().Unmap().Is4() == addr.Addr().Is4() {
			wg.Go(func() { s.Ping(net.UDPAddrFromAddrPort(addr)) })
		}
	}
}

// newAlogLogger returns a logger for the libraries that use anacrolix/log. It drops everything below Error: the DHT
// library logs much, and reports as errors what is normal with unknown nodes. Without a filter of its own it would
// format each message before checking the level.
func newAlogLogger(log *slog.Logger) alog.Logger {
	old := alog.NewLogger().WithFilterLevel(alog.Error)
	old.SetHandlers(alog.SlogHandlerAsHandler{SlogHandler: log.Handler()})
	return old
}
