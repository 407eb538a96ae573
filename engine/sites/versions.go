package sites

import (
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// A site moves from one version to another in steps, each of which is in its row before the next one begins: the next
// version is fetched beside the one that is served (row.Next); when it is complete the two change places in one write
// (row.Infohash, row.Kept); the former one is seeded for as long as somebody may still be told of it, and then dropped.
// Killed between any two of them, the next start goes on where the row says.

const (
	// quiet is how long no request may have been under way before a site moves, so that a page and what belongs to it
	// come from one version; patience is how long that is waited for.
	quietPeriod  = 500 * time.Millisecond
	maxQuietWait = 5 * time.Second
	// minKeepFor is how long a former version is seeded at least, unless the domain's TTL is known.
	minKeepFor = time.Minute
	// maxKeptVersions bounds the former versions of one site that are seeded at a time.
	maxKeptVersions = 8
)

// versions moves sites from one version to the next, and lets go of former ones.
type versions struct {
	cfg      *Config
	events   *eventLog
	journal  *journal
	roster   *roster
	torrents *torrents
	swarm    *membership
	own      *publications
	folders  *folders
	// fetching has at least those sites whose next version is being fetched.
	fetching map[*site]struct{}
}

// successor is the version that is to take the place of the one that a site serves.
type nextVersion struct {
	torrent *torrent // nil when there is none, and as long as it is not written down
	err     error    // why it cannot be had
	// lonely is since when it has needed peers and had none, and done since when it has been complete.
	noPeersSince, completeSince time.Time
}

// pursue begins to move the site to another version: it is fetched beside the one that is served. What is here already
// is taken from there. A version that was being fetched before is given up.
func (v *versions) moveTo(s *site, infohash string) {
	if !v.roster.isHere(s) || s.next.torrent != nil && s.next.torrent.infohash == infohash && s.row.Next == infohash {
		return
	}
	if s.torrent == nil { // nothing is served that would have to go on
		s.row.Next = ""
		v.swarm.serve(s, infohash)
		return
	}
	given := s.next.torrent
	s.row.Next, s.next = infohash, nextVersion{}
	if infohash == s.torrent.infohash {
		s.row.Next = ""
	}
	s.row.Kept = slices.DeleteFunc(slices.Clone(s.row.Kept), func(k store.Kept) bool { return k.Infohash == s.row.Next })
	v.journal.markDirty(s)
	v.journal.flush(func(error) {
		if given != nil {
			v.abandon(s, given)
		}
		if s.row.Next == infohash && s.next.torrent == nil && v.roster.isHere(s) && s.torrent != nil {
			v.fetch(s)
		}
	})
	v.events.changed = true
}

// giveUp lets go of a version that is to be fetched no more.
func (v *versions) abandon(s *site, t *torrent) {
	if v.releaseUnneeded(s, t) {
		v.folders.writeGraves(t.infohash)
		v.swarm.markUnwanted(t.infohash)
	}
}

// release takes a version away from the site, unless it is needed for something else, and reports whether it did.
func (v *versions) releaseUnneeded(s *site, t *torrent) bool {
	if _, has := t.users[s]; !has || t == s.torrent || t == s.next.torrent || s.keepsVersion(t.infohash) {
		return false
	}
	v.swarm.releaseTorrent(s, t)
	return true
}

// fetch begins to fetch the version that the row names.
func (v *versions) fetch(s *site) {
	t := v.torrents.getOrCreate(s.row.Next)
	t.similar = append(s.otherInfohashes(), s.torrent.infohash)
	v.swarm.addUser(s, s.row.Next)
	s.next = nextVersion{torrent: t, err: v.swarm.refusal(t)}
	v.fetching[s] = struct{}{}
	v.events.record(s, engine.Info, engine.Noticed, "fetching the version "+s.row.Next+"; what is here is served meanwhile")
	v.torrents.pollQueue.markActive(t) // it may be complete already
}

// advance moves those sites whose next version may take its place now.
func (v *versions) moveReady(now time.Time) {
	for s := range v.fetching {
		switch {
		case s.next.torrent == nil || s.deleted:
			delete(v.fetching, s)
		case v.roster.isHere(s) && s.canMove(now):
			v.move(s, now)
		}
	}
}

// canMove says that the next version is complete and nobody is reading, or has waited for long enough to end; or that
// the one that it is to follow is of no use to anybody.
func (s *site) canMove(now time.Time) bool {
	next := s.next.torrent
	if !next.ready || s.row.Paused || s.row.Next != next.infohash {
		return false
	}
	t := s.torrent
	if t.working || t.stats.Checking { // Nobody can tell yet what there is of it.
		return false
	}
	if !t.ready || t.stats.Completed == 0 && t.info.Size > 0 || !s.noPeersSince.IsZero() && now.Sub(s.noPeersSince) >= noPeerTimeout {
		return true
	}
	if !next.complete {
		return false
	}
	if s.next.completeSince.IsZero() {
		s.next.completeSince = now
	}
	return s.inUse == 0 && now.Sub(s.lastUse) >= quietPeriod || now.Sub(s.next.completeSince) >= maxQuietWait
}

// move lets the next version take the place of the one that is served. Requests that hold the former one keep it; new
// ones get the new one.
func (v *versions) move(s *site, now time.Time) {
	former, next := s.torrent, s.next.torrent
	kept := slices.DeleteFunc(slices.Clone(s.row.Kept), func(k store.Kept) bool { return k.Infohash == next.infohash })
	until := now // a version of which there is nothing helps nobody
	if former.ready && former.stats.Completed > 0 {
		until = now.Add(v.keepFor(s))
	}
	kept = append(kept, store.Kept{Infohash: former.infohash, Until: until})
	for i := range len(kept) - v.maxKeptOf(s) {
		kept[i].Until = now
	}
	s.row.Kept, s.row.Infohash, s.row.Next = kept, next.infohash, ""
	if s.name.answer.Infohash == next.infohash && s.name.answer.Lifetime > 0 {
		s.row.NameTTL = int64(s.name.answer.Lifetime / time.Second)
	}
	s.torrent, s.err, s.noPeersSince, s.wasComplete = next, next.refusal(), s.next.noPeersSince, false
	s.next = nextVersion{}
	s.notify()
	v.journal.markDirty(s)
	v.journal.flush(nil)
	v.events.record(s, engine.Info, engine.Resolved, "now serves "+next.infohash+", "+describeInfo(next.info)+
		"; the version before is seeded for "+shortTime(until.Sub(now))+" more")
}

// keepFor is for how long a version of the site is seeded after another one has taken its place.
func (v *versions) keepFor(s *site) time.Duration {
	switch {
	case s.row.Mine:
		return v.own.keepFor()
	case s.row.NameTTL > 0: // for as long as others may still be told of it
		return time.Duration(s.row.NameTTL) * time.Second
	}
	return minKeepFor
}

// most is how many former versions of the site are seeded at most.
func (v *versions) maxKeptOf(s *site) int {
	if s.row.Mine {
		return v.own.keepVersions()
	}
	return maxKeptVersions
}

// resume joins again what a row says beside the version that is served: the next one, and those that are kept.
func (v *versions) resume(s *site) {
	now := v.cfg.Clock.Now()
	for _, k := range s.row.Kept {
		if now.Before(k.Until) {
			v.swarm.addUser(s, k.Infohash)
		}
	}
	if s.row.Next != "" {
		v.moveTo(s, s.row.Next)
	}
}

// dropExpired lets go of former versions whose time is over, but of none that is still being read from.
func (v *versions) dropExpired(now time.Time) {
	for _, s := range v.roster.here {
		over := func(k store.Kept) bool {
			t := v.torrents.byHash[k.Infohash]
			return !now.Before(k.Until) && (t == nil || t.readers == 0)
		}
		if slices.ContainsFunc(s.row.Kept, over) {
			v.drop(s, over)
		}
	}
}

func (v *versions) drop(s *site, over func(store.Kept) bool) {
	var gone []string
	var left []store.Kept
	for _, k := range s.row.Kept {
		if over(k) {
			gone = append(gone, k.Infohash)
		} else {
			left = append(left, k)
		}
	}
	s.row.Kept = left
	v.journal.markDirty(s)
	v.folders.writeGraves(gone...)
	v.events.changed = true
	v.journal.flush(func(error) { // Should it not be written, the next start finds their time over and drops them again.
		for _, infohash := range gone {
			if t := v.torrents.byHash[infohash]; t != nil {
				v.releaseUnneeded(s, t)
			}
			v.swarm.markUnwanted(infohash)
		}
	})
}

// view gives the versions that a host has had, by its domain's word or because they were published here, newest first,
// and what became of each.
func (v *versions) view(host string, stored []engine.Version) []engine.Version {
	out := append([]engine.Version{}, stored...)
	slices.SortStableFunc(out, func(a, b engine.Version) int { return b.LastSeen.Std().Compare(a.LastSeen.Std()) })
	for i := range out {
		ver := &out[i]
		ver.State, ver.Size, ver.KeptUntil = engine.VersionGone, -1, engine.Time{}
		if s := v.roster.here[host]; s != nil {
			ver.State, ver.KeptUntil = s.versionState(ver.Infohash)
		}
		if t := v.torrents.byHash[ver.Infohash]; t != nil && t.ready {
			ver.Size = t.info.Size
		}
	}
	return out
}

// versionState says what the site does with an infohash.
func (s *site) versionState(infohash string) (engine.VersionState, engine.Time) {
	switch infohash {
	case s.row.Infohash:
		return engine.VersionCurrent, engine.Time{}
	case s.row.Next:
		return engine.VersionNext, engine.Time{}
	}
	for _, k := range s.row.Kept {
		if k.Infohash == infohash {
			return engine.VersionKept, engine.At(k.Until)
		}
	}
	return engine.VersionGone, engine.Time{}
}
