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
		return storeError(op, host, err)
	}
	unnamed := false // a published site that is named by its infohash
	written := make(chan error, 1)
	err = e.ask(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		if unnamed = infohash != "" && s.row.Mine && engine.IsInfohash(host); unnamed {
			return nil
		}
		if now := s.row.Infohash; infohash != now || now == host {
			if err := engine.RefuseVersion(op, host, infohash, st.versions.view(host, stored)); err != nil {
				return err
			}
		}
		st.stayAt(s, infohash)
		st.journal.flush(func(err error) { written <- err })
		return nil
	})
	switch {
	case err != nil:
		return err
	case unnamed:
		return e.publisher.goBack(ctx, op, host, infohash)
	}
	if err := await(ctx, op, host, written); err != nil {
		return err
	}
	e.publisher.signSwitched(host)
	return nil
}

// stayAt lets the site stay at a version, or with an empty one follow its domain, or key, again.
func (st *state) stayAt(s *site, infohash string) {
	s.row.Held = infohash != ""
	s.name.due = time.Time{} // once it follows again, at once
	st.journal.mark(s)
	if infohash == "" {
		st.news.record(s, engine.Info, engine.Noticed, "follows its "+whoDecides(s)+" again")
		st.names.lookUp(s)
		return
	}
	st.news.record(s, engine.Info, engine.Noticed, "stays at "+infohash+", whatever its "+whoDecides(s)+" says")
	st.versions.pursue(s, infohash)
}

// goBack lets a published site that is named by its infohash have a former version, and with it that version's address.
func (p *publisher) goBack(ctx context.Context, op, host, infohash string) error {
	if infohash == host {
		return nil
	}
	info, err := p.cfg.Store.Info(infohash)
	if err != nil {
		return err
	}
	in := installation{
		op: op, host: infohash, former: host, infohash: infohash, info: info, now: p.cfg.Clock.Now(),
		kind: engine.Noticed, told: "back at the version " + infohash,
	}
	err = p.ask(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		record, published := st.own.byHost[host]
		if !published || !s.keeps(infohash) {
			return engine.RefuseVersion(op, host, infohash, nil)
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
