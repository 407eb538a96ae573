package sites

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/engine/swarm"
)

// torrent is a torrent that at least one site has, as what it serves, is going to serve, or has served; or one that
// is on its way out. It belongs to the owner, except for files.
type torrent struct {
	infohash string
	// hinters are sites that have named more while the torrent was being added to the swarm.
	pendingHints []*site
	// joined is the torrent in its swarm; nil until it has been added there, and again once it has left.
	joined swarm.Torrent
	// working says that it is being added, dropped or deleted, or otherwise worked on: one thing at a time.
	working bool
	// failed is why it could not be added; nil when it could.
	addErr error
	users  map[*site]struct{}
	// former are sites that let go of it and wait for its last numbers.
	formerUsers map[*site]struct{}
	// like are infohashes of torrents that may have files in common with it.
	similar []string
	// claims are called when nothing is being done with it any more, and when it has new numbers.
	claims []func()
	// stale says that it is to be joined anew; claimed, that it has left its swarm for a claim.
	mustRejoin, leftForClaim bool
	// paused, limits, labels and tracked are what the swarm was told last.
	paused  bool
	limits  swarm.SiteLimits
	labels  []string
	tracked bool
	// unwanted says that its data is to be deleted; doomed, that it most likely will be.
	unwanted, discard bool
	// readers counts requests that read from it, whether or not a site still serves it.
	readers int

	// last are the newest numbers, asked at statsAt; down and up turn them into rates.
	stats    swarm.Stats
	statsAt  time.Time
	down, up meter
	// stirred is when something happened in it last, and place where it is in the rota.
	activeAt  time.Time
	pollIndex int
	// info describes it once ready. known says that its list of files was here before this run, ready that it is here
	// and accepted, noted that it is on the disk, complete that all of the torrent is.
	info                                *swarm.Info
	hadInfo, ready, infoSaved, complete bool
	// left is closed when it has left the swarm.
	leftSwarm chan struct{}

	files *files
	// upkeep says when its data was checked. All but the record belongs to the time in its swarm.
	scrub scrubState
}

// files are those of a torrent that is ready, for any goroutine.
type files struct {
	info     *swarm.Info
	complete atomic.Bool
	once     sync.Once
	built    *tree
}

// tree is built when it is first needed: most seeded sites are not being read.
func (f *files) tree() *tree {
	f.once.Do(func() { f.built = newTree(f.info) })
	return f.built
}

// reset forgets what was known of it in its swarm.
func (t *torrent) reset() {
	for s := range t.users {
		s.copiesBefore = s.row.Copies
	}
	*t = torrent{
		infohash: t.infohash, users: t.users, formerUsers: map[*site]struct{}{},
		similar: t.similar, unwanted: t.unwanted, readers: t.readers, claims: t.claims,
		scrub:     scrubState{check: t.scrub.check},
		pollIndex: t.pollIndex,
	}
}

// settled reports whether the torrent's list of files, or its refusal, is there.
func (t *torrent) infoSettled() bool { return t.joined != nil && isInfoSettled(t.joined) }

func isInfoSettled(j swarm.Torrent) bool {
	select {
	case <-j.Ready():
		return true
	default:
		return false
	}
}

// refusal is why there is nothing to be had of the torrent: it could not be added, or its list of files was refused.
func (t *torrent) refusal() error {
	switch {
	case t.addErr != nil:
		return t.addErr
	case t.infoSettled():
		return t.joined.Err()
	}
	return nil
}

func (t *torrent) transferred() transferred {
	return transferred{t.stats.Downloaded, t.stats.Uploaded}
}

// isBusy says that the torrent's numbers are likely to change soon.
func (t *torrent) isActive(now time.Time) bool {
	return !t.complete && !t.paused || len(t.claims) > 0 || t.stats.Checking || t.stats.Peers > 0 ||
		t.down.rate() != 0 || t.up.rate() != 0 || now.Sub(t.activeAt) < idleInterval
}

// isIdle says that it is in its swarm, and that nothing is being done with its data.
func (t *torrent) isIdle() bool {
	return t.joined != nil && t.ready && !t.working && !t.stats.Checking
}

// isDataUnknown says that it is not known yet how much of the torrent is here: it is about to be joined, or is being
// opened or hashed.
func (t *torrent) isDataUnknown() bool {
	switch {
	case len(t.users) == 0 || t.refusal() != nil || t.stats.Fault != nil:
		return false
	case t.joined == nil:
		return t.isSaved()
	case !t.ready:
		return t.hadInfo // otherwise its list of files comes from others
	}
	return t.stats.Checking
}

// retryClaims calls those who claim the torrent, who claim it again if it is still too early to tell.
func (t *torrent) retryClaims() {
	claims := t.claims
	t.claims = nil
	for _, claim := range claims {
		claim()
	}
}

// isSaved says that the row of a site that has the torrent is on the disk and names it. Before that nothing is
// fetched: should we be killed, the next start would find data that no site is known of.
func (t *torrent) isSaved() bool {
	for s := range t.users {
		if slices.Contains(folderNames(s.saved), t.infohash) {
			return true
		}
	}
	return false
}

// isPaused says that all sites that have the torrent are paused, or rest.
func (t *torrent) isPaused() bool {
	for s := range t.users {
		if !s.row.Paused && !(s.rest.resting && s.torrent == t) {
			return false
		}
	}
	return true
}

// allLabels are the labels of all sites that have the torrent, sorted: it keeps to the limits of each.
func (t *torrent) allLabels() (labels []string) {
	for s := range t.users {
		if len(t.users) == 1 {
			return s.row.Labels
		}
		labels = append(labels, s.row.Labels...)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// observe takes the torrent's new numbers, and reports whether any that is shown has changed.
func (t *torrent) setStats(stats swarm.Stats, now time.Time) (changed bool) {
	down, up := t.down.rate(), t.up.rate()
	t.down.add(now, stats.Downloaded)
	t.up.add(now, stats.Uploaded)
	changed = stats != t.stats || t.down.rate() != down || t.up.rate() != up
	t.stats, t.statsAt = stats, now
	t.updateComplete()
	return changed
}

// lost says that so many pieces are not here any more, before the swarm's next numbers do.
func (t *torrent) markLost(pieces int) {
	bytes := min(int64(pieces)*t.info.PieceLength, t.stats.Completed, t.stats.Kept)
	t.stats.Completed -= bytes
	t.stats.Kept -= bytes
	t.updateComplete()
}

// note finds out whether all of the torrent is on the disk.
func (t *torrent) updateComplete() {
	t.complete = t.ready && t.infoSaved && !t.stats.Checking && t.stats.Kept == t.info.Size
	if t.ready {
		t.files.complete.Store(t.complete)
	}
}
