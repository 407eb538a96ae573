package swarm

import (
	"net/netip"

	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/torrent"
)

// lifecycle makes a torrent join and leave its swarm, open its data, and end. Only functions that are passed to
// handle.change use it, one at a time.
type lifecycle struct {
	*handle

	spec        Spec
	limits      SiteLimits
	paused      bool
	dropped     bool
	pendingInfo []byte // the info dictionary of a torrent that is over a limit, or whose data cannot be opened now
	reuse       *pieceReuse
	reused      bool // the pieces of similar torrents have been copied
	webSeeds    webSeeds
	pausedCheck pausedCheck
}

// start does for a new torrent what needs no network, and joins its swarm unless it is paused.
func (l *lifecycle) start() {
	info := l.spec.Info
	l.spec.Info = nil // meta holds it from here on
	if l.dropped || info != nil && !l.loadInfo(info) {
		return
	}
	if !l.paused {
		l.joinSwarm()
	} else if l.meta.Load() != nil {
		l.decide(nil)
		l.checkWhilePaused()
	}
}

// joinSwarm joins the swarm.
func (l *lifecycle) joinSwarm() {
	l.pausedCheck.cancel()
	peers := torrent.New(l.client.torrentConfig(l.handle))
	l.setSwarm(peers)
	l.client.budget.addShare(l.connShare)
	if l.meta.Load() != nil { // Otherwise a peer sends it.
		l.reuseAndOpen(peers)
	}
	l.startAnnouncing()
}

// reuseAndOpen opens the content in the swarm after pieces of similar torrents have been copied, unless the torrent
// has left the swarm meanwhile.
func (l *lifecycle) reuseAndOpen(peers *torrent.Torrent) {
	if l.reused || !l.reuse.isDue() {
		l.openContent(peers)
		return
	}
	h, reuse := l.handle, l.reuse
	h.wg.Go(func() {
		done := reuse.copyPieces(peers.Done(), h.ctx.Done())
		h.change(func(l *lifecycle) {
			if l.swarm.Load() == peers {
				l.reused = l.reused || done
				l.openContent(peers)
			}
		})
	})
}

// openContent starts serving what is here and fetching what is missing.
func (l *lifecycle) openContent(peers *torrent.Torrent) {
	m := l.meta.Load()
	peers.AllowFetch(l.faults.allowsFetch())
	peers.Open(torrent.Content{
		Info: m.Bytes, Layout: m.wireLayout(),
		VerifyHash: func(piece int, sum [20]byte) bool { return m.isPieceHash(sum, piece) },
		Data:       l.data.Load(), Private: m.Private,
	})
	l.webSeeds.connect(peers)
	l.decide(nil)
	l.updateWants()
}

// leaveSwarm leaves the swarm. Trackers are told in the background.
func (l *lifecycle) leaveSwarm() {
	peers := l.swarm.Swap(nil)
	if peers == nil {
		return
	}
	l.discovery.stopAnnouncing()
	peers.Close()
	l.traffic.stop()
	l.client.budget.removeShare(l.connShare)
	l.wants.wakeAll()
}

// checkWhilePaused hashes the unverified pieces of a torrent that is not in its swarm.
func (l *lifecycle) checkWhilePaused() {
	l.pausedCheck.start(l.ctx, &l.wg, l.content, l.client.checkSlots)
}

func (l *lifecycle) setPaused(paused bool) {
	if l.dropped || paused == l.paused {
		return
	}
	l.paused = paused
	switch {
	case paused:
		l.leaveSwarm()
		l.checkWhilePaused()
	case l.pendingInfo == nil && l.Err() == nil:
		l.joinSwarm()
	}
}

func (l *lifecycle) addSources(trackers, webSeeds, named []string) {
	if l.dropped {
		return
	}
	if h := l.handle; len(named) > 0 {
		h.wg.Go(func() { h.addPeers(netip.Addr{}, h.finders.names.resolve(h.ctx, netip.Addr{}, named), dial.Given) })
	}
	newTrackers := l.addTrackers(trackers)
	newWebSeeds := l.webSeeds.add(webSeeds)
	peers := l.swarm.Load()
	if peers == nil {
		return // joinSwarm uses them
	}
	if newTrackers {
		l.updateTrackers()
	}
	if l.isReady() && newWebSeeds {
		l.webSeeds.connect(peers)
	}
}

// close leaves the swarm and closes the data with closeData. It reports false if the torrent was dropped before.
func (l *lifecycle) close(closeData func(*disk.Torrent)) bool {
	if l.dropped {
		return false
	}
	l.dropped = true
	l.cancel()
	l.leaveSwarm()
	if data := l.data.Load(); data != nil {
		closeData(data)
	}
	if !l.isReady() {
		l.decide(errDropped)
	}
	return true
}
