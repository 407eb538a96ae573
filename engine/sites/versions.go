package sites

import (
	"context"
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
	quiet    = 500 * time.Millisecond
	patience = 5 * time.Second
	// leastKept is how long a former version is seeded at least, unless the domain's TTL is known.
	leastKept = time.Minute
	// mostKept bounds the former versions of one site that are seeded at a time.
	mostKept = 8
)

// Switch implements engine.Engine.
func (e *Engine) Switch(_ context.Context, host, infohash string) error {
	const op = "sites: switch"
	if s := e.unnamed(host); s != nil && infohash != "" {
		return e.restoreVersion(op, s, infohash)
	}
	stored, err := e.cfg.Store.Versions(host)
	if err != nil {
		return storeError(op, host, err)
	}
	e.mu.Lock()
	s, err := e.find(op, host)
	if err == nil {
		err = checkSwitch(op, s, infohash, e.viewVersions(host, stored))
	}
	if err != nil {
		e.mu.Unlock()
		return err
	}
	s.row.Held = infohash != ""
	s.expires = time.Time{} // once it follows again, at once
	e.unsaved[host] = struct{}{}
	if infohash != "" {
		e.record(s, engine.Info, engine.Noticed, "stays at "+infohash+", whatever its domain says")
	} else {
		e.record(s, engine.Info, engine.Noticed, "follows its domain again")
	}
	e.mu.Unlock()
	if infohash != "" {
		e.pursue(s, infohash)
	} else {
		e.lookUp(s)
	}
	if err := e.save(); err != nil {
		return storeError(op, host, err)
	}
	e.publish()
	return nil
}

func checkSwitch(op string, s *site, infohash string, versions []engine.Version) error {
	host := s.row.Host
	switch {
	case infohash == "" && engine.IsInfohash(host):
		return &engine.Error{Op: op, Host: host, Kind: engine.NotFound, Msg: "an infohash has no domain to follow: it never changes"}
	case infohash == "" || infohash == s.row.Infohash && !engine.IsInfohash(host):
		return nil
	case slices.ContainsFunc(versions, func(v engine.Version) bool { return v.Infohash == infohash }):
		return nil
	}
	return &engine.Error{Op: op, Host: host, Kind: engine.NotFound, Msg: "the site has never had this version: `wtptui show " + host + "` lists those that it had"}
}

// pursue begins to move the site to another version: it is fetched beside the one that is served. What is here already
// is taken from there. A version that was being fetched before is given up.
func (e *Engine) pursue(s *site, infohash string) {
	e.membership.Lock()
	defer e.membership.Unlock()
	e.mu.Lock()
	if e.sites[s.row.Host] != s || s.next != nil && s.next.Infohash() == infohash && s.row.Next == infohash {
		e.mu.Unlock()
		return
	}
	if s.torrent == nil { // nothing is served that would have to go on
		s.row.Infohash, s.row.Next = infohash, ""
		e.unsaved[s.row.Host] = struct{}{}
		e.mu.Unlock()
		e.joinHeld(s, infohash)
		return
	}
	s.row.Next = infohash
	if infohash == s.torrent.Infohash() {
		s.row.Next = ""
	}
	s.row.Kept = slices.DeleteFunc(slices.Clone(s.row.Kept), func(k store.Kept) bool { return k.Infohash == s.row.Next })
	given := s.next
	s.next, s.nextErr, s.nextLonely, s.nextDone = nil, nil, time.Time{}, time.Time{}
	spec := e.spec(s, s.row.Next)
	spec.Like = append(s.hashes(), s.torrent.Infohash())
	e.unsaved[s.row.Host] = struct{}{}
	e.changed = true
	e.mu.Unlock()
	if err := e.save(); err != nil {
		e.cfg.Logger.Error("sites: save", "err", err)
	}
	if given != nil {
		e.release(s, given)
		e.deleteData(given.Infohash())
	}
	if spec.Infohash != "" {
		e.fetchNext(s, spec)
	}
}

