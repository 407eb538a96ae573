package sites

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/engine/swarm"
)

// torrent is a torrent that at least one site uses as its served, next or former version, or one that is being dropped.
// Only the owner touches it, except for files.
type torrent struct {
	infohash string
	// pendingHints are sites that have named trackers, web seeds or peers while the torrent was being added to the
	// swarm.
	pendingHints []*site
	// joined is the torrent in its swarm; nil before it has been added and after it has left.
	joined swarm.Torrent
	// working reports whether a task works on the torrent, such as adding, dropping or deleting it. There is one task
	// at a time.
	working bool
	// addErr is why the torrent could not be added to the swarm; nil otherwise.
	addErr error
	users  map[*site]struct{}
	// formerUsers are sites that released the torrent and wait for its final counters.
	formerUsers map[*site]struct{}
	// similar are infohashes of torrents that may have files in common with it.
	similar []string
	// claims are called when no task works on the torrent any more, and when it has new numbers.
	claims []func()
	// mustRejoin reports whether the torrent must leave its swarm and join again, and leftForClaim whether it has left
	// its swarm for a claim.
	mustRejoin, leftForClaim bool
	// paused, limits, labels and tracked are the settings that the swarm was given last.
	paused  bool
	limits  swarm.SiteLimits
	labels  []string
	tracked bool
	// unwanted reports whether the data is to be deleted, and discard whether it most likely will be.
	unwanted, discard bool
	// readers counts requests that read from the torrent, whether or not a site still serves it.
	readers int

	// stats are the newest statistics, received at statsAt. down and up turn them into rates.
	stats    swarm.Stats
	statsAt  time.Time
	down, up meter
	// activeAt is when the torrent was last marked active, and pollIndex its index in the pollQueue.
	activeAt  time.Time
	pollIndex int
	// info is the list of files, set once ready. hadInfo reports whether it was stored before this run, ready whether
	// it is here and accepted, infoSaved whether it is on the disk, and complete whether all of the torrent is.
	info                                *swarm.Info
	hadInfo, ready, infoSaved, complete bool
	// leftSwarm is closed when the torrent has left its swarm.
	leftSwarm chan struct{}

	files *files
	// scrub is the state of checking the data. All but its check is reset when the torrent leaves its swarm.
	scrub scrubState
}

// files gives any goroutine access to the files of a torrent that is ready.
type files struct {
	info     *swarm.Info
	complete atomic.Bool
	once     sync.Once
	built    *tree
}

// tree returns the tree of files. It is built on first use, since most seeded sites are not being read.
func (f *files) tree() *tree {
	f.once.Do(func() { f.built = newTree(f.info) })
	return f.built
}

// reset resets everything that was known about the torrent in its swarm.
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

// infoSettled reports whether the list of files has arrived, or has been refused.
func (t *torrent) infoSettled() bool { return t.joined != nil && isInfoSettled(t.joined) }

func isInfoSettled(j swarm.Torrent) bool {
	select {
	case <-j.Ready():
		return true
	default:
		return false
	}
}

// refusal returns why nothing of the torrent can be had: it could not be added, or its list of files was refused.
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

// isActive reports whether the torrent's numbers are likely to change soon.
func (t *torrent) isActive(now time.Time) bool {
	return !t.complete && !t.paused || len(t.claims) > 0 || t.stats.Checking || t.stats.Peers > 0 ||
		t.down.rate() != 0 || t.up.rate() != 0 || now.Sub(t.activeAt) < idleInterval
}

// isIdle reports whether the torrent is in its swarm and nothing is being done with its data.
func (t *torrent) isIdle() bool {
	return t.joined != nil && t.ready && !t.working && !t.stats.Checking
}

// isDataUnknown reports whether it is unknown how much of the torrent is here: it is about to be joined, or is being
// opened or hashed.
func (t *torrent) isDataUnknown() bool {
	switch {
	case len(t.users) == 0 || t.refusal() != nil || t.stats.Fault != nil:
		return false
	case t.joined == nil:
		return t.isSaved()
	case !t.ready:
		return t.hadInfo // otherwise the list of files comes from peers
	}
	return t.stats.Checking
}

// retryClaims calls the pending claims. Each claims the torrent again if the answer is still unknown.
func (t *torrent) retryClaims() {
	claims := t.claims
	t.claims = nil
	for _, claim := range claims {
		claim()
	}
}

// isSaved reports whether the row of a site that uses the torrent is on the disk and names it. Nothing is fetched
// before that: after a kill, the next start would find data of no known site.
func (t *torrent) isSaved() bool {
	for s := range t.users {
		if slices.Contains(folderNames(s.saved), t.infohash) {
			return true
		}
	}
	return false
}

// isPaused reports whether all sites that use the torrent are paused or resting.
func (t *torrent) isPaused() bool {
	for s := range t.users {
		if !s.row.Paused && !(s.rest.resting && s.torrent == t) {
			return false
		}
	}
	return true
}

// allLabels returns the labels of all sites that use the torrent, sorted. The limits of each label hold for it.
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

// setStats sets the torrent's statistics. It reports whether any value that is shown has changed.
func (t *torrent) setStats(stats swarm.Stats, now time.Time) (changed bool) {
	down, up := t.down.rate(), t.up.rate()
	t.down.add(now, stats.Downloaded)
	t.up.add(now, stats.Uploaded)
	changed = stats != t.stats || t.down.rate() != down || t.up.rate() != up
	t.stats, t.statsAt = stats, now
	t.updateComplete()
	return changed
}

// markLost subtracts lost pieces from the statistics, before the swarm's next numbers do.
func (t *torrent) markLost(pieces int) {
	bytes := min(int64(pieces)*t.info.PieceLength, t.stats.Completed, t.stats.Kept)
	t.stats.Completed -= bytes
	t.stats.Kept -= bytes
	t.updateComplete()
}

// updateComplete updates whether all of the torrent is on the disk.
func (t *torrent) updateComplete() {
	t.complete = t.ready && t.infoSaved && !t.stats.Checking && t.stats.Kept == t.info.Size
	if t.ready {
		t.files.complete.Store(t.complete)
	}
}
