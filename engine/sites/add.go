package sites

import (
	"context"
	"slices"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// Add implements engine.Engine.
func (e *Engine) Add(_ context.Context, req engine.AddRequest) (engine.Site, error) {
	const op = "sites: add"
	in, err := e.readRequest(op, req)
	if err != nil {
		return engine.Site{}, err
	}
	if in.info != nil { // before there is a site: what cannot be kept is not begun
		if err := e.cfg.Store.PutInfo(in.host, in.info); err != nil {
			return engine.Site{}, storeError(op, in.host, err)
		}
	}
	e.mu.Lock()
	s, isNew, err := e.visit(op, in.host)
	if err != nil {
		e.mu.Unlock()
		return engine.Site{}, err
	}
	s.row.Trackers = union(s.row.Trackers, in.trackers)
	s.row.WebSeeds = union(s.row.WebSeeds, in.webSeeds)
	if in.title != "" && s.row.Title == "" {
		s.row.Title = in.title
	}
	if req.Pin {
		e.pin(s)
	}
	trackers, webSeeds, held := s.row.Trackers, s.row.WebSeeds, s.torrents()
	e.mu.Unlock()
	if isNew {
		e.enter(s)
	} else {
		for _, t := range held {
			e.hint(t, trackers, webSeeds)
			e.update(t)
		}
	}
	if err := e.save(); err != nil {
		return engine.Site{}, storeError(op, in.host, err)
	}
	e.publish()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.view(s), nil
}

// request is what an AddRequest comes to.
type request struct {
	host               string
	title              string
	info               []byte
	trackers, webSeeds []string
}

func (e *Engine) readRequest(op string, req engine.AddRequest) (request, error) {
	if len(req.Metainfo) > 0 {
		m, err := swarm.ParseMetainfo(req.Metainfo)
		if err != nil {
			return request{}, err
		}
		return request{host: m.Infohash, info: m.Info, trackers: m.Trackers, webSeeds: m.WebSeeds}, nil
	}
	a, err := engine.ParseAddress(req.Address)
	if err != nil {
		return request{}, err
	}
	switch {
	case a.TorrentFile != "":
		return request{}, &engine.Error{Op: op, Kind: engine.Invalid, Msg: "a .torrent file has to be given by its content"}
	case a.Label != "":
		host, ok := e.Host(a.Label)
		if host == "" || !ok {
			return request{}, &engine.Error{Op: op, Kind: engine.NotFound, Msg: "this local address belongs to no site that is here: use the site's wtp:// address"}
		}
		a.Host = host
	}
	return request{host: a.Host, title: a.Name, trackers: a.Trackers, webSeeds: a.WebSeeds}, nil
}

// visit opens a site: it makes a new one, brings an evicted one back, or starts the cache period over. isNew says that
// the caller has to enter it, once mu is free. mu must be held.
func (e *Engine) visit(op, host string) (s *site, isNew bool, err error) {
	if e.closed {
		_, err := e.find(op, host)
		return nil, false, err
	}
	now := e.cfg.Clock.Now()
	s = e.sites[host]
	switch {
	case s != nil:
	case e.evicted[host] != nil:
		s, isNew = e.evicted[host], true
		e.restore(s)
	default:
		s, isNew = newSite(store.Site{Host: host, AddedAt: now}, e.cfg.LocalRoot), true
		if engine.IsInfohash(host) {
			s.row.Infohash = host
		}
		e.sites[host] = s
		e.record(s, engine.Info, engine.Added, "opened")
	}
	s.row.LastOpen = now
	s.touch(now, e.cfg.CacheTTL)
	e.unsaved[host] = struct{}{}
	e.changed = true
	return s, isNew, nil
}

// enter starts a site that has just been put in place: it joins its torrent, or looks its domain up first.
func (e *Engine) enter(s *site) {
	e.mu.Lock()
	infohash := s.row.Infohash
	e.mu.Unlock()
	if infohash == "" {
		e.lookUp(s)
		return
	}
	e.join(s, infohash)
	e.resume(s)
}

// union appends what is not there yet.
func union(have, more []string) []string {
	for _, m := range more {
		if !slices.Contains(have, m) {
			have = append(have, m)
		}
	}
	return have
}

// storeError says that something was not kept.
func storeError(op, host string, err error) error {
	if engine.KindOf(err) != engine.Internal {
		return err
	}
	return &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Msg: "it could not be saved: check that the data folder is writable and not full", Err: err}
}
