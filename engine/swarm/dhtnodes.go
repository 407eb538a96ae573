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

// dhtResend is how long a node waits for an answer before it asks again.
const dhtResend = 2 * time.Second

// dhtNodes are our nodes in the DHT (BEP 5), one on each UDP socket.
type dhtNodes struct {
	ctx       context.Context // ends when answers are not waited for any more
	port      int
	bootstrap []string // host:port nodes to begin with; empty means the public ones
	torrents  *registry
	online    *onlineClock
	log       *slog.Logger

	addresses addressFilter // which are asked
	servers   []*dht.Server
}

// open runs a node on a socket, beside uTP. Any query from outside counts as being online, and is answered with the nodes
// nearest to its target.
func (n *dhtNodes) open(conn net.PacketConn) error {
	cfg := &dht.ServerConfig{Conn: dhtSocket{conn, &n.addresses}, Logger: oldLog(n.log)}
	network := "udp4"
	if a, ok := addrPort(conn.LocalAddr()); ok && a.Addr().Is6() {
		network = "udp6"
	}
	cfg.StartingNodes = func() ([]dht.Addr, error) { return n.startingNodes(network) }
	cfg.PeerStore = newDHTStore()
	cfg.OnAnnouncePeer = n.announcedToUs
	cfg.QueryResendDelay = func() time.Duration {
		if n.ctx.Err() != nil {
			return 0
		}
		return dhtResend
	}
	cfg.OnQuery = func(*krpc.Msg, net.Addr) bool {
		n.online.answered()
		return true
	}
	server, err := dht.NewServer(cfg)
	if err != nil {
		return err
	}
	n.servers = append(n.servers, server)
	go server.TableMaintainer() // It ends soon after the node was closed, when its last queries have.
	return nil
}

func (n *dhtNodes) close() {
	for _, s := range n.servers {
		s.Close()
	}
}

// good is the number of good nodes in the nodes' tables.
func (n *dhtNodes) good() (sum int) {
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

// announcedToUs takes a peer that has announced itself to one of our nodes.
func (n *dhtNodes) announcedToUs(hash metainfo.Hash, ip net.IP, port int, known bool) {
	h, addr := n.torrents.get(hash), netip.Addr{}
	if a, ok := netip.AddrFromSlice(ip); ok {
		addr = a.Unmap()
	}
	if h == nil || h.content.private() || !known || port <= 0 || port >= 1<<16 {
		return
	}
	h.addPeers(addr, []netip.AddrPort{netip.AddrPortFrom(addr, uint16(port))}, dial.DHT)
}

// met asks a node that a peer has whether it is there. What asks is one of wg.
func (n *dhtNodes) met(addr netip.AddrPort, wg *sync.WaitGroup) {
	n.addresses.admit(addr.Addr(), addr)
	for _, s := range n.servers {
		if local, ok := addrPort(s.Addr()); ok && local.Addr().Unmap().Is4() == addr.Addr().Is4() {
			wg.Go(func() { s.Ping(net.UDPAddrFromAddrPort(addr)) })
		}
	}
}

// oldLog is the log in the form in which the DHT's library wants it. It talks a lot, and calls many things errors that
// are daily life among strangers. Without a filter of its own it formats each of its many messages before it asks who
// wants it.
func oldLog(log *slog.Logger) alog.Logger {
	old := alog.NewLogger().WithFilterLevel(alog.Error)
	old.SetHandlers(alog.SlogHandlerAsHandler{SlogHandler: log.Handler()})
	return old
}
