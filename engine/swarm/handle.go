package swarm

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/torrent"
	"wtptui/engine/swarm/webtorrent"
)

// handle is one torrent that was added. It has peers only while it is in its swarm; its data and what is known of it
// outlive that, so that a paused torrent is still served.
type handle struct {
	c    *Client
	hash infohash
	name string // the infohash in hex
	spec Spec

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	// life is held while the torrent joins, leaves, opens its data or ends. What peers calls back must not take it:
	// whoever holds it may be waiting for peers to end.
	life    sync.Mutex
	limits  SiteLimits
	paused  bool
	dropped bool
	raw     []byte // the info dictionary of a torrent that is too large, or whose data cannot be opened now
	adopted bool   // what other torrents have in common with it was taken
	alone   func() // ends what hashes the data of a paused torrent, and waits for it; nil when nothing does
	// adopting is held meanwhile; it is taken without life.
	adopting sync.Mutex

	peers atomic.Pointer[torrent.Torrent] // nil while the torrent is not in its swarm
	web   atomic.Pointer[webtorrent.Torrent]
	data  atomic.Pointer[disk.Torrent]
	meta  atomic.Pointer[meta]

	mu    sync.Mutex // guards what follows
	ready chan struct{}
	err   error
	fault error

	traffic         traffic
	rates           peerRates
	wants           wants
	arrivals        arrivalTimes
	telling         atomic.Int32 // how often what is wanted may have changed since peers was told last
	finds           finds
	origins         origins
	mirrorFaults    mirrorFaults
	verifying       atomic.Int32
	answeredLocally atomic.Int64 // when a local announce was answered last, as Unix seconds
}

var _ Torrent = (*handle)(nil)

func newHandle(c *Client, hash infohash, spec Spec) *handle {
	h := &handle{
		c: c, hash: hash, name: hex.EncodeToString(hash[:]), spec: spec,
		limits: spec.Limits, paused: spec.Paused, ready: make(chan struct{}),
	}
	h.wants.now = time.Now
	h.arrivals.trust(time.Now())
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// start brings a new torrent as far as it gets without the network.
func (h *handle) start() {
	h.life.Lock()
	defer h.life.Unlock()
	info := h.spec.Info
	h.spec.Info = nil // meta has it from here on
	if h.dropped || info != nil && !h.learn(info) {
		return
	}
	if !h.paused {
		h.join()
	} else if h.meta.Load() != nil {
		h.settle(nil)
		h.checkAlone()
	}
}

// join enters the swarm.
func (h *handle) join() {
	h.endAlone()
	peers := torrent.New(h.c.swarmConfig(h))
	h.traffic.begin(peers)
	h.peers.Store(peers)
	h.c.budget.joined(h)
	switch {
	case h.meta.Load() == nil: // Told goes on.
	case h.mayAdopt():
		h.wg.Go(func() { h.adoptAndOpen(peers) })
	default:
		h.openContent(peers)
	}
	h.announce()
}

// openContent begins to serve what is here and to fetch what is missing.
func (h *handle) openContent(peers *torrent.Torrent) {
	m := h.meta.Load()
	peers.Fetch(h.mayFetch())
	peers.Open(torrent.Content{
		Info: m.Bytes, Layout: m.pieces(), Right: func(piece int, sum [20]byte) bool { return m.isPieceHash(sum, piece) },
		Data: h.data.Load(), Private: m.Private,
	})
	h.addWebSeeds(peers)
	h.settle(nil)
	h.tellWants()
}

// Finished implements torrent.Events: trackers are told once that a download is complete (BEP 3). Who tells them may
// wait for peers.
func (h *handle) Finished() {
	h.wg.Go(func() {
		h.c.ann.Complete(h.hash)
		if web := h.web.Load(); web != nil {
			web.Completed()
		}
	})
}

// Checked implements torrent.Events: what was here was hashed, and nothing is missing. Nothing was downloaded, but we
// are a seed now.
func (h *handle) Checked() {
	h.wg.Go(func() {
		h.c.ann.Now(h.hash)
		if web := h.web.Load(); web != nil {
			web.Announce()
		}
	})
}

// leave quits the swarm; trackers are told in the background.
func (h *handle) leave() {
	peers := h.peers.Swap(nil)
	if peers == nil {
		return
	}
	h.unannounce()
	peers.Close()
	h.traffic.end()
	h.c.budget.left(h)
	h.wants.wake()
}

// settle lets those go on who wait for Ready.
func (h *handle) settle(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
	select {
	case <-h.ready:
	default:
		close(h.ready)
	}
}

// damaged tells peers, if the torrent is in its swarm, that pieces are not complete any more.
func (h *handle) damaged(pieces []int) {
	if peers := h.peers.Load(); peers != nil {
		peers.Lost(pieces)
	}
}

// Infohash implements Torrent.
func (h *handle) Infohash() string { return h.name }

// Ready implements Torrent.
func (h *handle) Ready() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ready
}

func (h *handle) isReady() bool {
	select {
	case <-h.Ready():
		return true
	default:
		return false
	}
}

// Info implements Torrent.
func (h *handle) Info() *Info {
	if m := h.meta.Load(); m != nil {
		return &m.Info
	}
	return nil
}

// Err implements Torrent.
func (h *handle) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// SetPaused implements Torrent.
func (h *handle) SetPaused(paused bool) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.dropped || paused == h.paused {
		return
	}
	h.paused = paused
	switch {
	case paused:
		h.leave()
		h.checkAlone()
	case h.raw == nil && h.Err() == nil:
		h.join()
	}
}

// Drop implements Torrent.
func (h *handle) Drop() { h.end((*disk.Torrent).Close) }

// Discard implements Torrent.
func (h *handle) Discard() { h.end((*disk.Torrent).Discard) }

// end leaves the swarm and lets go of the data with closeData.
func (h *handle) end(closeData func(*disk.Torrent)) {
	h.life.Lock()
	if h.dropped {
		h.life.Unlock()
		return
	}
	h.dropped = true
	h.cancel()
	h.leave()
	if data := h.data.Load(); data != nil {
		closeData(data)
	}
	if !h.isReady() {
		h.settle(errDropped)
	}
	h.life.Unlock()
	h.wg.Wait()
	h.c.forget(h)
}

var errDropped = opError("torrent", engine.NotFound, "the torrent was removed", errors.New("dropped"))
