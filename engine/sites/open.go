package sites

import (
	"context"

	"wtptui/engine"
)

// Host gives the site whose origin has this label, and whether that site is here. An unknown label that names a
// possible site gives its host and false; one that names none gives "".
func (e *Engine) Host(label string) (host string, known bool) {
	const op = "sites: host"
	host, plain := engine.HostOfLabel(label)
	if !plain && !engine.IsHashedLabel(label) {
		return "", false
	}
	err := e.ask(op, host, func(st *state) error {
		if plain {
			former, _ := st.formerOf(host)
			known = st.roster.here[host] != nil || former != nil
			return nil
		}
		// A hashed label is rare enough for a walk through all sites.
		for h := range st.roster.here {
			if engine.Label(h) == label {
				host, known = h, true
				return nil
			}
		}
		host = st.removals.labelled(label)
		return nil
	})
	switch {
	case !known && engine.RefuseSpecialUse(host) != nil:
		return "", false
	case err != nil || host != "":
		return host, known
	}
	return hostOfOld(&e.cfg, label), false
}

// hostOfOld gives the site of old that has this hashed label: whoever has a page of one open comes back to it.
func hostOfOld(cfg *Config, label string) string {
	visits, err := cfg.Store.History()
	if err != nil {
		cfg.Logger.Warn("sites: look for a site of old", "label", label, "err", err)
	}
	for _, v := range visits {
		if engine.Label(v.Host) == label {
			return v.Host
		}
	}
	return ""
}

// Open holds a site's content for one request, and opens the site first if it is not here. It waits for the domain and
// the list of files until ctx ends, and then returns an error of Kind NotReady that says what is awaited.
func (e *Engine) Open(ctx context.Context, host string) (engine.Content, error) {
	return e.open(ctx, host, func(*state) error { return nil })
}

// open is Open for those whom refuse does not turn away.
func (a *asker) open(ctx context.Context, host string, refuse func(*state) error) (engine.Content, error) {
	const op = "sites: open"
	var c *content
	var s *site
	written := make(chan struct{})
	var wait error
	err := a.ask(op, host, func(st *state) error {
		if err := refuse(st); err != nil {
			return err
		}
		now := st.clock.Now()
		if former, t := st.formerOf(host); former != nil {
			former.hold(now)
			c = st.content(former, t)
			return nil
		}
		if found := st.roster.here[host]; found != nil && found.row.Found {
			return engine.RefuseFound(op, host)
		}
		var isNew bool
		s, isNew = st.visit(host)
		s.hold(now)
		if isNew {
			st.enter(s)
			// It is read all the same if that fails, which is logged, and saved later.
			st.journal.flush(func(error) { close(written) })
			return nil
		}
		st.askAgain(s)
		close(written)
		c, wait = st.ready(s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c == nil && wait == nil {
		c, wait = a.awaitContent(ctx, s, written)
	}
	if wait != nil {
		a.letUse(s)
		return nil, wait
	}
	return c, nil
}

// askAgain tries again what has failed: somebody asks again, so do we.
func (st *state) askAgain(s *site) {
	st.names.refresh(s)
	switch {
	case s.torrent != nil:
		st.torrents.retry(s.torrent)
	case s.err != nil:
		st.names.lookUp(s)
	}
}

// ready gives the site's files for a request that holds it; nothing while they are awaited.
func (st *state) ready(s *site) (*content, error) {
	t := s.torrent
	switch {
	case s.gone || !s.row.EvictedAt.IsZero():
		return nil, &engine.Error{
			Op: "sites: open", Host: s.row.Host, Kind: engine.NotFound,
			Msg: "the site was removed meanwhile: open it again",
		}
	case s.err != nil:
		return nil, s.err
	case t == nil:
		return nil, nil
	case t.ready:
		return st.content(s, t), nil
	}
	return nil, t.last.Fault // nothing comes before that is mended
}

// await waits until the site is written down and its files are known, and gives them for one request.
func (a *asker) awaitContent(ctx context.Context, s *site, written <-chan struct{}) (*content, error) {
	const op = "sites: open"
	select {
	case <-written:
	case <-ctx.Done():
		return nil, a.notReady(ctx, op, s)
	}
	for {
		var c *content
		var moved chan struct{}
		err := a.ask(op, "", func(st *state) (err error) {
			moved = s.moved
			c, err = st.ready(s)
			return err
		})
		if err != nil || c != nil {
			return c, err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, a.notReady(ctx, op, s)
		case <-a.owner.ctx.Done():
			return nil, stopping(op, "")
		}
	}
}

// notReady is the error of whoever has waited for long enough.
func (a *asker) notReady(ctx context.Context, op string, s *site) error {
	return a.ask(op, "", func(st *state) error {
		return &engine.Error{
			Op: op, Host: s.row.Host, Kind: engine.NotReady,
			Msg: "waiting for " + s.awaiting(st.clock.Now()), Err: ctx.Err(),
		}
	})
}

// letUse ends one request's hold: the cache period begins when the last byte has gone out.
func (a *asker) letUse(s *site) {
	_ = a.ask("sites: close", "", func(st *state) error { // An engine that is stopping has written down when it was opened.
		st.letUse(s)
		return nil
	})
}

func (st *state) letUse(s *site) {
	now := st.clock.Now()
	s.inUse--
	s.lastUse = now
	if !s.gone {
		s.touch(now, st.cfg.CacheTTL)
		st.journal.mark(s)
		st.news.changed = true
	}
}
