package sites

import (
	"context"
	"slices"

	"wtptui/engine"
	"wtptui/store"
)

// publicationTombstonePrefix begins the host of the tombstone for data that is being published. The tombstone exists
// until a row names the data: after a kill, the next start deletes data that never became a site.
const publicationTombstonePrefix = "publication-"

// commit moves the data to its place and makes it the site's version. If any step fails nothing has changed.
func (c *copyJob) commit(ctx context.Context) error {
	infohash := c.meta.Infohash
	t, there, err := c.claimTorrent(ctx)
	if err != nil {
		return err
	}
	var tombstone store.Tombstone
	if !there {
		if tombstone, err = c.writeTombstone(ctx); err == nil {
			err = c.intake.Commit(infohash, c.meta.Pieces)
		}
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var s *site
	var moves bool
	if err == nil {
		s, moves, err = c.install(ctx, !there)
	}
	if t != nil {
		installed := err == nil
		if stopped := c.p.withState(c.op, infohash, func(st *state) error {
			if !installed {
				st.folders.addTombstone(tombstone)
			}
			st.swarm.markUnwanted(infohash) // deleted unless it has become a site
			st.torrents.endWork(t)
			return nil
		}); err == nil {
			err = stopped
		}
	}
	if err != nil {
		return err
	}
	return c.awaitServed(ctx, s, moves)
}

// writeTombstone writes the tombstone for the data, before the data is in place.
func (c *copyJob) writeTombstone(ctx context.Context) (g store.Tombstone, err error) {
	written := make(chan error, 1)
	err = c.p.withState(c.op, c.meta.Infohash, func(st *state) error {
		g = st.folders.newTombstone(store.Site{Host: publicationTombstonePrefix + c.meta.Infohash, Infohash: c.meta.Infohash})
		st.journal.enqueue(storeChange{
			apply: func(tx *store.Tx) error { return tx.PutTombstone(g) },
			done:  func(err error) { written <- err },
		})
		return nil
	})
	if err != nil {
		return g, err
	}
	return g, awaitWrite(ctx, c.op, c.meta.Infohash, written)
}

// claimTorrent claims the torrent that is about to be made, until endWork is called. t is nil and there true if it is
// here already. The error's Kind is Conflict if it is being fetched.
func (c *copyJob) claimTorrent(ctx context.Context) (t *torrent, there bool, err error) {
	infohash := c.meta.Infohash
	claimed, abandoned := make(chan *torrent, 1), false
	err = c.p.withState(c.op, infohash, func(st *state) error {
		st.torrents.claim(infohash, func(t *torrent) {
			if claimed <- t; abandoned && t != nil {
				st.torrents.endWork(t)
			}
		})
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	select {
	case t = <-claimed:
	case <-ctx.Done():
		c.p.owner.do(func() {
			abandoned = true
			select {
			case t := <-claimed:
				if t != nil {
					c.p.state.torrents.endWork(t)
				}
			default:
			}
		})
		return nil, false, context.Cause(ctx)
	}
	if t != nil {
		return t, false, nil
	}
	return nil, true, c.p.withState(c.op, infohash, func(st *state) error {
		if !st.swarm.isComplete(infohash) {
			return &engine.Error{
				Op: c.op, Host: infohash, Kind: engine.Conflict,
				Msg: "the same content is being fetched here from others: wait until it is complete, or remove " + infohash,
			}
		}
		return nil
	})
}

// install installs the version in the site: at once or, if moves, when its readers pause. The data must be in place;
// hashed reports whether it was just put there.
func (job *publishJob) install(ctx context.Context, hashed bool) (s *site, moves bool, err error) {
	in := installation{
		op: job.op, host: job.host(), infohash: job.meta.Infohash, info: job.meta.Info, now: job.p.cfg.Clock.Now(),
		eventText: "published " + job.meta.Infohash + ": " + countFiles(len(job.plan.Files)) +
			", " + engine.Bytes(job.plan.Size),
		eventKind: engine.Added, hashed: hashed, base: job.base,
	}
	in.record.Host, in.record.Infohash, in.record.InPlace = in.host, in.infohash, job.req.InPlace
	job.fillRecord(&in.record)
	if job.former != nil {
		in.record.Former = formerVersions(*job.former, in.infohash)
		if job.former.Host != in.host {
			in.former = job.former.Host
		}
	}
	s, moves, err = job.p.install(ctx, in)
	if err == nil {
		job.fillResult(in.host)
	}
	return s, moves, err
}

// host returns the host of the site.
func (job *publishJob) host() string {
	if job.name != "" {
		return job.name
	}
	return job.meta.Infohash
}

// awaitServed waits until the site serves what was installed, which takes a few seconds while somebody reads the former
// version. It does not wait for a site that is paused meanwhile.
func (job *publishJob) awaitServed(ctx context.Context, s *site, moves bool) error {
	for {
		var isDone bool
		var changed chan struct{}
		err := job.p.withState(job.op, "", func(*state) error {
			changed = s.changed
			switch {
			case s.deleted:
				isDone = true
			case moves:
				isDone = s.row.Infohash == job.meta.Infohash || s.row.Next != job.meta.Infohash || s.row.Paused || s.next.err != nil
			case s.err != nil:
				return s.err
			default:
				isDone = s.torrent == nil || s.torrent.infohash != job.meta.Infohash || s.torrent.ready
			}
			return nil
		})
		if err != nil || isDone {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// publishUnchanged handles a folder that has not changed since it was published: there is no new version, but the
// folder's path, its files' times and the decisions are stored.
func (job *publishJob) publishUnchanged(ctx context.Context) error {
	p := job.p
	job.meta.Infohash, job.meta.PieceLength = job.base, job.previous.PieceLength()
	if job.name == "" || job.name == job.former.Host {
		job.fillResult(job.former.Host)
		return p.updatePublication(ctx, job.op, job.former.Host, job.fillRecord)
	}
	// It is published under a new name.
	info, err := p.cfg.Store.Info(job.base)
	if err != nil {
		return err
	}
	job.meta.Info = info
	s, moves, err := job.install(ctx, false)
	if err != nil {
		return err
	}
	return job.awaitServed(ctx, s, moves)
}

// publishInPlace makes the folder itself the site, without a copy. Its files are hashed again when they are joined, and
// checked whenever they are read: a changed file is not seeded any more. A previous version that was seeded in place is
// not kept, since its files have changed.
func (job *publishJob) publishInPlace(ctx context.Context) error {
	if slices.Contains(job.plan.Stamps(), 0) {
		return &engine.Error{
			Op: job.op, Kind: engine.Conflict,
			Msg: "files of the folder were written a moment ago: wait until whatever writes to it is done, and publish again",
		}
	}
	job.same = job.compareTimes(job.previous)
	if err := job.hashInPlace(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	infohash, isUsed := job.meta.Infohash, false
	err := job.p.withState(job.op, infohash, func(st *state) error {
		isUsed = st.swarm.hasUsers(infohash)
		if isUsed && infohash != job.served {
			return &engine.Error{
				Op: job.op, Host: infohash, Kind: engine.Conflict,
				Msg: "the same content is here already as a copy: publish it without --in-place, or remove " + infohash,
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if isUsed && slices.Equal(job.former.Stamps, job.plan.Stamps()) {
		return job.publishUnchanged(ctx)
	}
	s, moves, err := job.install(ctx, false)
	if err != nil {
		return err
	}
	if isUsed { // Its files were rewritten with the same bytes: it is joined again with their new times.
		if err := job.p.withState(job.op, infohash, func(st *state) error {
			st.torrents.rejoin(infohash)
			return nil
		}); err != nil {
			return err
		}
	}
	return job.awaitServed(ctx, s, moves)
}
