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

// dhtAnnouncer announces torrents to the DHT one after the other, those that were added last first.
type dhtAnnouncer struct {
	c    *Client
	wake chan struct{}

	mu      sync.Mutex
	due     map[*handle]time.Time
	running map[*handle]context.CancelFunc
}

func newDHTAnnouncer(c *Client) *dhtAnnouncer {
	return &dhtAnnouncer{
		c: c, wake: make(chan struct{}, 1),
		due: make(map[*handle]time.Time), running: make(map[*handle]context.CancelFunc),
	}
}

// startDHT runs a DHT node (BEP 5) on each UDP socket, beside uTP.
func (c *Client) startDHT() {
	for _, p := range c.sockets.packets {
		server, err := c.lib.NewAnacrolixDhtServer(p)
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

// configureDHT sets where a node begins, and lets any query from outside count as being online.
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
	cfg.OnQuery = func(*krpc.Msg, net.Addr) bool {
		c.online.answered()
		return true
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
	d.due[h] = time.Time{}
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

// startDue starts what is due as far as dhtParallel allows, and gives the time until the next is.
func (d *dhtAnnouncer) startDue(ctx context.Context, wg *sync.WaitGroup) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, wait := time.Now(), time.Hour
	for h, when := range d.due {
		switch {
		case d.running[h] != nil:
		case when.After(now):
			wait = min(wait, when.Sub(now))
		case len(d.running) < dhtParallel:
			ctx, cancel := context.WithTimeout(ctx, dhtTimeout)
			d.running[h] = cancel
			d.due[h] = now.Add(dhtInterval)
			wg.Go(func() { d.finish(h, cancel, d.announce(ctx, h)) })
		}
	}
	return wait
}

func (d *dhtAnnouncer) finish(h *handle, cancel context.CancelFunc, worked bool) {
	cancel()
	d.mu.Lock()
	delete(d.running, h)
	if when, wanted := d.due[h]; wanted && !when.IsZero() && !worked {
		d.due[h] = time.Now().Add(dhtRetry)
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
