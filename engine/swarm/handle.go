package swarm

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/copies"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/serial"
)

// handle is one added torrent. It creates and ends its parts in order. Its content outlives its time in the swarm, so
// that a paused torrent is still served.
type handle struct {
	readiness
	*content
	*presence
	*reading
	*discovery
	*verification

	client     *Client
	name       string // the infohash in hex
	faults     *faults
	connShare  *connShare
	rateLimits *torrentLimits

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	copies *copies.Counter

	changes serial.Queue // for change alone
	life    lifecycle    // for change alone
}

var _ Torrent = (*handle)(nil)

func newHandle(c *Client, hash infohash, spec Spec) *handle {
	h := &handle{
		client: c, name: hex.EncodeToString(hash[:]),
		readiness: readiness{ready: make(chan struct{})}, content: &content{}, presence: &presence{},
		copies: &copies.Counter{Changed: spec.OnChange},
	}
	h.life = lifecycle{handle: h, spec: spec, limits: spec.Limits, paused: spec.Paused}
	h.faults = &faults{content: h.content, guard: c.guard, inPlace: spec.InPlace != nil}
	h.reading = newReading(h)
	h.discovery = &discovery{
		hash: hash, finders: &c.finders, content: h.content, presence: h.presence, trackers: spec.Trackers,
		tracked: spec.Tracked,
		copies:  h.copies,
	}
	h.rateLimits = newTorrentLimits(c.rates, spec.Labels)
	h.connShare = &connShare{budget: c.budget, content: h.content, presence: h.presence}
	h.life.reuse = &pieceReuse{
		hash: hash, name: h.name, similar: spec.Similar, content: h.content, torrents: c.torrents, guard: c.guard, log: c.log,
	}
	h.life.webSeeds = webSeeds{
		urls: spec.WebSeeds, content: h.content, faults: &h.webSeedErrors, transport: c.webSeedTransport, log: c.log,
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.verification = &verification{content: h.content, presence: h.presence, ctx: h.ctx}
	return h
}

// change runs f when all earlier changes are done, and returns when f is. Callbacks of the swarm must not call it: a
// change may be waiting for the swarm to close.
func (h *handle) change(f func(*lifecycle)) { h.changes.Run(func() { f(&h.life) }) }

// start does for a new torrent what needs no network, and joins its swarm unless it is paused.
func (h *handle) start() { h.change((*lifecycle).start) }

// missingReason returns why missing bytes will not arrive. err is the error of reading them.
func (h *handle) missingReason(err error) error {
	var paused, dropped bool
	h.change(func(l *lifecycle) { paused, dropped = l.paused, l.dropped })
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
		s.Checking = p.Unchecked > 0 || h.running.Load() > 0
	}
	others := h.copies.Count(time.Now())
	s.Copies, s.WebCopies, s.Proven, s.Tracked = others.Copies, others.WebCopies, others.Proven, others.Tracked
	s.Fault, s.MirrorFault = h.faults.current(), h.webSeedErrors.message()
	return s
}

// SetPaused implements Torrent.
func (h *handle) SetPaused(paused bool) {
	h.change(func(l *lifecycle) { l.setPaused(paused) })
}

// Announce implements Torrent.
func (h *handle) Announce() {
	h.change(func(*lifecycle) {
		if h.swarm.Load() != nil {
			h.announceNow()
		}
	})
}

// AddSources implements Torrent. All sources are foreign, like those of Spec.
func (h *handle) AddSources(trackers, webSeeds, named []string) {
	h.change(func(l *lifecycle) { l.addSources(trackers, webSeeds, named) })
}

// SetTracked implements Torrent.
func (h *handle) SetTracked(tracked bool) {
	h.change(func(l *lifecycle) {
		if h.setTracked(tracked) && !l.dropped && h.finders.own != nil && h.swarm.Load() != nil {
			h.updateTrackers()
		}
	})
}

// Drop implements Torrent.
func (h *handle) Drop() { h.close((*disk.Torrent).Close) }

// Discard implements Torrent.
func (h *handle) Discard() { h.close((*disk.Torrent).Discard) }

// close leaves the swarm and closes the data with closeData.
func (h *handle) close(closeData func(*disk.Torrent)) {
	closed := false
	h.change(func(l *lifecycle) { closed = l.close(closeData) })
	if closed {
		h.wg.Wait()
		h.client.torrents.remove(h)
	}
}

var errDropped = opError("torrent", engine.NotFound, "the torrent was removed", errors.New("dropped"))
