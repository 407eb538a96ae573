package webtorrent

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// Client announces torrents to WebTorrent trackers and accepts connections with the peers found there. It implements
// net.Listener. Its methods may be called from many goroutines.
type Client struct {
	cfg           Config
	times         *times
	trusted       *times // for trusted trackers
	log           *slog.Logger
	mdns          mdnsClient
	accepted      chan *Conn
	describeSlots chan struct{} // one for each connection that is being described
	ctx           context.Context
	cancel        context.CancelFunc
	wg            sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	torrents map[[20]byte]*Torrent
	trackers map[string]*tracker // by normalized URL
	links    links
	buffers  buffers
	counts   Counts
}

var _ net.Listener = (*Client)(nil)

// New returns a client, which does nothing until torrents are added. The caller must Close it.
func New(cfg Config) *Client {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	return &Client{
		cfg: cfg, times: cfg.times, trusted: cfg.times.withMinInterval(cfg.MinInterval), log: cfg.Logger,
		accepted: make(chan *Conn), describeSlots: make(chan struct{}, 8), ctx: ctx, cancel: cancel,
		torrents: make(map[[20]byte]*Torrent), trackers: make(map[string]*tracker), links: newLinks(),
	}
}

// Add starts announcing a torrent. An earlier one with the same infohash is dropped.
func (c *Client) Add(spec Spec) *Torrent {
	t := &Torrent{client: c, infohash: spec.Infohash, want: spec.Want, stats: spec.Stats, counted: spec.Counted}
	urgent := spec.Want() > 0
	c.mu.Lock()
	old := c.torrents[spec.Infohash]
	c.mu.Unlock()
	if old != nil {
		old.Drop()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		t.dropped = true
		return t
	}
	c.torrents[spec.Infohash] = t
	t.setTrackers(spec.Trackers, urgent)
	return t
}

// setTrackers adds entries for trackers that the torrent is not announced to yet, and returns the entries of trackers
// that are not in the list any more. The caller must hold mu.
func (t *Torrent) setTrackers(trackers []Tracker, urgent bool) (removed []*entry) {
	foreign := 0
	before := t.entries
	t.entries, t.bad = nil, nil
	for _, tr := range trackers {
		if !tr.Trusted {
			if foreign++; foreign > maxForeign {
				continue
			}
		}
		url, err := normalURL(tr.URL)
		if err != nil {
			t.bad = append(t.bad, engine.Tracker{
				URL: engine.Clean(tr.URL), Status: "failing", Seeds: -1, Leechers: -1, Error: engine.Clean(cause.Describe(err)),
			})
			continue
		}
		shared := t.client.tracker(url, tr)
		e := shared.entries[t.infohash]
		if e == nil {
			e = &entry{torrent: t, tracker: shared, event: started, urgent: urgent, due: time.Now(), seeds: -1, leechers: -1}
			shared.entries[t.infohash] = e
			shared.notify()
		}
		if e.torrent == t && !slices.Contains(t.entries, e) {
			t.entries = append(t.entries, e)
		}
	}
	return slices.DeleteFunc(before, func(e *entry) bool { return slices.Contains(t.entries, e) })
}

// tracker returns the tracker with a normalized URL, creating it if needed. The caller must hold mu.
func (c *Client) tracker(url string, spec Tracker) *tracker {
	t, trusted := c.trackers[url], spec.Trusted
	if t == nil {
		t = &tracker{
			client: c, url: url, own: spec.Own, trusted: trusted, entries: make(map[[20]byte]*entry),
			wake: make(chan struct{}, 1), retry: make(chan struct{}, 1),
		}
		t.ctx, t.cancel = context.WithCancel(c.ctx)
		c.trackers[url] = t
		c.spawn(t.run)
	}
	if trusted && !t.trusted {
		t.trusted = true
		t.notifyRetry()
	}
	return t
}

// spawn runs f in a goroutine that Close waits for. The caller must hold mu.
func (c *Client) spawn(f func()) { c.wg.Go(f) }

// NetworkChanged must be called when the machine may have another address, or a network again. Disconnected trackers
// are connected at once, and connected ones are pinged.
func (c *Client) NetworkChanged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.trackers {
		t.notifyRetry()
	}
}

// notifyRetry makes the tracker connect now, or check that it still is connected.
func (t *tracker) notifyRetry() {
	select {
	case t.retry <- struct{}{}:
	default:
	}
}

// Accept returns the next connection, a *Conn whose peer has sent its handshake. After Close it returns net.ErrClosed.
func (c *Client) Accept() (net.Conn, error) {
	select {
	case conn := <-c.accepted:
		return conn, nil
	case <-c.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener. Nothing can be dialed at the address.
func (c *Client) Addr() net.Addr { return Addr{} }

// Close drops all torrents, announces that to trackers for at most two seconds, and closes all connections. It returns
// when all goroutines have ended.
func (c *Client) Close() error {
	c.mu.Lock()
	var all []*Torrent
	for _, t := range c.torrents {
		all = append(all, t)
	}
	c.mu.Unlock()
	for _, t := range all {
		t.Drop()
	}
	c.mu.Lock()
	c.closed = true
	for _, t := range c.trackers {
		if t.notify(); t.conn == nil {
			t.cancel()
		}
	}
	c.links.endIf(func(*link) bool { return true })
	c.mu.Unlock()
	timeout := time.AfterFunc(c.times.closeTimeout, c.cancel)
	defer timeout.Stop()
	defer c.cancel()
	c.wg.Wait()
	c.mdns.close()
	return nil
}
