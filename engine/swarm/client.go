package swarm

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/dht/v2"
	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/swarm/announce"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/lsd"
	"wtptui/engine/swarm/webtorrent"
)

// stopTimeout bounds how long Close waits for trackers to hear that torrents are stopped.
const stopTimeout = 2500 * time.Millisecond

// Client takes part in the swarms of many torrents. Its methods may be called from many goroutines.
type Client struct {
	cfg     Config
	log     *slog.Logger
	peerID  [20]byte
	sockets *sockets
	caller  *dial.Dialer
	store   *disk.Store
	ann     *announce.Announcer
	budget  *budget
	online  *onlineClock
	guard   *diskGuard
	dht     *dhtAnnouncer
	nodes   []*dht.Server
	// dhtAddresses are which the DHT nodes ask.
	dhtAddresses addressFilter
	local        *lsd.Node
	web          *webtorrent.Client
	names        *peerNames
	mirrors      *http.Transport // what fetches from web seeds (BEP 19)
	up           *rate.Limiter
	down         *rate.Limiter
	unread       atomic.Int64 // bytes that wait to be sent to peers
	inward       atomic.Bool  // a connection has come from a public address
	// checking bounds how many paused torrents are hashed at the same time.
	checking chan struct{}

	hooks    hooks
	warnings []string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	torrents map[infohash]*handle
	left     transferred // what torrents that were dropped have transferred
	limits   engine.Limits
}

type infohash = [20]byte

// hooks replace parts of the system in tests.
type hooks struct {
	free       func(dir string) (int64, error)
	probe      func(dir string) error
	guardEvery time.Duration
	flush      func(f *os.File, all bool, flush func() error) error
	lsdGroups  []string
	listeners  []net.Listener // beside the client's own
}

// New opens the data folder, listens for peers and starts. Kind Conflict when no port is free, Unavailable when the
// data folder cannot be used.
func New(cfg Config) (*Client, error) { return newClient(cfg, hooks{}) }

func newClient(cfg Config, hooks hooks) (*Client, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{
		cfg: cfg, log: cfg.Logger, hooks: hooks, ctx: ctx, cancel: cancel,
		torrents: make(map[infohash]*handle), online: &onlineClock{},
		up: newLimiter(), down: newLimiter(), checking: make(chan struct{}, verifiers), names: newPeerNames(),
	}
	files, conns := descriptorShares()
	if cfg.MaxConns > 0 {
		conns = cfg.MaxConns
	}
	c.budget = newBudget(c, conns)
	c.SetLimits(cfg.Limits)
	var err error
	c.store, err = disk.New(disk.Options{
		Dir: cfg.Dir, Completion: cfg.Completion, MaxOpen: files, OnFault: c.diskFault, Flush: hooks.flush, Logger: cfg.Logger,
	})
	if err != nil {
		cancel()
		return nil, &engine.Error{
			Op: "swarm: start", Kind: engine.Unavailable,
			Msg: engine.Clean("cannot use the data folder " + cfg.Dir + ": make it writable, or choose another"), Err: err,
		}
	}
	if err := c.listen(); err != nil {
		cancel()
		_ = c.store.Close()
		return nil, err
	}
	c.start()
	return c, nil
}

// start runs what works in the background; Close ends all of it.
func (c *Client) start() {
	c.ann = announce.New(announce.Config{
		PeerID: c.peerID, Port: uint16(c.sockets.port), UserAgent: userAgent, MinInterval: c.cfg.TrackerMinInterval,
		Answered: c.online.answered, Logger: c.log,
	})
	c.guard = newDiskGuard(c)
	c.meetCallers()
	c.wg.Go(func() { c.guard.run(c.ctx) })
	c.wg.Go(func() { c.budget.run(c.ctx) })
	c.wg.Go(func() { c.watchNetwork(c.ctx) })
	if c.cfg.DHT {
		c.startDHT()
	}
	if c.cfg.LSD {
		c.startLSD()
	}
	if c.cfg.UPnP {
		c.wg.Go(func() { c.mapPorts(c.ctx) })
	}
}

