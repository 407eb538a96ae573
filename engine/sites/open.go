package sites

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// Host gives the site whose origin has this label, and whether that site is here. An unknown label that names a
// possible site gives its host and false; one that names none gives "".
func (e *Engine) Host(label string) (host string, known bool) {
	host, ok := engine.HostOfLabel(label)
	switch {
	case ok:
		e.mu.Lock()
		defer e.mu.Unlock()
		former, _ := e.formerOf(host)
		return host, e.sites[host] != nil || former != nil
	case engine.IsHashedLabel(label):
		return e.hostOfHash(label)
	}
	return "", false
}

// hostOfHash is Host for a hashed label. It is rare enough for a walk through all sites, those of old included: whoever
// has a page of one open comes back to it.
func (e *Engine) hostOfHash(label string) (host string, known bool) {
	e.mu.Lock()
	for host := range e.sites {
		if engine.Label(host) == label {
			e.mu.Unlock()
			return host, true
		}
	}
	e.mu.Unlock()
	if host := e.removals.labelled(label); host != "" {
		return host, false
	}
	visits, err := e.cfg.Store.History()
	if err != nil {
		e.cfg.Logger.Warn("sites: look for a site of old", "label", label, "err", err)
	}
	for _, v := range visits {
		if engine.Label(v.Host) == label {
			return v.Host, false
		}
	}
	return "", false
}

// Open holds a site's content for one request, and opens the site first if it is not here. It waits for the domain and
// the list of files until ctx ends, and then returns an error of Kind NotReady that says what is awaited.
func (e *Engine) Open(ctx context.Context, host string) (engine.Content, error) {
	const op = "sites: open"
	if c := e.openFormer(host); c != nil {
		return c, nil
	}
	e.mu.Lock()
	s, isNew, err := e.visit(op, host)
	if err != nil {
		e.mu.Unlock()
		return nil, err
	}
	s.inUse++
	s.lastUse = e.cfg.Clock.Now()
	retry := s.torrent == nil && s.err != nil
	e.mu.Unlock()
	switch {
	case isNew:
		e.enter(s)
		if err := e.save(); err != nil { // It is read all the same, and saved later.
			e.cfg.Logger.Error("sites: save", "err", err)
		}
		e.publish()
	case retry: // somebody asks again: so do we
		e.lookUp(s)
	}
	t, err := e.await(ctx, s)
	if err != nil {
		e.letUse(s)
		return nil, err
	}
	return &content{e: e, s: s, t: t}, nil
}

// await waits until the site's files are known, and counts one more reader of its torrent.
func (e *Engine) await(ctx context.Context, s *site) (*torrent, error) {
	for {
		e.mu.Lock()
		t, err, moved, host := s.torrent, s.err, s.moved, s.row.Host
		if s.gone || !s.row.EvictedAt.IsZero() {
			err = &engine.Error{Op: "sites: open", Host: host, Kind: engine.NotFound, Msg: "the site was removed meanwhile: open it again"}
		}
		if err == nil && t != nil && !t.ready {
			err = t.last.Fault // nothing comes before that is mended
		}
		ready := err == nil && t != nil && t.ready
		if ready {
			t.readers++
		}
		e.mu.Unlock()
		switch {
		case err != nil:
			return nil, err
		case ready:
			return t, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			e.mu.Lock()
			awaited := e.awaiting(s, e.cfg.Clock.Now())
			e.mu.Unlock()
			return nil, &engine.Error{Op: "sites: open", Host: host, Kind: engine.NotReady, Msg: "waiting for " + awaited, Err: ctx.Err()}
		case <-e.ctx.Done():
			return nil, &engine.Error{Op: "sites: open", Host: host, Kind: engine.Unavailable, Msg: "the engine is stopping: start it again"}
		}
	}
}

// letUse ends one request's hold: the cache period begins when the last byte has gone out.
func (e *Engine) letUse(s *site) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.inUse--
	s.lastUse = e.cfg.Clock.Now()
	if s.gone {
		return
	}
	s.touch(e.cfg.Clock.Now(), e.cfg.CacheTTL)
	e.unsaved[s.row.Host] = struct{}{}
	e.changed = true
}

// content is a site's torrent, held for one request.
type content struct {
	e    *Engine
	s    *site
	t    *torrent
	once sync.Once

	mu      sync.Mutex // guards what follows; mu of the engine may not be taken with it
	waiters []swarm.Waiter
}

func (c *content) Infohash() string { return c.t.Infohash() }

func (c *content) Lookup(path string) (engine.Entry, bool) {
	entry, ok := c.t.files().files[path]
	return entry, ok
}

func (c *content) List(dir string) ([]engine.Entry, bool) {
	entries, ok := c.t.files().dirs[dir]
	return entries, ok
}

// NoClearnet implements engine.Content.
func (c *content) NoClearnet() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.s.row.NoClearnet
}

func (c *content) Close(r engine.Request) {
	c.once.Do(func() {
		c.waited(&r)
		c.e.mu.Lock()
		c.t.readers--
		c.s.requests = remember(c.s.requests, r, keptRequests)
		c.e.mu.Unlock()
		c.e.letUse(c.s)
	})
}

// Unserved records a request that Open has failed for, as Content.Close does for the others.
func (e *Engine) Unserved(host string, r engine.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.sites[host]; s != nil {
		s.requests = remember(s.requests, r, keptRequests)
	}
}

// awaiting says in a few words what an incomplete site waits for. mu must be held.
func (e *Engine) awaiting(s *site, now time.Time) string {
	t := s.torrent
	switch {
	case e.beingWritten(s):
		return "the disk: all is here and being written down"
	case t == nil && s.resolving:
		return "the address of " + s.row.Host + " (DNS)"
	case t == nil:
		return "its torrent"
	case s.row.Paused:
		return "resume: it is paused"
	case !s.lonely.IsZero() && now.Sub(s.lonely) >= time.Minute:
		return "peers: none found for " + shortTime(now.Sub(s.lonely))
	case t.last.Peers == 0:
		return "peers"
	case !t.ready:
		return "the list of files, from " + peers(t.last.Peers)
	}
	return "pieces, from " + peers(t.last.Peers)
}
