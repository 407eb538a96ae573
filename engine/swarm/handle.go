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

	// life is held while the torrent joins or leaves its swarm, opens its data, or ends. Callbacks of the swarm must
	// not lock it: the goroutine that holds it may be waiting for the swarm to close.
	life        sync.Mutex
	spec        Spec
	limits      SiteLimits
	paused      bool
	dropped     bool
	pendingInfo []byte // the info dictionary of a torrent that is over a limit, or whose data cannot be opened now
	reuse       *pieceReuse
	webSeeds    webSeeds
	pausedCheck pausedCheck
	copies      *copies.Counter
}

var _ Torrent = (*handle)(nil)

func newHandle(c *Client, hash infohash, spec Spec) *handle {
	h := &handle{
		client: c, name: hex.EncodeToString(hash[:]), spec: spec, limits: spec.Limits, paused: spec.Paused,
		readiness: readiness{ready: make(chan struct{})}, content: &content{}, presence: &presence{},
		copies: &copies.Counter{Changed: spec.OnChange},
	}
	h.faults = &faults{content: h.content, guard: c.guard, inPlace: spec.InPlace != nil}
	h.reading = newReading(h)
	h.discovery = &discovery{
		hash: hash, finders: &c.finders, content: h.content, presence: h.presence, trackers: spec.Trackers,
		tracked: spec.Tracked,
		copies:  h.copies,
	}
	h.rateLimits = newTorrentLimits(c.rates, spec.Labels)
	h.connShare = &connShare{budget: c.budget, content: h.content, presence: h.presence}
	h.reuse = &pieceReuse{
		hash: hash, name: h.name, similar: spec.Similar, content: h.content, torrents: c.torrents, guard: c.guard, log: c.log,
	}
	h.webSeeds = webSeeds{
		urls: spec.WebSeeds, content: h.content, faults: &h.webSeedErrors, transport: c.webSeedTransport, log: c.log,
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.verification = &verification{content: h.content, presence: h.presence, ctx: h.ctx}
	return h
}

// start does for a new torrent what needs no network, and joins its swarm unless it is paused.
func (h *handle) start() {
	h.life.Lock()
	defer h.life.Unlock()
	info := h.spec.Info
	h.spec.Info = nil // meta holds it from here on
	if h.dropped || info != nil && !h.loadInfo(info) {
		return
	}
	if !h.paused {
		h.joinSwarm()
	} else if h.meta.Load() != nil {
		h.decide(nil)
		h.checkWhilePaused()
	}
}

// joinSwarm joins the swarm.
func (h *handle) joinSwarm() {
	h.pausedCheck.cancel()
	peers := torrent.New(h.client.torrentConfig(h))
	h.setSwarm(peers)
	h.client.budget.addShare(h.connShare)
	if h.meta.Load() != nil { // Otherwise a peer sends it.
		h.reuseAndOpen(peers)
	}
	h.startAnnouncing()
}

// reuseAndOpen opens the content in the swarm after pieces of similar torrents have been copied, unless the torrent
// has left the swarm meanwhile.
func (h *handle) reuseAndOpen(peers *torrent.Torrent) {
	if !h.reuse.isDue() {
		h.openContent(peers)
		return
	}
	h.wg.Go(func() {
		done := h.reuse.copyPieces(peers.Done(), h.ctx.Done())
		h.life.Lock()
		defer h.life.Unlock()
		if h.swarm.Load() == peers {
			h.reuse.done = h.reuse.done || done
			h.openContent(peers)
		}
	})
}

// openContent starts serving what is here and fetching what is missing.
func (h *handle) openContent(peers *torrent.Torrent) {
	m := h.meta.Load()
	peers.AllowFetch(h.faults.allowsFetch())
	peers.Open(torrent.Content{
		Info: m.Bytes, Layout: m.wireLayout(),
		VerifyHash: func(piece int, sum [20]byte) bool { return m.isPieceHash(sum, piece) },
		Data:       h.data.Load(), Private: m.Private,
	})
	h.webSeeds.connect(peers)
	h.decide(nil)
	h.updateWants()
}

// leaveSwarm leaves the swarm. Trackers are told in the background.
func (h *handle) leaveSwarm() {
	peers := h.swarm.Swap(nil)
	if peers == nil {
		return
	}
	h.discovery.stopAnnouncing()
	peers.Close()
	h.traffic.stop()
	h.client.budget.removeShare(h.connShare)
	h.wants.wakeAll()
}

// checkWhilePaused hashes the unverified pieces of a torrent that is not in its swarm.
func (h *handle) checkWhilePaused() {
	h.pausedCheck.start(h.ctx, &h.wg, h.content, h.client.checkSlots)
}

// missingReason returns why missing bytes will not arrive. err is the error of reading them.
func (h *handle) missingReason(err error) error {
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
		s.Checking = p.Unchecked > 0 || h.running.Load() > 0
	}
	others := h.copies.Count(time.Now())
	s.Copies, s.WebCopies, s.Proven, s.Tracked = others.Copies, others.WebCopies, others.Proven, others.Tracked
	s.Fault, s.MirrorFault = h.faults.current(), h.webSeedErrors.message()
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
		h.leaveSwarm()
		h.checkWhilePaused()
	case h.pendingInfo == nil && h.Err() == nil:
		h.joinSwarm()
	}
}

// Announce implements Torrent.
func (h *handle) Announce() {
	h.life.Lock()
	defer h.life.Unlock()
	if h.swarm.Load() != nil {
		h.announceNow()
	}
}

// AddSources implements Torrent. All sources are foreign, like those of Spec.
func (h *handle) AddSources(trackers, webSeeds, named []string) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.dropped {
		return
	}
	if len(named) > 0 {
		h.wg.Go(func() { h.addPeers(netip.Addr{}, h.finders.names.resolve(h.ctx, netip.Addr{}, named), dial.Given) })
	}
	newTrackers := h.addTrackers(trackers)
	newWebSeeds := h.webSeeds.add(webSeeds)
	peers := h.swarm.Load()
	if peers == nil {
		return // joinSwarm uses them
	}
	if newTrackers {
		h.updateTrackers()
	}
	if h.isReady() && newWebSeeds {
		h.webSeeds.connect(peers)
	}
}

// SetTracked implements Torrent.
func (h *handle) SetTracked(tracked bool) {
	h.life.Lock()
	defer h.life.Unlock()
	if h.setTracked(tracked) && !h.dropped && h.finders.own != nil && h.swarm.Load() != nil {
		h.updateTrackers()
	}
}

// Drop implements Torrent.
func (h *handle) Drop() { h.close((*disk.Torrent).Close) }

// Discard implements Torrent.
func (h *handle) Discard() { h.close((*disk.Torrent).Discard) }

// close leaves the swarm and closes the data with closeData.
func (h *handle) close(closeData func(*disk.Torrent)) {
	h.life.Lock()
	if h.dropped {
		h.life.Unlock()
		return
	}
	h.dropped = true
	h.cancel()
	h.leaveSwarm()
	if data := h.data.Load(); data != nil {
		closeData(data)
	}
	if !h.isReady() {
		h.decide(errDropped)
	}
	h.life.Unlock()
	h.wg.Wait()
	h.client.torrents.remove(h)
}

var errDropped = opError("torrent", engine.NotFound, "the torrent was removed", errors.New("dropped"))