// Add joins a torrent. It fails with Kind Conflict when the torrent is there already, and with Kind Invalid when Info
// is not the infohash's. A torrent that is over a limit is there, and its Err says so.
func (c *Client) Add(spec Spec) (Torrent, error) {
	hash, err := parseHash("add", spec.Infohash)
	if err != nil {
		return nil, err
	}
	if spec.Info != nil && !isInfoOf(hash, spec.Info) {
		return nil, opError("add", engine.Damaged, "the torrent's description does not belong to its infohash", nil)
	}
	h := newHandle(c, hash, spec)
	c.mu.Lock()
	switch {
	case c.closed:
		c.mu.Unlock()
		return nil, errClientClosed("add")
	case c.torrents[hash] != nil:
		c.mu.Unlock()
		return nil, opError("add", engine.Conflict, "the torrent has been added already", nil)
	}
	c.torrents[hash] = h
	c.mu.Unlock()
	h.start()
	return h, nil
}

// Delete removes the data of a torrent that has been dropped. Kind Conflict when it has not.
func (c *Client) Delete(infohash string) error {
	hash, err := parseHash("delete", infohash)
	if err != nil {
		return err
	}
	return dataError("delete", c.store.Delete(hash))
}

// Folders gives the infohashes of which there is data, whether they are added or not.
func (c *Client) Folders() ([]string, error) {
	hashes, err := c.store.Folders()
	if err != nil {
		return nil, dataError("list folders", err)
	}
	names := make([]string, len(hashes))
	for i, h := range hashes {
		names[i] = hex.EncodeToString(h[:])
	}
	return names, nil
}

// Usage is how many bytes a torrent's data takes on disk.
func (c *Client) Usage(infohash string) (int64, error) {
	hash, err := parseHash("usage", infohash)
	if err != nil {
		return 0, err
	}
	n, err := c.store.Usage(hash)
	return n, dataError("usage", err)
}

// Close leaves all swarms, tells trackers Stopped (which takes at most three seconds), and closes all files.
func (c *Client) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	handles := c.handlesLocked()
	c.mu.Unlock()
	c.cancel()
	if c.local != nil {
		c.local.Close()
	}
	for _, h := range handles {
		h.Drop()
	}
	var farewell sync.WaitGroup
	farewell.Go(c.sayStopped)
	_ = c.web.Close() // It tells its trackers, too, and has no errors.
	for _, n := range c.nodes {
		n.Close()
	}
	c.sockets.close()
	for _, l := range c.hooks.listeners {
		_ = l.Close()
	}
	c.caller.Close()
	c.wg.Wait()
	farewell.Wait()
	c.mirrors.CloseIdleConnections()
	return dataError("close", c.store.Close())
}

// sayStopped lets trackers hear what was dropped.
func (c *Client) sayStopped() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	c.ann.Close(ctx)
}

func (c *Client) handles() []*handle {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.handlesLocked()
}

func (c *Client) handlesLocked() []*handle {
	handles := make([]*handle, 0, len(c.torrents))
	for _, h := range c.torrents {
		handles = append(handles, h)
	}
	return handles
}

func (c *Client) handle(hash infohash) *handle {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.torrents[hash]
}

func (c *Client) forget(h *handle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.torrents[h.hash] == h {
		delete(c.torrents, h.hash)
		c.left.add(h.traffic.sum())
	}
}

func parseHash(op, s string) (infohash, error) {
	var h infohash
	if n, err := hex.Decode(h[:], []byte(s[:min(len(s), 2*len(h))])); err != nil || n != len(h) || len(s) != 2*len(h) || hex.EncodeToString(h[:]) != s {
		return h, opError(op, engine.Invalid, fmt.Sprintf("%q is not an infohash of 40 lower-case hex digits", engine.Clean(s)), nil)
	}
	return h, nil
}
