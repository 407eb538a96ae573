package sites

import (
	"context"
	"slices"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// stayInPlace makes the folder itself the site, without a copy. Its files are hashed once more when they are joined, and
// looked at whenever they are read: one that has changed is not seeded any more. The version before is not kept if it
// was seeded in place too, since its files are not what they were.
func (ed *edition) stayInPlace(ctx context.Context) error {
	if slices.Contains(ed.plan.Stamps(), 0) {
		return &engine.Error{Op: ed.op, Kind: engine.Conflict, Msg: "files of the folder were written a moment ago: wait until whatever writes to it is done, and publish again"}
	}
	if err := ed.hashInPlace(ctx); err != nil {
		return err
	}
	e := ed.e
	e.membership.Lock()
	if ctx.Err() != nil {
		e.membership.Unlock()
		return context.Cause(ctx)
	}
	if there, _ := e.hasTorrent(ed.meta.Infohash); there && ed.meta.Infohash != ed.current {
		e.membership.Unlock()
		return &engine.Error{Op: ed.op, Host: ed.meta.Infohash, Kind: engine.Conflict, Msg: "the same content is here already as a copy: publish it without --in-place, or remove " + ed.meta.Infohash}
	} else if there {
		if slices.Equal(ed.former.Stamps, ed.plan.Stamps()) {
			e.membership.Unlock()
			return ed.again(ctx)
		}
		// Its files were written anew with the same bytes: it is joined again, with their new times.
		e.mu.Lock()
		s := e.sites[ed.former.Host]
		e.mu.Unlock()
		if s != nil {
			e.leave(s)
		}
	}
	s, moves, err := ed.install()
	e.membership.Unlock()
	return ed.goLive(ctx, s, moves, err)
}

// inPlace says where the version of a site is seeded from without a copy; nil for one that is copied. mu must be held.
func (e *Engine) inPlace(host, infohash string) *swarm.InPlace {
	p, ok := e.published[host]
	if !ok || !p.InPlace || p.Infohash != infohash {
		return nil
	}
	return &swarm.InPlace{Dir: p.Dir, Stamps: p.Stamps}
}

// wasInPlace says that a site's newest version is, or was until now, seeded from its folder. mu must be held.
func (e *Engine) wasInPlace(row store.Site, former string) bool {
	for _, host := range []string{row.Host, former} {
		if p, ok := e.published[host]; ok && p.InPlace && p.Infohash == row.Infohash {
			return true
		}
	}
	return false
}
