package sites

import (
	"context"
	"slices"

	"wtptui/engine"
	"wtptui/store"
)

// unfinished begins the name of the grave of data that is being published, which is there until a row names the data:
// should we be killed on the way, nobody was told of it, and the next start deletes it.
const unfinished = "publication-"

// commit gives the data its place and makes it the site's version: everything, or nothing.
func (c *copying) commit(ctx context.Context) error {
	infohash := c.meta.Infohash
	t, there, err := c.claim(ctx)
	if err != nil {
		return err
	}
	var grave store.Grave
	if !there {
		if grave, err = c.writeGrave(ctx); err == nil {
			err = c.in.Commit(infohash, c.meta.Pieces)
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
		if stopped := c.p.ask(c.op, infohash, func(st *state) error {
			if !installed {
				st.folders.bury(grave)
			}
			st.swarm.letGo(infohash) // unless it has become a site
			st.torrents.end(t)
			return nil
		}); err == nil {
			err = stopped
		}
	}
	if err != nil {
		return err
	}
	return c.goLive(ctx, s, moves)
}

// writeGrave writes down that the data may go, before it is there.
func (c *copying) writeGrave(ctx context.Context) (g store.Grave, err error) {
	written := make(chan error, 1)
	err = c.p.ask(c.op, c.meta.Infohash, func(st *state) error {
		g = st.folders.graveOf(store.Site{Host: unfinished + c.meta.Infohash, Infohash: c.meta.Infohash})
		st.journal.change(part{
			change: func(tx *store.Tx) error { return tx.PutGrave(g) },
			done:   func(err error) { written <- err },
		})
		return nil
	})
	if err != nil {
		return g, err
	}
	return g, await(ctx, c.op, c.meta.Infohash, written)
}

// claim keeps everybody else from the torrent that is to be made, until end; t is nil if it is there already. Kind
// Conflict if it is being fetched.
func (c *copying) claim(ctx context.Context) (t *torrent, there bool, err error) {
	infohash := c.meta.Infohash
	claimed, abandoned := make(chan *torrent, 1), false
	err = c.p.ask(c.op, infohash, func(st *state) error {
		st.torrents.claim(infohash, func(t *torrent) {
			if claimed <- t; abandoned && t != nil {
				st.torrents.end(t)
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
		c.p.owner.ask(func() {
			abandoned = true
			select {
			case t := <-claimed:
				if t != nil {
					c.p.owned.torrents.end(t)
				}
			default:
			}
		})
		return nil, false, context.Cause(ctx)
	}
	if t != nil {
		return t, false, nil
	}
	return nil, true, c.p.ask(c.op, infohash, func(st *state) error {
		if !st.swarm.isWhole(infohash) {
			return &engine.Error{
				Op: c.op, Host: infohash, Kind: engine.Conflict,
				Msg: "the same content is being fetched here from others: wait until it is complete, or remove " + infohash,
			}
		}
		return nil
	})
}

// install records the version and lets the site have it: at once, or when moves says so, as soon as its readers
// pause. The data must be in place; hashed says that it was just put there.
func (ed *edition) install(ctx context.Context, hashed bool) (s *site, moves bool, err error) {
	in := installation{
		op: ed.op, host: ed.host(), infohash: ed.meta.Infohash, info: ed.meta.Info, now: ed.p.cfg.Clock.Now(),
		told: "published " + ed.meta.Infohash + ": " + countFiles(len(ed.plan.Files)) + ", " + engine.Bytes(ed.plan.Size),
		kind: engine.Added, hashed: hashed, base: ed.base,
	}
	in.record.Host, in.record.Infohash, in.record.InPlace = in.host, in.infohash, ed.req.InPlace
	ed.remember(&in.record)
	if ed.former != nil {
		in.record.Former = formerVersions(*ed.former, in.infohash)
		if ed.former.Host != in.host {
			in.former = ed.former.Host
		}
	}
	s, moves, err = ed.p.install(ctx, in)
	if err == nil {
		ed.describe(in.host)
	}
	return s, moves, err
}

// host is what the site will be called.
func (ed *edition) host() string {
	if ed.name != "" {
		return ed.name
	}
	return ed.meta.Infohash
}

// goLive waits until the site serves what was installed, which takes a few seconds while somebody reads the former
// version. A site that is paused meanwhile moves when it is resumed, and nobody waits for that.
func (ed *edition) goLive(ctx context.Context, s *site, moves bool) error {
	for {
		var there bool
		var moved chan struct{}
		err := ed.p.ask(ed.op, "", func(*state) error {
			moved = s.moved
			switch {
			case s.gone:
				there = true
			case moves:
				there = s.row.Infohash == ed.meta.Infohash || s.row.Next != ed.meta.Infohash || s.row.Paused || s.next.err != nil
			case s.err != nil:
				return s.err
			default:
				there = s.torrent == nil || s.torrent.infohash != ed.meta.Infohash || s.torrent.ready
			}
			return nil
		})
		if err != nil || there {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil
		}
	}
}

// again is for a folder that has not changed since it was published: there is no new version, but the times of its
// files are remembered, where it is now, and what was decided.
func (ed *edition) again(ctx context.Context) error {
	p := ed.p
	ed.meta.Infohash, ed.meta.PieceLength = ed.base, ed.previous.PieceLength()
	if ed.name == "" || ed.name == ed.former.Host {
		ed.describe(ed.former.Host)
		return p.rememberFolder(ctx, ed.op, ed.former.Host, ed.remember)
	}
	// It gets a name.
	info, err := p.cfg.Store.Info(ed.base)
	if err != nil {
		return err
	}
	ed.meta.Info = info
	s, moves, err := ed.install(ctx, false)
	if err != nil {
		return err
	}
	return ed.goLive(ctx, s, moves)
}

// stayInPlace makes the folder itself the site, without a copy. Its files are hashed once more when they are joined,
// and looked at whenever they are read: one that has changed is not seeded any more. The version before is not kept
// if it was seeded in place too, since its files are not what they were.
func (ed *edition) stayInPlace(ctx context.Context) error {
	if slices.Contains(ed.plan.Stamps(), 0) {
		return &engine.Error{
			Op: ed.op, Kind: engine.Conflict,
			Msg: "files of the folder were written a moment ago: wait until whatever writes to it is done, and publish again",
		}
	}
	ed.same = ed.compareTimes(ed.previous)
	if err := ed.hashInPlace(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	infohash, there := ed.meta.Infohash, false
	err := ed.p.ask(ed.op, infohash, func(st *state) error {
		there = st.swarm.isUsed(infohash)
		if there && infohash != ed.current {
			return &engine.Error{
				Op: ed.op, Host: infohash, Kind: engine.Conflict,
				Msg: "the same content is here already as a copy: publish it without --in-place, or remove " + infohash,
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if there && slices.Equal(ed.former.Stamps, ed.plan.Stamps()) {
		return ed.again(ctx)
	}
	s, moves, err := ed.install(ctx, false)
	if err != nil {
		return err
	}
	if there { // Its files were written anew with the same bytes: it is joined again, with their new times.
		if err := ed.p.ask(ed.op, infohash, func(st *state) error {
			st.torrents.renew(infohash)
			return nil
		}); err != nil {
			return err
		}
	}
	return ed.goLive(ctx, s, moves)
}
