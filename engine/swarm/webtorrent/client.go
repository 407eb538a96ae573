package webtorrent

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Client announces torrents to WebTorrent trackers and accepts connections with the peers found there. It implements
// net.Listener. Its methods may be called from many goroutines.
type Client struct {
	cfg           Config
	times         *times
	log           *slog.Logger
	mdns          mdnsClient
	buffers       buffers
	accepted      chan *Conn
	describeSlots chan struct{} // one for each connection that is being described
	ctx           context.Context
	cancel        context.CancelFunc
	wg            sync.WaitGroup

	mu    sync.Mutex // for update alone
	state state
}

var _ net.Listener = (*Client)(nil)

// New returns a client, which does nothing until torrents are added. The caller must Close it.
func New(cfg Config) *Client {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	return &Client{
		cfg: cfg, times: cfg.times, log: cfg.Logger, accepted: make(chan *Conn), describeSlots: make(chan struct{}, 8),
		ctx: ctx, cancel: cancel, state: newState(cfg),
	}
}

// Add starts announcing a torrent. An earlier one with the same infohash is dropped.
func (c *Client) Add(spec Spec) *Torrent {
	t := &Torrent{client: c, infohash: spec.Infohash, want: spec.Want, stats: spec.Stats, counted: spec.Counted}
	urgent := spec.Want() > 0
	for {
		var earlier *Torrent
		c.update(func(s *state) { earlier = s.add(t, spec.Trackers, urgent) })
		if earlier == nil {
			return t
		}
		earlier.Drop()
	}
}

// NetworkChanged must be called when the machine may have another address, or a network again. Disconnected trackers
// are connected at once, and connected ones are pinged.
func (c *Client) NetworkChanged() {
	c.update(func(s *state) {
		for _, t := range s.trackers {
			s.later.call(t.handle.notifyRetry)
		}
	})
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
	var all []*Torrent
	c.update(func(s *state) {
		for _, t := range s.torrents {
			all = append(all, t.handle)
		}
	})
	for _, t := range all {
		t.Drop()
	}
	c.update((*state).close)
	timeout := time.AfterFunc(c.times.closeTimeout, c.cancel)
	defer timeout.Stop()
	defer c.cancel()
	c.wg.Wait()
	c.mdns.close()
	return nil
}
