package swarm

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent"
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

// before says which turn comes first: those that were asked for, the last one before the others, and then the longest due.
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
		server, err := c.lib.NewAnacrolixDhtServer(dhtSocket{p})
		if err != nil {
			c.log.Warn("no DHT", "on", p.Addr().String(), "err", err)
			continue
		}
		c.nodes = append(c.nodes, server)
		c.lib.AddDhtServer(torrent.AnacrolixDhtServerWrapper{Server: server})
	}
	c.dht = newDHTAnnouncer(c)
	c.wg.Go(func() { c.dht.run(c.ctx) })
}

// configureDHT sets where a node begins, lets any query from outside count as being online, and has it answered with
// the nodes nearest to its target.
func (c *Client) configureDHT(cfg *dht.ServerConfig) {
	network := "udp4"
	if a, ok := addrPort(cfg.Conn.LocalAddr()); ok && a.Addr().Is6() {
		network = "udp6"
	}
	cfg.StartingNodes = func() ([]dht.Addr, error) { return startingNodes(network, c.cfg.DHTBootstrap) }
	cfg.PeerStore = newDHTStore()
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
}

// nameTarget has the library name the nodes nearest to what a query looks for. It reads that from info_hash, which only
// get_peers has: find_node (BEP 5) and get (BEP 44) have a target, and were answered with the nodes nearest to zero.
func nameTarget(query *krpc.Msg) {
	if query.A != nil && (query.Q == "find_node" || query.Q == "get") {
		query.A.InfoHash = query.A.Target
	}
}

func startingNodes(network string, bootstrap []string) ([]dht.Addr, error) {
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

// announce tells the IPv4 and IPv6 networks of a torrent; the library takes the peers that they name.
func (d *dhtAnnouncer) announce(ctx context.Context, h *handle) (worked bool) {
	lt := h.lib.Load()
	if lt == nil {
		return false
	}
	var stops []func()
	var dones []<-chan struct{}
	for _, server := range d.c.lib.DhtServers() {
		if done, stop, err := lt.AnnounceToDht(server); err == nil {
			stops, dones = append(stops, stop), append(dones, done)
		}
	}
	for i, done := range dones {
		select {
		case <-done:
		case <-ctx.Done():
		}
		stops[i]()
		<-done
	}
	return d.c.Status().DHTNodes > 0
}
