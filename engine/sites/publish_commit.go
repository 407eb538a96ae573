package sites

import (
	"context"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// commit gives the data its place and makes it the site's version: everything, or nothing. Should we be killed on the
// way, the next start finds data without a row and deletes it.
func (ed *edition) commit(ctx context.Context, in swarm.Intake) error {
	e, infohash := ed.e, ed.meta.Infohash
	e.membership.Lock()
	if ctx.Err() != nil {
		e.membership.Unlock()
		return context.Cause(ctx)
	}
	var err error
	switch there, complete := e.hasTorrent(infohash); {
	case !there:
		err = in.Commit(infohash, ed.meta.Pieces)
	case !complete:
		err = &engine.Error{Op: ed.op, Host: infohash, Kind: engine.Conflict, Msg: "the same content is being fetched here from others: wait until it is complete, or remove " + infohash}
	}
	s, moves := (*site)(nil), false
	if err == nil {
		s, moves, err = ed.install()
	}
	e.membership.Unlock()
	return ed.goLive(ctx, s, moves, err)
}

// goLive waits until the site serves what was installed.
func (ed *edition) goLive(ctx context.Context, s *site, moves bool, err error) error {
	if err != nil {
		return err
	}
	if moves {
		ed.e.pursue(s, ed.meta.Infohash)
		ed.awaitMove(ctx, s)
	}
	ed.e.publish()
	return nil
}

// hasTorrent says whether a torrent is joined, and all of it on the disk. membership must be held.
func (e *Engine) hasTorrent(infohash string) (there, complete bool) {
	e.mu.Lock()
	t := e.torrents[infohash]
	e.mu.Unlock()
	if t == nil {
		return false, false
	}
	stats := t.Stats()
	return true, t.settled() && t.Err() == nil && stats.Kept == t.Info().Size
}

// install records the version and lets the site have it: at once, or when moves says so, as soon as its readers pause.
// membership must be held, and the data be in place.
func (ed *edition) install() (s *site, moves bool, err error) {
	e, infohash, now := ed.e, ed.meta.Infohash, ed.e.cfg.Clock.Now()
	host, former := ed.host(), ""
	if ed.former != nil && ed.former.Host != host {
		former = ed.former.Host
	}
	record := store.Publication{Host: host, Dir: ed.dir, InPlace: ed.req.InPlace, Infohash: infohash, Stamps: ed.plan.Stamps()}
	if ed.former != nil {
		record.Former = formerVersions(*ed.former, infohash)
	}
	e.writing.Lock()
	defer e.writing.Unlock()
	e.mu.Lock()
	row, moves := e.publishedRow(host, former, infohash, now)
	e.mu.Unlock()
	err = e.cfg.Store.Publish(record, row, engine.Version{Infohash: infohash, LastSeen: engine.At(now), Source: bySelf}, ed.meta.Info, former)
	if err != nil {
		e.deleteData(infohash)
		return nil, false, storeError(ed.op, host, err)
	}
	e.mu.Lock()
	delete(e.published, former)
	e.published[host] = record
	s, orphan := e.rename(row, former)
	e.record(s, engine.Info, engine.Added, "published "+infohash+": "+countFiles(len(ed.plan.Files))+", "+engine.Bytes(ed.plan.Size))
	spec := e.spec(s, infohash)
	e.mu.Unlock()
	if orphan != nil {
		e.dissolve(orphan)
	}
	ed.describe(host)
	if moves {
		return s, true, nil
	}
	return s, false, e.serve(s, spec)
}

// host is what the site will be called.
func (ed *edition) host() string {
	if ed.name != "" {
		return ed.name
	}
	return ed.meta.Infohash
}

// serve lets the site have a version that is here, at once; what was to be its next one is given up. Requests that are
// under way keep theirs. membership must be held.
func (e *Engine) serve(s *site, spec swarm.Spec) error {
	t, err := e.acquire(spec)
	e.mu.Lock()
	if err != nil {
		s.err = err
		s.notify()
		e.mu.Unlock()
		return err
	}
	given := s.next
	s.torrent, s.next, s.nextErr, s.err = t, nil, nil, nil
	s.lonely, s.nextLonely, s.nextDone = time.Time{}, time.Time{}, time.Time{}
	e.hold(s, t)
	if t.settled() {
		e.describe(s, t)
	}
	s.notify()
	e.mu.Unlock()
	e.applyPause(t)
	if given != nil && given != t {
		e.release(s, given)
		e.deleteData(given.Infohash())
	}
	return nil
}

// awaitMove waits until the site serves the new version, which takes a few seconds while somebody reads the former one. A
// site that is paused meanwhile moves when it is resumed, and nobody waits for that.
func (ed *edition) awaitMove(ctx context.Context, s *site) {
	e := ed.e
	for {
		e.mu.Lock()
		there := s.row.Infohash == ed.meta.Infohash || s.row.Next != ed.meta.Infohash || s.row.Paused || s.gone || s.nextErr != nil
		moved := s.moved
		e.mu.Unlock()
		if there {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

// again is for a folder that has not changed since it was published: there is no new version, but the times of its files
// are remembered, and where it is now.
func (ed *edition) again(ctx context.Context) error {
	e := ed.e
	ed.meta.Infohash, ed.meta.PieceLength = ed.base, ed.previous.PieceLength()
	if ed.name != "" && ed.name != ed.former.Host { // it gets a name
		info, err := e.cfg.Store.Info(ed.base)
		if err != nil {
			return err
		}
		ed.meta.Info = info
		e.membership.Lock()
		s, moves, err := ed.install()
		e.membership.Unlock()
		return ed.goLive(ctx, s, moves, err)
	}
	ed.describe(ed.former.Host)
	return ed.remember()
}

// remember writes down where the folder is now, and the times of its files.
func (ed *edition) remember() error {
	e, host := ed.e, ed.former.Host
	e.writing.Lock()
	defer e.writing.Unlock()
	e.mu.Lock()
	record, published := e.published[host]
	e.mu.Unlock()
	if !published {
		return &engine.Error{Op: ed.op, Host: host, Kind: engine.Conflict, Msg: "the site was removed meanwhile: publish the folder again"}
	}
	record.Dir, record.Stamps = ed.dir, ed.plan.Stamps()
	if err := e.cfg.Store.PutPublication(record); err != nil {
		return storeError(ed.op, host, err)
	}
	e.mu.Lock()
	e.published[host] = record
	e.mu.Unlock()
	return nil
}
