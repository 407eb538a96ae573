package sites

import (
	"context"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// Add implements engine.Engine.
func (e *Engine) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	const op = "sites: add"
	in, err := parseAddRequest(op, req, e.Host)
	if err != nil {
		return engine.Site{}, err
	}
	if ctx.Err() != nil {
		return engine.Site{}, canceledError(ctx, op, in.host)
	}
	if in.info != nil { // before there is a site, so that a failure leaves nothing behind
		err := e.writeChange(ctx, op, in.host, func(tx *store.Tx) error { return tx.PutInfo(in.host, in.info) })
		if err != nil {
			return engine.Site{}, err
		}
	}
	written := make(chan error, 1)
	var s *site
	err = e.withState(op, in.host, func(st *state) error {
		var isNew bool
		s, isNew = st.openSite(in.host)
		s.row.Trackers = union(s.row.Trackers, in.trackers)
		s.row.WebSeeds = union(s.row.WebSeeds, in.webSeeds)
		if in.peers != nil {
			s.linkPeers = in.peers
		}
		if in.title != "" && s.row.Title == "" {
			s.row.Title = in.title
		}
		events := st.events.collect(func() {
			if req.Pin {
				st.pin(s)
			}
		})
		if isNew {
			st.startSite(s)
		} else {
			st.names.refreshExpired(s)
		}
		for _, t := range s.torrents() {
			st.swarm.addHints(t, s)
		}
		st.journal.flush(func(err error) {
			if err == nil {
				st.events.emit(events...)
			}
			written <- err
		})
		return nil
	})
	if err != nil {
		return engine.Site{}, err
	}
	if err := awaitWrite(ctx, op, in.host, written); err != nil {
		return engine.Site{}, err
	}
	var v engine.Site
	err = e.withState(op, in.host, func(st *state) error {
		v = s.view(st.own, e.cfg.Clock.Now())
		return nil
	})
	return v, err
}

// addition is a parsed and validated AddRequest.
type addition struct {
	host               string
	title              string
	info               []byte
	trackers, webSeeds []string
	peers              []string
}

// parseAddRequest parses an AddRequest. hostOf is Engine.Host.
func parseAddRequest(op string, req engine.AddRequest, hostOf func(label string) (string, bool)) (addition, error) {
	if len(req.Metainfo) > 0 {
		m, err := swarm.ParseMetainfo(req.Metainfo)
		if err != nil {
			return addition{}, err
		}
		return addition{host: m.Infohash, info: m.Info, trackers: m.Trackers, webSeeds: m.WebSeeds}, nil
	}
	a, err := engine.ParseAddress(req.Address)
	if err != nil {
		return addition{}, err
	}
	switch {
	case a.TorrentFile != "":
		return addition{}, &engine.Error{Op: op, Kind: engine.Invalid, Msg: "a .torrent file has to be given by its content"}
	case a.OriginLabel != "":
		host, ok := hostOf(a.OriginLabel)
		if host == "" || !ok {
			return addition{}, &engine.Error{
				Op: op, Kind: engine.NotFound,
				Msg: "this local address belongs to no site that is here: use the site's wtp:// address",
			}
		}
		a.Host = host
	}
	return addition{host: a.Host, title: a.Name, trackers: a.Trackers, webSeeds: a.WebSeeds, peers: a.Peers}, nil
}

// openSite opens a site: it makes a new one, brings one back from the bin, or restarts the cache period. If isNew, the
// caller must call startSite.
func (st *state) openSite(host string) (s *site, isNew bool) {
	now := st.clock.Now()
	s = st.roster.here[host]
	switch {
	case s != nil:
		st.adoptFound(s)
	case st.roster.binned[host] != nil:
		s, isNew = st.roster.binned[host], true
		st.bin.reopen(s, now)
		st.adoptFound(s)
	default:
		s, isNew = newSite(store.Site{Host: host, AddedAt: now}, st.cfg.LocalRoot), true
		if engine.IsInfohash(host) {
			s.row.Infohash = host
		}
		st.roster.here[host] = s
		st.events.record(s, engine.Info, engine.Added, "opened")
	}
	s.row.LastOpen = now
	s.touch(now, st.cfg.CacheTTL)
	st.journal.markDirty(s)
	st.events.changed = true
	return s, isNew
}
