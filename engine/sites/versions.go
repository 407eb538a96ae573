package sites

import (
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// A site moves from one version to another in steps, each of which is in its row before the next one begins: the next
// version is fetched while the current one is served (row.Next). When it is complete the two change places in one write
// (row.Infohash, row.Kept). The former one is seeded for as long as others may still be referred to it, and then
// dropped. After a kill between any two steps, the next start continues where the row says.

const (
	// quietPeriod is how long there must have been no request before a site moves, so that a page and its parts come
	// from one version. maxQuietWait is how long that is waited for.
	quietPeriod  = 500 * time.Millisecond
	maxQuietWait = 5 * time.Second
	// minKeepFor is how long a former version is seeded if the domain's TTL is unknown.
	minKeepFor = time.Minute
	// maxKeptVersions is how many former versions of one site are seeded at a time.
	maxKeptVersions = 8
)

// versions moves sites from one version to the next, and drops former ones.
type versions struct {
	cfg      *Config
	events   *eventLog
	journal  *journal
	roster   *roster
	torrents *torrents
	swarm    *membership
	own      *publications
	folders  *folders
	// fetching has at least the sites whose next version is being fetched.
	fetching map[*site]struct{}
}

// nextVersion is the version that will replace the one that a site serves.
type nextVersion struct {
	torrent *torrent // nil if there is none, and until it is in the row on the disk
	err     error    // why it cannot be fetched
	// noPeersSince is since when it has needed peers and had none. completeSince is since when it has been complete.
	noPeersSince, completeSince time.Time
}

// moveTo starts to move the site to another version, which is fetched while the current one is served. Data that is
// here already is used. A version that was being fetched before is abandoned.
func (v *versions) moveTo(s *site, infohash string) {
	if !v.roster.isHere(s) || s.next.torrent != nil && s.next.torrent.infohash == infohash && s.row.Next == infohash {
		return
	}
	if s.torrent == nil { // nothing is served that could go on meanwhile
		s.row.Next = ""
		v.swarm.serve(s, infohash)
		return
	}
	abandoned := s.next.torrent
	s.row.Next, s.next = infohash, nextVersion{}
	if infohash == s.torrent.infohash {
		s.row.Next = ""
	}
	s.row.Kept = slices.DeleteFunc(slices.Clone(s.row.Kept), func(k store.KeptVersion) bool {
		return k.Infohash == s.row.Next
	})
	v.journal.markDirty(s)
	v.journal.flush(func(error) {
		if abandoned != nil {
			v.abandon(s, abandoned)
		}
		if s.row.Next == infohash && s.next.torrent == nil && v.roster.isHere(s) && s.torrent != nil {
			v.fetch(s)
		}
	})
	v.events.changed = true
}

// abandon releases a version that will not be fetched any more, and has its data deleted.
func (v *versions) abandon(s *site, t *torrent) {
	if v.releaseUnneeded(s, t) {
		v.folders.writeTombstones(t.infohash)
		v.swarm.markUnwanted(t.infohash)
	}
}

// releaseUnneeded releases a version unless the site still needs it. It reports whether it did.
func (v *versions) releaseUnneeded(s *site, t *torrent) bool {
	if _, has := t.users[s]; !has || t == s.torrent || t == s.next.torrent || s.keepsVersion(t.infohash) {
		return false
	}
	v.swarm.releaseTorrent(s, t)
	return true
}

// fetch starts to fetch the next version that the row names.
func (v *versions) fetch(s *site) {
	t := v.torrents.getOrCreate(s.row.Next)
	t.similar = append(s.otherInfohashes(), s.torrent.infohash)
	v.swarm.addUser(s, s.row.Next)
	s.next = nextVersion{torrent: t, err: v.swarm.refusal(t)}
	v.fetching[s] = struct{}{}
	v.events.record(s, engine.Info, engine.Noticed,
		"fetching the version "+s.row.Next+"; what is here is served meanwhile")
	v.torrents.pollQueue.markActive(t) // it may be complete already
}

// moveReady moves those sites whose next version can take over now.
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

// canMove reports whether the site can move to its next version: that is complete, and nobody is reading or the wait
// for that is over; or the current version is of no use to anybody.
func (s *site) canMove(now time.Time) bool {
	next := s.next.torrent
	if !next.ready || s.row.Paused || s.row.Next != next.infohash {
		return false
	}
	t := s.torrent
	if t.working || t.stats.Checking { // How much of it is here is not known yet.
		return false
	}
	if !t.ready || t.stats.Completed == 0 && t.info.Size > 0 ||
		!s.noPeersSince.IsZero() && now.Sub(s.noPeersSince) >= noPeerTimeout {
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

// move makes the site serve its next version. Requests that hold the former one keep it; new requests get the new one.
func (v *versions) move(s *site, now time.Time) {
	former, next := s.torrent, s.next.torrent
	kept := slices.DeleteFunc(slices.Clone(s.row.Kept), func(k store.KeptVersion) bool {
		return k.Infohash == next.infohash
	})
	until := now // a version without data is of no use to others
	if former.ready && former.stats.Completed > 0 {
		until = now.Add(v.keepFor(s))
	}
	kept = append(kept, store.KeptVersion{Infohash: former.infohash, Until: until})
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

// keepFor returns for how long a version of the site is seeded after another one has taken its place.
func (v *versions) keepFor(s *site) time.Duration {
	switch {
	case s.row.Mine:
		return v.own.keepFor()
	case s.row.NameTTL > 0: // as long as caches may still name it
		return time.Duration(s.row.NameTTL) * time.Second
	}
	return minKeepFor
}

// maxKeptOf returns how many former versions of the site are seeded at most.
func (v *versions) maxKeptOf(s *site) int {
	if s.row.Mine {
		return v.own.keepVersions()
	}
	return maxKeptVersions
}

// resume joins the next version and the kept ones in a row again.
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

// dropExpired drops former versions whose time is over, except those that are still being read.
func (v *versions) dropExpired(now time.Time) {
	for _, s := range v.roster.here {
		isExpired := func(k store.KeptVersion) bool {
			t := v.torrents.byHash[k.Infohash]
			return !now.Before(k.Until) && (t == nil || t.readers == 0)
		}
		if slices.ContainsFunc(s.row.Kept, isExpired) {
			v.drop(s, isExpired)
		}
	}
}

func (v *versions) drop(s *site, isExpired func(store.KeptVersion) bool) {
	var dropped []string
	var left []store.KeptVersion
	for _, k := range s.row.Kept {
		if isExpired(k) {
			dropped = append(dropped, k.Infohash)
		} else {
			left = append(left, k)
		}
	}
	s.row.Kept = left
	v.journal.markDirty(s)
	v.folders.writeTombstones(dropped...)
	v.events.changed = true
	v.journal.flush(func(error) { // If the write fails, the next start drops the expired versions again.
		for _, infohash := range dropped {
			if t := v.torrents.byHash[infohash]; t != nil {
				v.releaseUnneeded(s, t)
			}
			v.swarm.markUnwanted(infohash)
		}
	})
}

// view returns the versions of a host that its domain has named or that were published here, with their states, newest
// first.
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

// versionState returns what the site does with a version, and until when it is kept.
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
