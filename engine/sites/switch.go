package sites

import (
	"context"
	"time"

	"wtptui/engine"
)

// Switch implements engine.Engine.
func (e *Engine) Switch(ctx context.Context, host, infohash string) error {
	const op = "sites: switch"
	stored, err := e.cfg.Store.Versions(host)
	if err != nil {
		return saveError(op, host, err)
	}
	unnamed := false // whether the site is published and named by its infohash
	written := make(chan error, 1)
	err = e.withState(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		if unnamed = infohash != "" && s.row.Mine && engine.IsInfohash(host); unnamed {
			return nil
		}
		if now := s.row.Infohash; infohash != now || now == host {
			if err := engine.CheckVersion(op, host, infohash, st.versions.view(host, stored)); err != nil {
				return err
			}
		}
		st.holdAt(s, infohash)
		st.journal.flush(func(err error) { written <- err })
		return nil
	})
	switch {
	case err != nil:
		return err
	case unnamed:
		return e.publisher.revertTo(ctx, op, host, infohash)
	}
	if err := awaitWrite(ctx, op, host, written); err != nil {
		return err
	}
	e.publisher.signSwitched(host)
	return nil
}

// holdAt holds the site at a version; with an empty one the site follows its domain or key again.
func (st *state) holdAt(s *site, infohash string) {
	s.row.Held = infohash != ""
	s.name.due = time.Time{} // as soon as it follows again
	st.journal.markDirty(s)
	if infohash == "" {
		st.events.record(s, engine.Info, engine.Noticed, "follows its "+nameAuthority(s)+" again")
		st.names.startLookup(s)
		return
	}
	st.events.record(s, engine.Info, engine.Noticed, "stays at "+infohash+", whatever its "+nameAuthority(s)+" says")
	st.versions.moveTo(s, infohash)
}

// revertTo makes a published site that is named by its infohash serve a former version, under that version's address.
func (p *publisher) revertTo(ctx context.Context, op, host, infohash string) error {
	if infohash == host {
		return nil
	}
	info, err := p.cfg.Store.Info(infohash)
	if err != nil {
		return err
	}
	in := installation{
		op: op, host: infohash, former: host, infohash: infohash, info: info, now: p.cfg.Clock.Now(),
		eventKind: engine.Noticed, eventText: "back at the version " + infohash,
	}
	err = p.withState(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		record, published := st.own.byHost[host]
		if !published || !s.keepsVersion(infohash) {
			return engine.CheckVersion(op, host, infohash, nil)
		}
		in.record = record
		in.record.Host = infohash
		return nil
	})
	if err != nil {
		return err
	}
	_, _, err = p.install(ctx, in)
	return err
}