// fetchNext adds the version that row.Next names. membership must be held.
func (e *Engine) fetchNext(s *site, spec swarmSpec) {
	t, err := e.acquire(spec)
	e.mu.Lock()
	if err != nil {
		s.nextErr = err
		e.changed = true
		e.mu.Unlock()
		return
	}
	s.next = t
	e.hold(s, t)
	e.mu.Unlock()
	goesOn := e.update(t)
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.next != t { // it has left meanwhile
		return
	}
	if t.settled() && !goesOn {
		s.nextErr = t.Err()
	}
	e.record(s, engine.Info, engine.Noticed, "fetching the version "+spec.Infohash+"; what is here is served meanwhile")
	t.lastAt = time.Time{} // it may be complete already
}

// advance moves those sites whose next version may take its place now.
func (e *Engine) advance(now time.Time) {
	moved := false
	e.mu.Lock()
	for _, s := range e.sites {
		if s.next != nil && e.mayMove(s, now) {
			e.move(s, now)
			moved = true
		}
	}
	e.mu.Unlock()
	if !moved {
		return
	}
	if err := e.save(); err != nil { // It is done again by the next start, should we be killed before a later save.
		e.cfg.Logger.Error("sites: save", "err", err)
	}
}

// mayMove says that the next version is complete and nobody is reading, or has waited for long enough to end; or that
// the one that it is to follow is of no use to anybody. mu must be held.
func (e *Engine) mayMove(s *site, now time.Time) bool {
	if !s.next.ready || s.row.Paused || s.row.Next != s.next.Infohash() {
		return false
	}
	if t := s.torrent; !t.ready || t.last.Completed == 0 && t.Info().Size > 0 || !s.lonely.IsZero() && now.Sub(s.lonely) >= stall {
		return true
	}
	if !s.next.complete {
		return false
	}
	if s.nextDone.IsZero() {
		s.nextDone = now
	}
	return s.inUse == 0 && now.Sub(s.lastUse) >= quiet || now.Sub(s.nextDone) >= patience
}

// move lets the next version take the place of the one that is served. Requests that hold the former one keep it; new
// ones get the new one. mu must be held.
func (e *Engine) move(s *site, now time.Time) {
	former, next := s.torrent, s.next
	kept := slices.DeleteFunc(slices.Clone(s.row.Kept), func(k store.Kept) bool { return k.Infohash == next.Infohash() })
	until := now // a version of which there is nothing helps nobody
	if former.ready && former.last.Completed > 0 {
		until = now.Add(e.keepsFor(s))
	}
	kept = append(kept, store.Kept{Infohash: former.Infohash(), Until: until})
	for i := range len(kept) - e.keeps(s) {
		kept[i].Until = now
	}
	s.row.Kept, s.row.Infohash, s.row.Next = kept, next.Infohash(), ""
	if s.answer.Infohash == next.Infohash() && s.answer.Lifetime > 0 {
		s.row.NameTTL = int64(s.answer.Lifetime / time.Second)
	}
	s.torrent, s.next, s.nextErr, s.lonely = next, nil, nil, s.nextLonely
	s.nextLonely, s.nextDone = time.Time{}, time.Time{}
	s.err = next.Err()
	s.notify()
	e.unsaved[s.row.Host] = struct{}{}
	e.record(s, engine.Info, engine.Resolved, "now serves "+next.Infohash()+", "+describeInfo(next.Info())+"; the version before is seeded for "+shortTime(until.Sub(now))+" more")
}

// nameTTL is for how long others may still be told of the version that is served.
func (s *site) nameTTL() time.Duration {
	if s.row.NameTTL > 0 {
		return time.Duration(s.row.NameTTL) * time.Second
	}
	return leastKept
}

// resume joins again what a row says beside the version that is served: the next one, and those that are kept.
func (e *Engine) resume(s *site) {
	now := e.cfg.Clock.Now()
	e.mu.Lock()
	next := s.row.Next
	if s.torrent == nil {
		next = ""
	}
	var specs []swarmSpec
	for _, k := range s.row.Kept {
		if now.Before(k.Until) {
			specs = append(specs, e.spec(s, k.Infohash))
		}
	}
	e.mu.Unlock()
	for _, spec := range specs {
		e.seedOn(s, spec)
	}
	if next != "" {
		e.pursue(s, next)
	}
}

// hashes are the infohashes of all versions that the site has, or is to have, besides the one that is served.
func (s *site) hashes() []string {
	var all []string
	if s.row.Next != "" {
		all = append(all, s.row.Next)
	}
	for _, k := range s.row.Kept {
		all = append(all, k.Infohash)
	}
	return all
}
