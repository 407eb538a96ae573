package swarm

import (
	"context"
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

// The DHT forgets a peer after about half an hour (BEP 5).
const (
	dhtInterval = 20 * time.Minute
	dhtRetry    = time.Minute
	dhtTimeout  = 45 * time.Second
	dhtParallel = 6
	dhtResend   = 2 * time.Second
)

// dhtAnnouncer announces torrents to the DHT, a few at a time: a thousand of them take longer than their interval, and
// somebody waits for what was added last.
type dhtAnnouncer struct {
	c    *Client
	wake chan struct{}

	mu      sync.Mutex
	due     map[*handle]dhtTurn
	asked   uint64
	running map[*handle]context.CancelFunc
}

// dhtTurn is when a torrent is to be announced. Those that were asked for, at the zero time, are numbered.
type dhtTurn struct {
	at    time.Time
	asked uint64
}

// before says which turn comes first: those that were asked for, the last one before the others, and then the longest
// due.
func (t dhtTurn) before(other dhtTurn) bool {
	if t.at.IsZero() && other.at.IsZero() {
		return t.asked > other.asked
	}
	return t.at.Before(other.at)
}

func newDHTAnnouncer(c *Client) *dhtAnnouncer {
	return &dhtAnnouncer{
		c: c, wake: make(chan struct{}, 1),
		due: make(map[*handle]dhtTurn), running: make(map[*handle]context.CancelFunc),
	}
}

// startDHT runs a DHT node (BEP 5) on each UDP socket, beside uTP.
func (c *Client) startDHT() {
	for _, p := range c.sockets.packets {
		server, err := c.newNode(dhtSocket{p, &c.dhtAddresses})
		if err != nil {
			c.log.Warn("no DHT", "on", p.Addr().String(), "err", err)
			continue
		}
		c.nodes = append(c.nodes, server)
		go server.TableMaintainer() // It ends soon after the node was closed, when its last queries have.
	}
	c.dht = newDHTAnnouncer(c)
	c.wg.Go(func() { c.dht.run(c.ctx) })
}

// newNode makes a node. Any query from outside counts as being online, and is answered with the nodes nearest to its
// target.
func (c *Client) newNode(conn net.PacketConn) (*dht.Server, error) {
	cfg := &dht.ServerConfig{Conn: conn, Logger: c.oldLog()}
	network := "udp4"
	if a, ok := addrPort(cfg.Conn.LocalAddr()); ok && a.Addr().Is6() {
		network = "udp6"
	}
	cfg.StartingNodes = func() ([]dht.Addr, error) { return c.startingNodes(network) }
	cfg.PeerStore = newDHTStore()
	cfg.OnAnnouncePeer = c.announcedToUs
	cfg.QueryResendDelay = func() time.Duration {
		if c.ctx.Err() != nil {
			return 0 // nobody waits for answers any more
		}
		return dhtResend
	}
	cfg.OnQuery = func(query *krpc.Msg, _ net.Addr) bool {
		c.online.answered()
		nameTarget(query)
		return true
	}
	return dht.NewServer(cfg)
}

// oldLog is the log in the form in which the DHT's library wants it. It talks a lot, and calls many things errors that
// are daily life among strangers. Without a filter of its own it formats each of its many messages before it asks who
// wants it.
func (c *Client) oldLog() alog.Logger {
	old := alog.NewLogger().WithFilterLevel(alog.Error)
	old.SetHandlers(alog.SlogHandlerAsHandler{SlogHandler: c.log.Handler()})
	return old
}

// nameTarget has the library name the nodes nearest to what a query looks for. It reads that from info_hash, which only
// get_peers has: find_node (BEP 5) and get (BEP 44) have a target, and were answered with the nodes nearest to zero.
func nameTarget(query *krpc.Msg) {
	if query.A != nil && (query.Q == "find_node" || query.Q == "get") {
		query.A.InfoHash = query.A.Target
	}
}

func (c *Client) startingNodes(network string) ([]dht.Addr, error) {
	bootstrap := c.cfg.DHTBootstrap
	if len(bootstrap) == 0 {
		return dht.GlobalBootstrapAddrs(network)
	}
	var addrs []dht.Addr
	var err error
	for _, node := range bootstrap {
		a, e := net.ResolveUDPAddr(network, node)
		if e != nil {
			err = e
			continue
		}
		c.dhtAddresses.admit(netip.IPv6Loopback(), a.AddrPort())
		addrs = append(addrs, dht.NewAddr(a))
	}
	if len(addrs) > 0 {
		err = nil
	}
	return addrs, err
}

// add announces a torrent now, or again right after the announce that is under way, and then every dhtInterval.
func (d *dhtAnnouncer) add(h *handle) {
	d.mu.Lock()
	d.asked++
	d.due[h] = dhtTurn{asked: d.asked}
	d.mu.Unlock()
	d.nudge()
}

func (d *dhtAnnouncer) remove(h *handle) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.due, h)
	if cancel := d.running[h]; cancel != nil {
		cancel()
	}
}

