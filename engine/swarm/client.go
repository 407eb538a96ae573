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

// stopTimeout bounds how long Close waits for trackers to hear that torrents are stopped.
const stopTimeout = 2500 * time.Millisecond

// Client takes part in the swarms of many torrents. Its methods may be called from many goroutines.
type Client struct {
	cfg      Config
	log      *slog.Logger
	peerID   [20]byte
	torrents *registry
	finders
	*Items

	sockets   *sockets
	reception *reception
	nodes     *dhtNodes
	caller    *dial.Dialer
	store     *disk.Store
	budget    *budget
	online    *onlineClock
	network   *network
	guard     *diskGuard
	mirrors   *http.Transport // what fetches from web seeds (BEP 19)
	rates     *rates
	unread    atomic.Int64 // bytes that wait to be sent to peers
	// checking bounds how many paused torrents are hashed at the same time.
	checking chan struct{}

	hooks    hooks
	warnings []string

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
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
		torrents: &registry{torrents: make(map[infohash]*handle)}, online: &onlineClock{},
		rates: newRates(), checking: make(chan struct{}, verifiers),
	}
	files, _ := descriptorShares()
	c.budget = newBudget(cfg.MaxConns, cfg.MaxConnsEach)
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
	c.guard = newDiskGuard(c.cfg, c.torrents, c.hooks)
	c.wg.Go(func() { c.guard.run(c.ctx) })
	c.wg.Go(func() { c.budget.run(c.ctx) })
	c.find()
	c.receive()
	c.network = &network{addresses: net.InterfaceAddrs, found: func(addrs []net.Addr) {
		c.sockets.addresses.setOwn(addrs)
		c.nodes.addresses.setOwn(addrs)
	}}
	c.wg.Go(func() { c.network.watch(c.ctx, c.networkChanged) })
	if c.cfg.UPnP {
		c.wg.Go(func() { mapPorts(c.ctx, c.sockets.port, c.log) })
	}
}

// find opens the ways to find peers.
func (c *Client) find() {
	c.finders = finders{addresses: &c.sockets.addresses, names: newPeerNames()}
	c.own, c.trackers = newOwnTracker(c.cfg.OwnTracker, c.cfg.Trackers)
	var dialOwn func(ctx context.Context) (net.Conn, error)
	if c.cfg.OwnTracker != nil {
		dialOwn = c.cfg.OwnTracker.Dial
	}
	c.ann = announce.New(announce.Config{
		PeerID: c.peerID, Port: uint16(c.sockets.port), UserAgent: userAgent, MinInterval: c.cfg.TrackerMinInterval,
		Answered: c.online.answered, DialOwn: dialOwn, Logger: c.log,
	})
	c.web = webtorrent.New(webtorrent.Config{
		PeerID: c.peerID, Reserved: c.handshake(infohash{}).Reserved(), UserAgent: userAgent, ICEServers: c.cfg.ICEServers,
		MinInterval: c.cfg.TrackerMinInterval / 2, Known: c.torrents.hasPeer,
		Reaches: c.sockets.addresses.reaches, MaxPeers: c.budget.total() / 2, DialOwn: dialOwn, Logger: c.log,
	})
	c.nodes = &dhtNodes{
		ctx: c.ctx, port: c.sockets.port, bootstrap: c.cfg.DHTBootstrap, torrents: c.torrents, online: c.online, log: c.log,
	}
	c.Items = newItems(c.nodes)
	if c.cfg.DHT {
		for _, p := range c.sockets.packets {
			if err := c.nodes.open(p); err != nil {
				c.log.Warn("no DHT", "on", p.Addr().String(), "err", err)
			}
		}
		c.dht = newDHTAnnouncer(c.nodes)
		c.wg.Go(func() { c.dht.run(c.ctx) })
	}
	if c.cfg.LSD {
		var err error
		if c.local, err = newNeighbours(c.torrents, c.sockets.port, c.hooks.lsdGroups, c.log); err != nil {
			c.log.Info("no local discovery", "err", err)
			c.local = nil
		}
	}
}

// receive lets peers call here. Connections of browsers are accepted like any others.
func (c *Client) receive() {
	c.reception = &reception{
		sockets: c.sockets, torrents: c.torrents, online: c.online, handshake: c.handshake,
		encryption: c.cfg.Encryption, log: c.log, ctx: c.ctx,
	}
	for _, l := range c.sockets.listeners {
		c.wg.Go(func() { c.reception.accept(l, engine.TCP, false) })
	}
	for _, p := range c.sockets.packets {
		c.wg.Go(func() { c.reception.accept(p, engine.UTP, false) })
	}
	c.wg.Go(func() { c.reception.accept(c.web, engine.WebRTC, true) })
	for _, l := range c.hooks.listeners {
		c.wg.Go(func() { c.reception.accept(l, engine.TCP, true) })
	}
}

// swarmConfig says how a torrent takes part in its swarm.
func (c *Client) swarmConfig(h *handle) torrent.Config {
	return torrent.Config{
		Handshake: c.handshake(h.hash), Client: userAgent, Port: uint16(c.sockets.port), Dialer: c.caller, ConnLimit: h.stake,
		Up: h.bounds.up, Down: h.bounds.down, UnreadBytes: &c.unread, MaxPeers: c.budget.first(),
		IsOwnAddr: c.sockets.isOwn, AdmitPEX: c.sockets.addresses.admit, Events: events{h}, Log: c.log,
	}
}

// handshake is what peers of a torrent are told first.
func (c *Client) handshake(hash infohash) wire.Handshake {
	return wire.Handshake{Infohash: hash, PeerID: c.peerID, Extended: true, Fast: true, DHT: c.cfg.DHT}
}

// networkChanged tells everybody who asks out there to ask again.
func (c *Client) networkChanged() {
	c.log.Info("the network has changed: announcing again")
	c.web.NetworkChanged()
	for _, h := range c.torrents.all() {
		h.Announce()
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
	if err := c.torrents.add(h); err != nil {
		h.cancel()
		return nil, err
	}
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
	var farewell sync.WaitGroup
	farewell.Go(func() { sayStopped(c.ann) })
	_ = c.web.Close() // It tells its trackers, too, and has no errors.
	c.nodes.close()
	c.sockets.close()
	for _, l := range c.hooks.listeners {
		_ = l.Close()
	}
	c.caller.Close()
	c.wg.Wait()
	c.reception.wg.Wait()
	farewell.Wait()
	c.mirrors.CloseIdleConnections()
	return dataError("close", c.store.Close())
}

// sayStopped lets trackers hear what was dropped.
func sayStopped(ann *announce.Announcer) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	ann.Close(ctx)
}

func parseHash(op, s string) (infohash, error) {
	var h infohash
	if n, err := hex.Decode(h[:], []byte(s[:min(len(s), 2*len(h))])); err != nil || n != len(h) || len(s) != 2*len(h) || hex.EncodeToString(h[:]) != s {
		return h, opError(op, engine.Invalid, fmt.Sprintf("%q is not an infohash of 40 lower-case hex digits", engine.Clean(s)), nil)
	}
	return h, nil
}
