package swarm

import (
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/copies"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/torrent"
)

// handle is one torrent that was added: the order in which its parts come to life and end. Its data and what is known of
// it outlive its times in its swarm, so that a paused torrent is still served.
type handle struct {
	readiness
	*content
	*presence
	*reading
	*discovery
	*verification

	c      *Client
	name   string // the infohash in hex
	faults *faults
	stake  *stake
	bounds *bounds

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	// life is held while the torrent joins, leaves, opens its data or ends. What peers calls back must not take it:
	// whoever holds it may be waiting for peers to end.
	life     sync.Mutex
	spec     Spec
	limits   SiteLimits
	paused   bool
	dropped  bool
	raw      []byte // the info dictionary of a torrent that is too large, or whose data cannot be opened now
	adoption *adoption
	webSeeds webSeeds
	alone    loneCheck
	copies   *copies.Counter
}

var _ Torrent = (*handle)(nil)

func newHandle(c *Client, hash infohash, spec Spec) *handle {
	h := &handle{
		c: c, name: hex.EncodeToString(hash[:]), spec: spec, limits: spec.Limits, paused: spec.Paused,
		readiness: readiness{ready: make(chan struct{})}, content: &content{}, presence: &presence{},
		copies: &copies.Counter{Changed: spec.Stirred},
	}
	h.faults = &faults{content: h.content, guard: c.guard, inPlace: spec.InPlace != nil}
	h.reading = newReading(h)
	h.discovery = &discovery{
		hash: hash, by: &c.finders, content: h.content, presence: h.presence, trackers: spec.Trackers, tracked: spec.Tracked,
		copies: h.copies,
	}
	h.bounds = newBounds(c.rates, spec.Labels)
	h.stake = &stake{budget: c.budget, content: h.content, presence: h.presence}
	h.adoption = &adoption{
		hash: hash, name: h.name, like: spec.Like, content: h.content, others: c.torrents, guard: c.guard, log: c.log,
	}
	h.webSeeds = webSeeds{
		urls: spec.WebSeeds, content: h.content, faults: &h.mirrorFaults, transport: c.mirrors, log: c.log,
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.verification = &verification{content: h.content, presence: h.presence, ctx: h.ctx}
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
	h.alone.end()
	peers := torrent.New(h.c.swarmConfig(h))
	h.enter(peers)
	h.c.budget.join(h.stake)
	if h.meta.Load() != nil { // Otherwise a peer tells it.
		h.adoptAndOpen(peers)
	}
	h.begin()
}

// adoptAndOpen goes on with the swarm when what is here already has been taken, unless the torrent has left meanwhile.
func (h *handle) adoptAndOpen(peers *torrent.Torrent) {
	if !h.adoption.isDue() {
		h.openContent(peers)
		return
	}
	h.wg.Go(func() {
		done := h.adoption.take(peers.Done(), h.ctx.Done())
		h.life.Lock()
		defer h.life.Unlock()
		if h.peers.Load() == peers {
			h.adoption.done = h.adoption.done || done
			h.openContent(peers)
		}
	})
}

// openContent begins to serve what is here and to fetch what is missing.
func (h *handle) openContent(peers *torrent.Torrent) {
	m := h.meta.Load()
	peers.AllowFetch(h.faults.mayFetch())
	peers.Open(torrent.Content{
		Info: m.Bytes, Layout: m.pieces(),
		VerifyHash: func(piece int, sum [20]byte) bool { return m.isPieceHash(sum, piece) },
		Data:       h.data.Load(), Private: m.Private,
	})
	h.webSeeds.join(peers)
	h.settle(nil)
	h.tellWants()
}

// leave quits the swarm; trackers are told in the background.
func (h *handle) leave() {
	peers := h.peers.Swap(nil)
	if peers == nil {
		return
	}
	h.discovery.end()
	peers.Close()
	h.traffic.end()
	h.c.budget.leave(h.stake)
	h.wants.wake()
}

// checkAlone hashes what nobody has verified, of a torrent that is not in its swarm.
func (h *handle) checkAlone() { h.alone.begin(h.ctx, &h.wg, h.content, h.c.checking) }

// whyMissing says why bytes that are not here will not come.
func (h *handle) whyMissing(err error) error {
	h.life.Lock()
	paused, dropped := h.paused, h.dropped
	h.life.Unlock()
	switch fault := h.faults.current(); {
	case dropped:
		return errDropped
	case paused:
		return opError("read", engine.Unavailable, "this part of the site is not here, and the site is paused: "+
			"resume it, or wait for the end of the schedule that has all sites paused", err)
	case fault != nil:
		return fault
	}
	return opError("read", engine.Unavailable, "this part of the site cannot be read now: try again", err)
}

// Infohash implements Torrent.
func (h *handle) Infohash() string { return h.name }

// Stats implements Torrent.
func (h *handle) Stats() Stats {
	now := h.swarmStats()
	all := h.traffic.sum()
	s := Stats{
		Peers: now.Peers, Seeds: now.Seeds, WebPeers: now.Web, Known: now.Known, Downloaded: all.down, Uploaded: all.up,
	}
	if data := h.data.Load(); data != nil {
		p := data.Progress()
		s.Completed, s.Kept = p.Completed, p.Kept
		s.Checking = p.Unchecked > 0 || h.underWay.Load() > 0
	}
	others := h.copies.Count(time.Now())
	s.Copies, s.WebCopies, s.Proven, s.Tracked = others.Copies, others.WebCopies, others.Proven, others.Tracked
	s.Fault, s.MirrorFault = h.faults.current(), h.mirrorFaults.say()
	return s
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

// Announce implements Torrent.
func (h *handle) Announce() {
	h.life.Lock()
	defer h.life.Unlock()
	if h.peers.Load() != nil {
		h.again()
	}
}

// Hint implements Torrent. What is named here is foreign like Spec's own.
func (h *handle) Hint(trackers, webSeeds, named []string) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.dropped {
		return
	}
	if len(named) > 0 {
		h.wg.Go(func() { h.addPeers(netip.Addr{}, h.by.names.addresses(h.ctx, netip.Addr{}, named), dial.Given) })
	}
	news := h.nameTrackers(trackers)
	more := h.webSeeds.add(webSeeds)
	peers := h.peers.Load()
	if peers == nil {
		return // join uses them
	}
	if news {
		h.update()
	}
	if h.isReady() && more {
		h.webSeeds.join(peers)
	}
}

// SetTracked implements Torrent.
func (h *handle) SetTracked(tracked bool) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.track(tracked) && !h.dropped && h.by.own != nil && h.peers.Load() != nil {
		h.update()
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
	h.c.torrents.forget(h)
}

var errDropped = opError("torrent", engine.NotFound, "the torrent was removed", errors.New("dropped"))