func (d *dhtAnnouncer) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *dhtAnnouncer) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(d.startDue(ctx, &wg))
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
	}
}

// startDue starts what is due as far as dhtParallel allows, and gives the time until it has to look again.
func (d *dhtAnnouncer) startDue(ctx context.Context, wg *sync.WaitGroup) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.running) < dhtParallel {
		now := time.Now()
		h, wait := d.next(now)
		if wait > 0 {
			return wait
		}
		ctx, cancel := context.WithTimeout(ctx, dhtTimeout)
		d.running[h] = cancel
		d.due[h] = dhtTurn{at: now.Add(dhtInterval)}
		wg.Go(func() { d.finish(h, cancel, d.announce(ctx, h)) })
	}
	return time.Hour // unless one ends before
}

// next gives the torrent whose turn comes next, and in how long that is: an hour at most, also when there is none.
func (d *dhtAnnouncer) next(now time.Time) (first *handle, wait time.Duration) {
	for h, turn := range d.due {
		if d.running[h] == nil && (first == nil || turn.before(d.due[first])) {
			first = h
		}
	}
	if first == nil {
		return nil, time.Hour
	}
	return first, min(max(0, d.due[first].at.Sub(now)), time.Hour)
}

func (d *dhtAnnouncer) finish(h *handle, cancel context.CancelFunc, worked bool) {
	cancel()
	d.mu.Lock()
	delete(d.running, h)
	if turn, wanted := d.due[h]; wanted && !turn.at.IsZero() && !worked {
		d.due[h] = dhtTurn{at: time.Now().Add(dhtRetry)}
	}
	d.mu.Unlock()
	d.nudge()
}

// announce tells the IPv4 and IPv6 networks of a torrent, and takes the peers that they name.
func (d *dhtAnnouncer) announce(ctx context.Context, h *handle) (worked bool) {
	port := dht.AnnouncePeer(dht.AnnouncePeerOpts{Port: d.c.sockets.port, ImpliedPort: true})
	var nodes sync.WaitGroup
	h.finds.announcing()
	for _, node := range d.c.nodes {
		a, err := node.AnnounceTraversal(h.hash, port)
		if err != nil {
			continue
		}
		stop := context.AfterFunc(ctx, a.Close)
		nodes.Go(func() {
			defer stop()
			counted := 0
			count := func() {
				n := int(a.NumContacted())
				h.finds.ask(n - counted)
				counted = n
			}
			for v := range a.Peers { // It is closed when the announce has ended.
				count()
				h.foundInDHT(v)
			}
			count()
			a.Close()
		})
	}
	nodes.Wait()
	return d.c.Status().DHTNodes > 0
}

// foundInDHT takes the peers that a node named.
func (h *handle) foundInDHT(v dht.PeersValues) {
	peers := make([]netip.AddrPort, 0, len(v.Peers))
	for _, p := range v.Peers {
		if ip, ok := netip.AddrFromSlice(p.IP); ok && p.Port > 0 && p.Port < 1<<16 {
			peers = append(peers, netip.AddrPortFrom(ip.Unmap(), uint16(p.Port)))
		}
	}
	h.finds.inDHT(peers)
	origin, _ := netip.AddrFromSlice(v.Addr.IP)
	h.addPeers(origin, peers, dial.DHT)
}

// announcedToUs takes a peer that has announced itself to our node.
func (c *Client) announcedToUs(hash metainfo.Hash, ip net.IP, port int, known bool) {
	h, addr := c.handle(hash), netip.Addr{}
	if a, ok := netip.AddrFromSlice(ip); ok {
		addr = a.Unmap()
	}
	if h == nil || h.private() || !known || port <= 0 || port >= 1<<16 {
		return
	}
	h.addPeers(addr, []netip.AddrPort{netip.AddrPortFrom(addr, uint16(port))}, dial.DHT)
}

// Node implements torrent.Events: a peer has a DHT node (BEP 5), which is asked whether it is there.
func (h *handle) Node(addr netip.AddrPort) {
	h.c.dhtAddresses.admit(addr.Addr(), addr)
	for _, node := range h.c.nodes {
		if local, ok := addrPort(node.Addr()); ok && local.Addr().Unmap().Is4() == addr.Addr().Is4() {
			h.wg.Go(func() { node.Ping(net.UDPAddrFromAddrPort(addr)) })
		}
	}
}
