package sites

import (
	"runtime"
	"slices"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// torrents does with torrents what sites want of them: each is added to the swarm, adjusted, dropped and deleted. All
// of that takes its time, so it is done by tasks, one at a time for each torrent; when one has ended, settle looks
// what is wanted by then.
type torrents struct {
	cfg          *Config
	owner        *owner
	journal      *journal
	own          *publications
	descriptions *descriptions

	byHash    map[string]*torrent // by infohash
	pollQueue *pollQueue
	// hint tells a torrent in its swarm what a site has named.
	addHints func(t *torrent, s *site)
	// allPaused says that a schedule keeps all of them out of their swarms.
	allPaused bool
	// deleted is told of each whose data is gone.
	onDeleted func(infohash string)
	// allowed has those that the tracker of the homes is for, and isTakenOff knows which sites it is not for.
	allowed    *allowList
	isTakenOff func(host string) bool
	// leaving is told of each that is about to leave its swarm.
	onLeaving func(*torrent)
	// slots bounds how many torrents are worked on at a time.
	slots chan struct{}
	// waiting counts those that are to be worked on and have no slot yet.
	waiting atomic.Int64
	// working counts those that are worked on; rest is called when that is none.
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

// entry gives what is known of a torrent, which may be nothing yet.
func (ts *torrents) getOrCreate(infohash string) *torrent {
	t := ts.byHash[infohash]
	if t == nil {
		t = &torrent{infohash: infohash, users: map[*site]struct{}{}, formerUsers: map[*site]struct{}{}}
		ts.byHash[infohash] = t
		ts.pollQueue.add(t)
	}
	return t
}

// settle begins the next thing that a torrent needs, unless something is being done with it already: what is wanted
// then is looked at again when that has ended.
func (ts *torrents) reconcile(t *torrent) {
	ts.allowed.set(t.infohash, ts.isTracked(t)) // The tracker knows before the torrent is announced to it.
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

// reconcileAll begins what any of them needs.
func (ts *torrents) reconcileAll() {
	for _, t := range ts.byHash {
		ts.reconcile(t)
	}
}

// isPaused says that the torrent is not to be in its swarm.
func (ts *torrents) isPaused(t *torrent) bool { return ts.allPaused || t.isPaused() }

// work does something with a torrent outside, and then report; nothing else is done with it meanwhile.
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

// end says that something has been done with the torrent. Whoever claims it has it next.
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

// whenIdle calls f as soon as no torrent is worked on.
func (ts *torrents) whenIdle(f func()) {
	if ts.working == 0 {
		f()
		return
	}
	ts.onIdle = append(ts.onIdle, f)
}

// join adds the torrent to the swarm.
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
		if t.scrub.check.Infohash == "" { // otherwise it is newer than what was read
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
		case isInfoSettled(joined): // the usual case at start: nobody has to wait for it
			ts.descriptions.describeAll(t)
		default:
			ts.descriptions.awaitReady(t)
		}
	})
}

// spec says how the torrent is to be joined, for all sites that have it.
func (ts *torrents) spec(t *torrent) swarm.Spec {
	spec := swarm.Spec{
		Stirred:  func() { ts.pollQueue.markActive(t) },
		Infohash: t.infohash,
		Limits:   ts.limitsOf(t),
		Verify:   ts.cfg.Unclean,
		Paused:   ts.isPaused(t),
		Tracked:  ts.isTracked(t),
		Labels:   t.allLabels(),
		Like:     t.similar,
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

// part takes the torrent out of the swarm. Whoever has it from now on begins anew.
func (ts *torrents) leaveSwarm(t *torrent) {
	joined, doomed, counted, had := t.joined, t.discard, t.transferred(), t.formerUsers
	for s := range t.users {
		s.countTransferred()
		s.counted[t] = transferred{}
		had[s] = struct{}{}
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
		if doomed {
			joined.Discard()
		} else {
			joined.Drop()
		}
		final = joined.Stats()
	}, func() {
		for s := range had {
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
		done: func(error) { // It is logged. Pieces that are not on disk are not believed.
			ts.owner.pendingReports--
			if !t.unwanted { // Some site has it meanwhile.
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

// union appends what is not there yet.
func union(have, more []string) []string {
	for _, h := range more {
		if !slices.Contains(have, h) {
			have = append(have, h)
		}
	}
	return have
}

// retry adds a torrent again that could not be added.
func (ts *torrents) retry(t *torrent) {
	if t.addErr != nil {
		t.addErr = nil
		ts.reconcile(t)
	}
}

// isDiskFull says that a torrent cannot go on because the disk is full.
func (ts *torrents) isDiskFull() bool {
	for _, t := range ts.byHash {
		if swarm.IsFull(t.stats.Fault) {
			return true
		}
	}
	return false
}

// renew lets the torrent leave its swarm and join it again.
func (ts *torrents) rejoin(infohash string) {
	if t := ts.byHash[infohash]; t != nil {
		t.mustRejoin = true
		ts.reconcile(t)
	}
}

// claim gives got a torrent that no site has anything of, and that nothing is done with until end; or nil if a site
// has. It is called as soon as that is known, and how much of it is here, which takes a while after a start. A torrent
// that was published here and has lost some of its data since is given as well, after it has left its swarm.
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
	case len(t.users) > 0 && engine.KindOf(t.refusal()) != engine.TooLarge: // of which there is nothing here
		got(nil)
	default:
		ts.beginWork(t)
		got(t)
	}
}

// claimAgainLater claims the torrent again when it has new numbers, or when nothing is being done with it any more.
func (ts *torrents) claimAgainLater(t *torrent, got func(*torrent)) {
	t.claims = append(t.claims, func() { ts.claim(t.infohash, got) })
	ts.pollQueue.markActive(t)
}

// hasLostData says that a torrent was published here and was complete once, and is not any more.
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
