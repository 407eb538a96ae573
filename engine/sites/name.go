package sites

import (
	"context"
	"slices"

	"wtptui/engine"
)

// Resolve implements engine.Engine. A site of that domain which follows it takes the answer at once.
func (e *Engine) Resolve(ctx context.Context, domain string) (engine.Name, error) {
	const op = "sites: resolve"
	host, err := engine.ParseHost(domain)
	if err != nil || engine.IsInfohash(host) {
		return engine.Name{}, &engine.Error{Op: op, Kind: engine.Invalid, Msg: engine.Clean(domain) + " is not a domain: only a domain, like example.org, points to something"}
	}
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return engine.Name{}, &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Msg: "the engine is stopping: start it again"}
	}
	answer, err := e.cfg.Resolver.Ask(ctx, host)
	if ctx.Err() != nil || engine.KindOf(err) == engine.Invalid {
		return engine.Name{}, err
	}
	answer.Host = host
	e.mu.Lock()
	s := e.sites[host]
	follows, number := s != nil && !s.row.Held && !s.row.Paused, 0
	if follows {
		number = s.beginLookUp()
	}
	e.mu.Unlock()
	if follows {
		e.resolved(s, number, answer, err)
	}
	n := answer.Name(err)
	stored, storeErr := e.cfg.Store.Name(host)
	if storeErr != nil {
		return engine.Name{}, storeError(op, host, storeErr)
	}
	e.mu.Lock()
	n.Versions = e.viewVersions(host, stored.Versions)
	e.mu.Unlock()
	return n, nil
}

// viewName is what the site's domain says, as far as that is known without asking. mu must be held.
func (e *Engine) viewName(s *site, stored engine.Name) engine.Name {
	if engine.IsInfohash(s.row.Host) {
		n := stored
		n.Host, n.Infohash, n.Versions = "", "", []engine.Version{}
		return n
	}
	n := stored
	if s.answer.Host != "" {
		n = s.answer.Name(s.answerErr)
	}
	n.Host = s.row.Host
	if s.row.Mine && n.Infohash != "" && n.Infohash != s.row.Infohash {
		n.Warnings = append(n.Warnings, "the domain does not name what is published here yet: change its TXT record to wtpkey="+s.row.Infohash)
	}
	return n
}

// viewVersions are the versions that a host has had, by its domain's word or because they were published here, newest
// first, and what became of each. mu must be held.
func (e *Engine) viewVersions(host string, stored []engine.Version) []engine.Version {
	out := append([]engine.Version{}, stored...)
	slices.SortStableFunc(out, func(a, b engine.Version) int { return b.LastSeen.Std().Compare(a.LastSeen.Std()) })
	for i := range out {
		v := &out[i]
		v.State, v.Size, v.KeptUntil = engine.VersionGone, -1, engine.Time{}
		if s := e.sites[host]; s != nil {
			v.State, v.KeptUntil = s.versionState(v.Infohash)
		}
		if t := e.torrents[v.Infohash]; t != nil && t.ready {
			v.Size = t.Info().Size
		}
	}
	return out
}

// versionState says what the site does with an infohash.
func (s *site) versionState(infohash string) (engine.VersionState, engine.Time) {
	switch infohash {
	case s.row.Infohash:
		return engine.VersionCurrent, engine.Time{}
	case s.row.Next:
		return engine.VersionNext, engine.Time{}
	}
	for _, k := range s.row.Kept {
		if k.Infohash == infohash {
			return engine.VersionKept, engine.At(k.Until)
		}
	}
	return engine.VersionGone, engine.Time{}
}
