package sites

import (
	"context"

	"wtptui/engine"
)

// Host returns the host of the site whose origin has this label, and whether that site is here. For an unknown label
// that is a valid host it returns that host and false; for any other one "".
func (e *Engine) Host(label string) (host string, known bool) {
	const op = "sites: host"
	host, plain := engine.HostFromOriginLabel(label)
	if !plain && !engine.IsHashedOriginLabel(label) {
		return "", false
	}
	err := e.withState(op, host, func(st *state) error {
		if plain {
			former, _ := st.siteKeeping(host)
			known = st.roster.here[host] != nil || former != nil
			return nil
		}
		// Hashed labels are rare enough to search all sites.
		for h := range st.roster.here {
			if engine.OriginLabel(h) == label {
				host, known = h, true
				return nil
			}
		}
		host = st.removals.hostOfLabel(label)
		return nil
	})
	switch {
	case !known && engine.CheckSpecialUse(host) != nil:
		return "", false
	case err != nil || host != "":
		return host, known
	}
	return hostFromHistory(&e.cfg, label), false
}

// hostFromHistory returns the site in the history that has this hashed label, so that somebody who has one of its pages
// open can return to it.
func hostFromHistory(cfg *Config, label string) string {
	visits, err := cfg.Store.History()
	if err != nil {
		cfg.Logger.Warn("sites: search the history", "label", label, "err", err)
	}
	for _, v := range visits {
		if engine.OriginLabel(v.Host) == label {
			return v.Host
		}
	}
	return ""
}

// Open holds a site's content for one request, and opens the site first if it is not here. It waits for the name and
// the list of files until ctx ends, and then returns an error of Kind NotReady that says what is awaited.
func (e *Engine) Open(ctx context.Context, host string) (engine.Content, error) {
	return e.open(ctx, host, func(*state) error { return nil })
}

// open is Open unless refuse returns an error.
func (a *stateAccess) open(ctx context.Context, host string, refuse func(*state) error) (engine.Content, error) {
	const op = "sites: open"
	var c *content
	var s *site
	written := make(chan struct{})
	var wait error
	err := a.withState(op, host, func(st *state) error {
		if err := refuse(st); err != nil {
			return err
		}
		now := st.clock.Now()
		if former, t := st.siteKeeping(host); former != nil {
			former.holdForRequest(now)
			c = st.content(former, t)
			return nil
		}
		if found := st.roster.here[host]; found != nil && found.row.Found {
			return engine.FoundSiteError(op, host)
		}
		var isNew bool
		s, isNew = st.openSite(host)
		s.holdForRequest(now)
		if isNew {
			st.startSite(s)
			// A failed write is logged and retried; the site is read all the same.
			st.journal.flush(func(error) { close(written) })
			return nil
		}
		st.retryFailed(s)
		close(written)
		c, wait = st.readyContent(s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c == nil && wait == nil {
		c, wait = a.awaitContent(ctx, s, written)
	}
	if wait != nil {
		a.releaseRequest(s)
		return nil, wait
	}
	return c, nil
}

// retryFailed retries what has failed for a site that is being opened.
func (st *state) retryFailed(s *site) {
	st.names.refreshExpired(s)
	switch {
	case s.torrent != nil:
		st.torrents.retry(s.torrent)
	case s.err != nil:
		st.names.startLookup(s)
	}
}

// readyContent returns the site's files for a request that holds it; nil while they are awaited.
func (st *state) readyContent(s *site) (*content, error) {
	t := s.torrent
	switch {
	case s.deleted || !s.row.EvictedAt.IsZero():
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
	return nil, t.stats.Fault // nothing arrives before the fault is fixed
}

// awaitContent waits until the site's row is written and its files are known. It returns them for one request.
func (a *stateAccess) awaitContent(ctx context.Context, s *site, written <-chan struct{}) (*content, error) {
	const op = "sites: open"
	select {
	case <-written:
	case <-ctx.Done():
		return nil, a.notReadyError(ctx, op, s)
	}
	for {
		var c *content
		var changed chan struct{}
		err := a.withState(op, "", func(st *state) (err error) {
			changed = s.changed
			c, err = st.readyContent(s)
			return err
		})
		if err != nil || c != nil {
			return c, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, a.notReadyError(ctx, op, s)
		case <-a.owner.ctx.Done():
			return nil, stoppingError(op, "")
		}
	}
}

// notReadyError returns the error for a request whose context has ended while it waited.
func (a *stateAccess) notReadyError(ctx context.Context, op string, s *site) error {
	return a.withState(op, "", func(st *state) error {
		return &engine.Error{
			Op: op, Host: s.row.Host, Kind: engine.NotReady,
			Msg: "waiting for " + s.describeAwaited(st.clock.Now()), Err: ctx.Err(),
		}
	})
}

// releaseRequest ends a request's hold on the site. The cache period starts when the last byte has been sent.
func (a *stateAccess) releaseRequest(s *site) {
	// An engine that is stopping has written down when it was opened.
	_ = a.withState("sites: close", "", func(st *state) error {
		st.releaseRequest(s)
		return nil
	})
}

func (st *state) releaseRequest(s *site) {
	now := st.clock.Now()
	s.inUse--
	s.lastUse = now
	if !s.deleted {
		s.touch(now, st.cfg.CacheTTL)
		st.journal.markDirty(s)
		st.events.changed = true
	}
}
