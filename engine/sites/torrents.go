package sites

import (
	"runtime"
	"slices"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// torrents carries out what sites want of torrents: each is added to the swarm, configured, dropped and deleted. That
// takes time, so it is done by tasks, one at a time per torrent. When a task has ended, reconcile starts what is wanted
// by then.
type torrents struct {
	cfg          *Config
	owner        *owner
	journal      *journal
	own          *publications
	descriptions *descriptions

	byHash    map[string]*torrent // by infohash
	pollQueue *pollQueue
	// addHints passes trackers, web seeds and peers of a site to a torrent in its swarm.
	addHints func(t *torrent, s *site)
	// allPaused reports whether a schedule pauses all torrents.
	allPaused bool
	// onDeleted is called for each torrent whose data has been deleted.
	onDeleted func(infohash string)
	// allowed is the set of torrents that the homes' tracker accepts, and isTakenOff reports whether a site has been
	// taken off all of its homes.
	allowed    *allowList
	isTakenOff func(host string) bool
	// onLeaving is called for each torrent that is about to leave its swarm.
	onLeaving func(*torrent)
	// slots limits how many tasks run at the same time.
	slots chan struct{}
	// waiting counts tasks that wait for a slot.
	waiting atomic.Int64
	// working counts torrents with a task; the onIdle functions are called when it becomes zero.
	working int
	onIdle  []func()
}

func newTorrents(cfg *Config, o *owner, j *journal, own *publications, told *descriptions) *torrents {
	return &torrents{
		cfg: cfg, owner: o, journal: j, own: own, descriptions: told,
		allowed: &allowList{}, byHash: map[string]*torrent{}, pollQueue: newPollQueue(),
		slots: make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
	}
}

// getOrCreate returns the torrent of an infohash. It makes one if there is none.
func (ts *torrents) getOrCreate(infohash string) *torrent {
	t := ts.byHash[infohash]
	if t == nil {
		t = &torrent{infohash: infohash, users: map[*site]struct{}{}, formerUsers: map[*site]struct{}{}}
		ts.byHash[infohash] = t
		ts.pollQueue.add(t)
	}
	return t
}

// reconcile starts the next task that the torrent needs. If one is already running, reconcile is called again when that
// has ended.
func (ts *torrents) reconcile(t *torrent) {
	ts.allowed.set(t.infohash, ts.isTracked(t)) // The tracker must accept the torrent before it is announced.
	switch wanted := len(t.users) > 0; {
	case t.working || ts.owner.ctx.Err() != nil:
	case wanted && t.joined == nil:
		if t.addErr == nil && t.isSaved() {
			ts.joinSwarm(t)
		}
	case wanted && t.mustRejoin:
		t.mustRejoin = false
		ts.leaveSwarm(t)
	case wanted && (t.paused != ts.isPaused(t) || t.limits != ts.limitsOf(t) || !slices.Equal(t.labels, t.allLabels()) ||
		t.tracked != ts.isTracked(t)):
		ts.applySettings(t)
	case wanted:
	case t.joined != nil:
		ts.leaveSwarm(t)
	case t.unwanted:
		ts.deleteData(t)
	default:
		delete(ts.byHash, t.infohash)
		ts.pollQueue.remove(t)
	}
}

// reconcileAll reconciles every torrent.
func (ts *torrents) reconcileAll() {
	for _, t := range ts.byHash {
		ts.reconcile(t)
	}
}

// isPaused reports whether the torrent must not be in its swarm.
func (ts *torrents) isPaused(t *torrent) bool { return ts.allPaused || t.isPaused() }

// runTask runs work on a goroutine of its own and then report on the owner's. No other task works on the torrent
// meanwhile.
func (ts *torrents) runTask(t *torrent, work, report func()) {
	ts.beginWork(t)
	ts.runOutside(t, work, report)
}

func (ts *torrents) beginWork(t *torrent) {
	t.working = true
	ts.working++
}

func (ts *torrents) runOutside(t *torrent, work, report func()) {
	ts.owner.startTask(func() {
		ts.waiting.Add(1)
		ts.slots <- struct{}{}
		ts.waiting.Add(-1)
		defer func() { <-ts.slots }()
		work()
	}, func() {
		report()
		ts.endWork(t)
	})
}

// endWork ends a task of the torrent: pending claims are retried, and what is wanted by now is started.
func (ts *torrents) endWork(t *torrent) {
	t.working = false
	ts.working--
	t.retryClaims()
	ts.reconcile(t)
	if ts.working == 0 {
		rest := ts.onIdle
		ts.onIdle = nil
		for _, f := range rest {
			f()
		}
	}
}

// whenIdle calls f as soon as no torrent has a task.
func (ts *torrents) whenIdle(f func()) {
	if ts.working == 0 {
		f()
		return
	}
	ts.onIdle = append(ts.onIdle, f)
}

// joinSwarm adds the torrent to the swarm.
func (ts *torrents) joinSwarm(t *torrent) {
	spec := ts.spec(t)
	var joined swarm.Torrent
	var check store.DataCheck
	var err error
	ts.runTask(t, func() {
		if spec.Info, err = ts.cfg.Store.Info(t.infohash); err != nil {
			return
		}
		if check, err = ts.cfg.Store.DataCheck(t.infohash); err == nil {
			joined, err = ts.cfg.Swarm.Add(spec)
		}
	}, func() {
		if t.scrub.check.Infohash == "" { // otherwise the one in memory is newer
			t.scrub.check = check
		}
		t.joined, t.addErr, t.paused, t.limits, t.labels = joined, err, spec.Paused, spec.Limits, spec.Labels
		t.tracked = spec.Tracked
		t.hadInfo, t.infoSaved = spec.Info != nil, spec.Info != nil
		t.leftSwarm = make(chan struct{})
		ts.pollQueue.markActive(t)
		hinters := t.pendingHints
		t.pendingHints = nil
		for _, s := range hinters {
			if joined != nil {
				ts.addHints(t, s)
			}
		}
		switch {
		case err != nil:
			ts.descriptions.setRefused(t, err)
		case isInfoSettled(joined): // the usual case at start: there is nothing to wait for
			ts.descriptions.describeAll(t)
		default:
			ts.descriptions.awaitReady(t)
		}
	})
}

// spec returns how the torrent is to be joined, for all sites that use it.
func (ts *torrents) spec(t *torrent) swarm.Spec {
	spec := swarm.Spec{
		OnChange: func() { ts.pollQueue.markActive(t) },
		Infohash: t.infohash,
		Limits:   ts.limitsOf(t),
		Verify:   ts.cfg.Unclean,
		Paused:   ts.isPaused(t),
		Tracked:  ts.isTracked(t),
		Labels:   t.allLabels(),
		Similar:  t.similar,
	}
	for s := range t.users {
		spec.Trackers = union(union(spec.Trackers, s.row.Trackers), s.row.HintTrackers)
		spec.WebSeeds = union(union(spec.WebSeeds, s.row.WebSeeds), s.row.HintWebSeeds)
		if place := ts.own.inPlace(s.row.Host, t.infohash); place != nil {
			spec.InPlace = place
		}
	}
	return spec
}

// leaveSwarm takes the torrent out of its swarm. Whoever uses it from now on starts anew.
func (ts *torrents) leaveSwarm(t *torrent) {
	joined, discard, counted, formerUsers := t.joined, t.discard, t.transferred(), t.formerUsers
	for s := range t.users {
		s.countTransferred()
		s.counted[t] = transferred{}
		formerUsers[s] = struct{}{}
	}
	for s := range t.formerUsers {
		if _, again := t.users[s]; !again {
			delete(s.counted, t)
		}
	}
	ts.onLeaving(t)
	close(t.leftSwarm)
	t.reset()
	var final swarm.Stats
	ts.runTask(t, func() {
		if discard {
			joined.Discard()
		} else {
			joined.Drop()
		}
		final = joined.Stats()
	}, func() {
		for s := range formerUsers {
			if !s.deleted {
				s.row.Downloaded += max(0, final.Downloaded-counted.down)
				s.row.Uploaded += max(0, final.Uploaded-counted.up)
				ts.journal.markDirty(s)
			}
		}
		ts.descriptions.events.changed = true
	})
}

// deleteData deletes the torrent's record and files.
func (ts *torrents) deleteData(t *torrent) {
	ts.beginWork(t)
	ts.owner.pendingReports++ // until the record is gone
	ts.journal.enqueue(storeChange{
		apply: func(tx *store.Tx) error { return tx.DeleteTorrent(t.infohash) },
		done: func(error) { // An error is logged. Pieces that are not on disk are not trusted.
			ts.owner.pendingReports--
			if !t.unwanted { // A site uses it again.
				ts.endWork(t)
				return
			}
			var err error
			ts.runOutside(t, func() { err = ts.cfg.Swarm.Delete(t.infohash) }, func() {
				t.unwanted = false
				if err == nil {
					ts.onDeleted(t.infohash)
				} else {
					ts.cfg.Logger.Warn("sites: delete a torrent's files", "infohash", t.infohash, "err", err)
				}
			})
		},
	})
}

// union appends the elements of more that have does not contain yet.
func union(have, more []string) []string {
	for _, h := range more {
		if !slices.Contains(have, h) {
			have = append(have, h)
		}
	}
	return have
}

// retry tries again to add a torrent that could not be added.
func (ts *torrents) retry(t *torrent) {
	if t.addErr != nil {
		t.addErr = nil
		ts.reconcile(t)
	}
}

// isDiskFull reports whether a torrent is stopped by a full disk.
func (ts *torrents) isDiskFull() bool {
	for _, t := range ts.byHash {
		if swarm.IsFull(t.stats.Fault) {
			return true
		}
	}
	return false
}

// rejoin makes the torrent leave its swarm and join it again.
func (ts *torrents) rejoin(infohash string) {
	if t := ts.byHash[infohash]; t != nil {
		t.mustRejoin = true
		ts.reconcile(t)
	}
}

// claim calls got with the torrent if no site has any data of it; no task works on it until endWork is called. It calls
// got with nil if a site has data. got is called as soon as it is known how much data is here, which takes a while
// after a start. A torrent that was published here and has lost data since is claimed as well, after it has left its
// swarm.
func (ts *torrents) claim(infohash string, got func(*torrent)) {
	t := ts.getOrCreate(infohash)
	if len(t.users) == 0 {
		ts.reconcile(t)
	}
	switch t = ts.getOrCreate(infohash); {
	case t.working:
		ts.claimAgainLater(t, got)
	case ts.hasLostData(t):
		ts.leaveSwarm(t)
		t.leftForClaim = true
		ts.claimAgainLater(t, got)
	case t.leftForClaim:
		t.leftForClaim = false
		ts.beginWork(t)
		got(t)
	case t.isDataUnknown():
		ts.claimAgainLater(t, got)
	case len(t.users) > 0 && engine.KindOf(t.refusal()) != engine.TooLarge: // too large ones have no data here
		got(nil)
	default:
		ts.beginWork(t)
		got(t)
	}
}

// claimAgainLater claims the torrent again when it has new statistics, or when no task works on it any more.
func (ts *torrents) claimAgainLater(t *torrent, got func(*torrent)) {
	t.claims = append(t.claims, func() { ts.claim(t.infohash, got) })
	ts.pollQueue.markActive(t)
}

// hasLostData reports whether a torrent was published here and complete once, and is not complete any more.
func (ts *torrents) hasLostData(t *torrent) bool {
	if t.joined == nil || !t.ready || t.complete || t.stats.Checking || t.scrub.check.Infohash == "" {
		return false
	}
	for s := range t.users {
		if ts.own.isOwn(s) && ts.own.inPlace(s.row.Host, t.infohash) == nil {
			return true
		}
	}
	return false
}
