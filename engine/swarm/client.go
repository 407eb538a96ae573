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

	"wtptui/engine"
	"wtptui/engine/swarm/announce"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/torrent"
	"wtptui/engine/swarm/webtorrent"
	"wtptui/engine/swarm/wire"
)

// stopTimeout limits how long Close waits for the announces of stopped torrents.
const stopTimeout = 2500 * time.Millisecond

// Client takes part in the swarms of many torrents. Its methods may be called from many goroutines.
type Client struct {
	cfg      Config
	log      *slog.Logger
	peerID   [20]byte
	torrents *registry
	finders
	*Items

	sockets          *sockets
	acceptor         *acceptor
	dhtNodes         *dhtNodes
	dialer           *dial.Dialer
	store            *disk.Store
	budget           *connBudget
	online           *onlineClock
	network          *networkMonitor
	guard            *diskGuard
	webSeedTransport *http.Transport // for web seeds (BEP 19)
	rates            *rateLimiters
	unreadBytes      atomic.Int64 // bytes sent to peers that they have not read yet
	// checkSlots limits how many paused torrents are hashed at the same time.
	checkSlots chan struct{}

	hooks    hooks
	warnings []string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

type infohash = [20]byte

// hooks replace parts of the system in tests.
type hooks struct {
	free          func(dir string) (int64, error)
	probe         func(dir string) error
	guardInterval time.Duration
	flush         func(f *os.File, all bool, flush func() error) error
	lsdGroups     []string
	listeners     []net.Listener // in addition to the client's own
}

// New opens the data folder, listens for peers and starts. The error is of Kind Conflict if no port is free, and
// Unavailable if the data folder cannot be used.
func New(cfg Config) (*Client, error) { return newClient(cfg, hooks{}) }

func newClient(cfg Config, hooks hooks) (*Client, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{
		cfg: cfg, log: cfg.Logger, hooks: hooks, ctx: ctx, cancel: cancel,
		torrents: &registry{torrents: make(map[infohash]*handle)}, online: &onlineClock{},
		rates: newRateLimiters(), checkSlots: make(chan struct{}, maxPausedChecks),
	}
	files, _ := descriptorShares()
	c.budget = newBudget(cfg.MaxConns, cfg.MaxConnsEach)
	c.SetLimits(cfg.Limits)
	var err error
	c.store, err = disk.New(disk.Options{
		Dir: cfg.Dir, Completion: cfg.Completion, MaxOpen: files, OnFault: c.handleDiskFault, Flush: hooks.flush,
		Logger: cfg.Logger,
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

// start starts the background goroutines. Close ends them.
func (c *Client) start() {
	c.guard = newDiskGuard(c.cfg, c.torrents, c.hooks)
	c.wg.Go(func() { c.guard.run(c.ctx) })
	c.wg.Go(func() { c.budget.run(c.ctx) })
	c.startDiscovery()
	c.startAccepting()
	c.network = &networkMonitor{addresses: net.InterfaceAddrs, onAddrs: func(addrs []net.Addr) {
		c.sockets.addresses.setOwn(addrs)
		c.dhtNodes.addresses.setOwn(addrs)
	}}
	c.wg.Go(func() { c.network.watch(c.ctx, c.networkChanged) })
	if c.cfg.UPnP {
		c.wg.Go(func() { mapPorts(c.ctx, c.sockets.port, c.log) })
	}
}

// startDiscovery starts everything that finds peers.
func (c *Client) startDiscovery() {
	c.finders = finders{addresses: &c.sockets.addresses, names: newPeerNames()}
	c.own, c.trackers = newOwnTracker(c.cfg.OwnTracker, c.cfg.Trackers)
	var dialOwn func(ctx context.Context) (net.Conn, error)
	if c.cfg.OwnTracker != nil {
		dialOwn = c.cfg.OwnTracker.Dial
	}
	c.ann = announce.New(announce.Config{
		PeerID: c.peerID, Port: uint16(c.sockets.port), UserAgent: userAgent, MinInterval: c.cfg.TrackerMinInterval,
		OnAnswer: c.online.recordAnswer, DialOwn: dialOwn, Logger: c.log,
	})
	c.web = webtorrent.New(webtorrent.Config{
		PeerID: c.peerID, Reserved: c.handshake(infohash{}).Reserved(), UserAgent: userAgent, ICEServers: c.cfg.ICEServers,
		MinInterval: c.cfg.TrackerMinInterval / 2, IsConnected: c.torrents.hasPeer,
		MayReach: c.sockets.addresses.allowsFrom, MaxPeers: c.budget.maxConns() / 2, DialOwn: dialOwn, Logger: c.log,
	})
	c.dhtNodes = &dhtNodes{
		ctx: c.ctx, port: c.sockets.port, bootstrap: c.cfg.DHTBootstrap, torrents: c.torrents, online: c.online, log: c.log,
	}
	c.Items = newItems(c.dhtNodes)
	if c.cfg.DHT {
		for _, p := range c.sockets.packets {
			if err := c.dhtNodes.open(p); err != nil {
				c.log.Warn("no DHT", "on", p.Addr().String(), "err", err)
			}
		}
		c.dht = newDHTAnnouncer(c.dhtNodes)
		c.wg.Go(func() { c.dht.run(c.ctx) })
	}
	if c.cfg.LSD {
		var err error
		if c.local, err = newLocalDiscovery(c.torrents, c.sockets.port, c.hooks.lsdGroups, c.log); err != nil {
			c.log.Info("no local discovery", "err", err)
			c.local = nil
		}
	}
}

// startAccepting accepts incoming connections, those of browsers included.
func (c *Client) startAccepting() {
	c.acceptor = &acceptor{
		sockets: c.sockets, torrents: c.torrents, online: c.online, handshake: c.handshake,
		encryption: c.cfg.Encryption, log: c.log, ctx: c.ctx,
	}
	for _, l := range c.sockets.listeners {
		c.wg.Go(func() { c.acceptor.accept(l, engine.TCP, false) })
	}
	for _, p := range c.sockets.packets {
		c.wg.Go(func() { c.acceptor.accept(p, engine.UTP, false) })
	}
	c.wg.Go(func() { c.acceptor.accept(c.web, engine.WebRTC, true) })
	for _, l := range c.hooks.listeners {
		c.wg.Go(func() { c.acceptor.accept(l, engine.TCP, true) })
	}
}

// torrentConfig returns the configuration of a torrent in its swarm.
func (c *Client) torrentConfig(h *handle) torrent.Config {
	return torrent.Config{
		Handshake: c.handshake(h.hash), Client: userAgent, Port: uint16(c.sockets.port), Dialer: c.dialer,
		ConnLimit: h.connShare,
		Up:        h.rateLimits.up, Down: h.rateLimits.down, UnreadBytes: &c.unreadBytes, MaxPeers: c.budget.initialShare(),
		IsOwnAddr: c.sockets.isOwn, AdmitPEX: c.sockets.addresses.admit, Events: events{h}, Log: c.log,
	}
}

// handshake returns the handshake sent to peers of a torrent.
func (c *Client) handshake(hash infohash) wire.Handshake {
	return wire.Handshake{Infohash: hash, PeerID: c.peerID, Extended: true, Fast: true, DHT: c.cfg.DHT}
}

// networkChanged announces all torrents again.
func (c *Client) networkChanged() {
	c.log.Info("the network has changed: announcing again")
	c.web.NetworkChanged()
	for _, h := range c.torrents.all() {
		h.Announce()
	}
}

// Add adds a torrent. The error is of Kind Invalid if the infohash is not in its canonical form, Damaged if Info does
// not match the infohash, and Conflict if the torrent has been added already. A torrent that is over a limit is added
// all the same: its Err returns the reason.
func (c *Client) Add(spec Spec) (Torrent, error) {
	hash, err := parseHash("add", spec.Infohash)
	if err != nil {
		return nil, err
	}
	if spec.Info != nil && !isInfoOf(hash, spec.Info) {
		return nil, opError("add", engine.Damaged, "the torrent's description does not belong to its infohash", nil)
	}
	h := newHandle(c, hash, spec)
	if err := c.torrents.add(h); err != nil {
		h.cancel()
		return nil, err
	}
	h.start()
	return h, nil
}

// Delete removes the data of a dropped torrent. The error is of Kind Conflict if the torrent has not been dropped.
func (c *Client) Delete(infohash string) error {
	hash, err := parseHash("delete", infohash)
	if err != nil {
		return err
	}
	return dataError("delete", c.store.Delete(hash))
}

// Folders returns the infohashes whose data is on the disk, whether they are added or not.
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

// Usage returns how many bytes a torrent's data occupies on the disk.
func (c *Client) Usage(infohash string) (int64, error) {
	hash, err := parseHash("usage", infohash)
	if err != nil {
		return 0, err
	}
	n, err := c.store.Usage(hash)
	return n, dataError("usage", err)
}

// Close leaves all swarms, announces Stopped to trackers, which takes at most three seconds, and closes all files.
func (c *Client) Close() error {
	if !c.torrents.close() {
		return nil
	}
	c.cancel()
	if c.local != nil {
		c.local.node.Close()
	}
	for _, h := range c.torrents.all() {
		h.Drop()
	}
	var stopping sync.WaitGroup
	stopping.Go(func() { announceStopped(c.ann) })
	_ = c.web.Close() // It also announces to its trackers. It returns no errors.
	c.dhtNodes.close()
	c.sockets.close()
	for _, l := range c.hooks.listeners {
		_ = l.Close()
	}
	c.dialer.Close()
	c.wg.Wait()
	c.acceptor.wg.Wait()
	stopping.Wait()
	c.webSeedTransport.CloseIdleConnections()
	return dataError("close", c.store.Close())
}

// announceStopped waits for the announces of dropped torrents.
func announceStopped(ann *announce.Announcer) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	ann.Close(ctx)
}

func parseHash(op, s string) (infohash, error) {
	var h infohash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != s {
		message := fmt.Sprintf("%q is not an infohash of 40 lower-case hex digits", engine.Clean(s))
		return h, opError(op, engine.Invalid, message, nil)
	}
	return infohash(b), nil
}
