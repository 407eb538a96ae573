package swarm

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/webtorrent"
)

// handle is one torrent that was added. The library knows it only while it is in its swarm; its data and what is known
// of it outlive that, so that a paused torrent is still served.
type handle struct {
	c    *Client
	hash infohash
	name string // the infohash in hex
	spec Spec

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	// life is held while the torrent joins, leaves, opens its data or ends. Nothing that the library calls back may
	// take it while the library's lock is held.
	life    sync.Mutex
	limits  SiteLimits
	paused  bool
	dropped bool
	raw     []byte // the info dictionary of a torrent that is too large, or whose data cannot be opened now
	adopted bool   // what other torrents have in common with it was taken
	alone   func() // ends what hashes data without the library, and waits for it; nil when nothing does
	// adopting is held meanwhile; it is taken without life.
	adopting sync.Mutex

	lib  atomic.Pointer[torrent.Torrent]
	web  atomic.Pointer[webtorrent.Torrent]
	data atomic.Pointer[disk.Torrent]
	meta atomic.Pointer[meta]

	mu    sync.Mutex // guards what follows
	ready chan struct{}
	err   error
	fault error

	traffic
	wants           wants
	arrivals        arrivalTimes
	relevels        atomic.Int32 // how often the priorities may have changed since the library was told last
	finds           finds
	known           knownPeers
	collector       *collector
	origins         origins
	ledger          ledger
	verifying       atomic.Int32
	answeredLocally atomic.Int64 // when a local announce was answered last, as Unix seconds
}

var _ Torrent = (*handle)(nil)

func newHandle(c *Client, hash infohash, spec Spec) *handle {
	h := &handle{
		c: c, hash: hash, name: hex.EncodeToString(hash[:]), spec: spec,
		limits: spec.Limits, paused: spec.Paused, ready: make(chan struct{}),
		collector: newCollector(),
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
	opts := torrent.AddTorrentOpts{InfoHash: h.hash, DeferStorageOpen: true}
	m, adopt := h.meta.Load(), h.mayAdopt()
	if m != nil && !adopt {
		opts.InfoBytes = m.Bytes
	}
	lt, _ := h.c.lib.AddTorrentOpt(opts)
	lt.SetOnWriteChunkError(h.writeFailed)
	h.lib.Store(lt)
	h.c.conns.joined(h)
	switch {
	case m == nil:
		h.wg.Go(func() { h.awaitInfo(lt) })
	case adopt:
		h.wg.Go(func() { h.adoptAndOpen(lt) })
	case !h.openStorage(lt):
		return
	}
	h.announce()
}

// openStorage lets the library use the data and fetch what is missing. It reports false, leaves and sets Err when the
// library refuses.
func (h *handle) openStorage(lt *torrent.Torrent) bool {
	if !h.mayFetch() {
		lt.DisallowDataDownload()
	}
	if err := lt.OpenStorage(h.ctx, torrentStorage{h, h.data.Load(), h.finished(lt)}); err != nil {
		h.leave()
		h.settle(refused("the torrent library does not take it: %v", err))
		return false
	}
	lt.DownloadAll()
	h.addWebSeeds(lt)
	h.settle(nil)
	h.wants.forget()
	h.relevel()
	return true
}

// finished gives a function to call for each piece that is found to be right; when that was the last one, it tells the
// trackers once, and that a download is complete only if there was one (BEP 3).
func (h *handle) finished(lt *torrent.Torrent) func() {
	var told atomic.Bool
	told.Store(h.complete())
	return func() {
		if !h.complete() || told.Swap(true) {
			return
		}
		web := h.web.Load()
		if stats := lt.Stats(); stats.BytesReadUsefulData.Int64() == 0 {
			// It was here and only had to be hashed: nothing was downloaded, but we are a seed now.
			h.c.ann.Now(h.hash)
			if web != nil {
				web.Announce()
			}
			return
		}
		h.c.ann.Complete(h.hash)
		if web != nil {
			web.Completed()
		}
	}
}

// leave quits the swarm; trackers are told in the background.
func (h *handle) leave() {
	lt := h.lib.Swap(nil)
	if lt == nil {
		return
	}
	h.traffic.keep(lt)
	h.unannounce()
	lt.Drop()
	h.c.conns.left(h)
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

// damaged tells the library, if it knows the torrent now, that pieces are not complete any more.
func (h *handle) damaged(pieces []int) {
	h.life.Lock()
	defer h.life.Unlock()
	if lt := h.lib.Load(); lt != nil && lt.Info() != nil {
		for _, p := range pieces {
			lt.Piece(p).UpdateCompletion()
		}
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
