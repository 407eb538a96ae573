package fake

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

const resolver = "https://cloudflare-dns.com/dns-query"

// Resolve implements engine.Engine: domains of the play point to what they do there, all others have no key.
func (e *Engine) Resolve(ctx context.Context, domain string) (engine.Name, error) {
	if err := e.usable(ctx, "resolve"); err != nil {
		return engine.Name{}, err
	}
	host, err := engine.ParseHost(domain)
	if err != nil || engine.IsInfohash(host) {
		return engine.Name{}, &engine.Error{Op: "fake: resolve", Kind: engine.Invalid, Msg: engine.Clean(domain) + " is not a domain"}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.sites[host]; ok && s.Infohash != "" {
		return s.domain(), nil
	}
	n := emptyName(host)
	n.At = engine.At(e.now)
	n.Error, n.ErrorKind = "no TXT record names a site: check the spelling, or ask its owner", engine.NotFound
	return n, nil
}

// Switch implements engine.Engine.
func (e *Engine) Switch(ctx context.Context, host, hash string) error {
	if err := e.usable(ctx, "switch"); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.sites[host]
	if !ok {
		return notFound("switch", host)
	}
	if hash == "" {
		hash, s.Held = s.newest(), false
	} else {
		s.Held = true
	}
	if !slices.ContainsFunc(s.versions, func(v engine.Version) bool { return v.Infohash == hash }) {
		return &engine.Error{Op: "fake: switch", Host: host, Kind: engine.NotFound, Msg: "the site has never had this version"}
	}
	s.turnTo(hash, e.now)
	e.record(s, engine.Resolved, engine.Info, "now serves %s", hash)
	e.publish()
	return nil
}

// turnTo makes hash the version that is served.
func (s *site) turnTo(hash string, now time.Time) {
	s.versions = slices.Clone(s.versions) // the old ones may be in somebody's Detail
	for i := range s.versions {
		v := &s.versions[i]
		switch {
		case v.Infohash == hash:
			v.State, v.KeptUntil = engine.VersionCurrent, engine.Time{}
		case v.State == engine.VersionCurrent:
			v.State, v.KeptUntil = engine.VersionKept, engine.At(now.Add(time.Hour))
		}
	}
	s.Infohash, s.NextCheck = hash, engine.Time{}
	if !s.Held {
		s.NextCheck = engine.At(now.Add(time.Hour))
	}
}

func (s *site) newest() string {
	if len(s.versions) == 0 {
		return ""
	}
	return s.versions[0].Infohash
}

// domain is what the site's domain says.
func (s *site) domain() engine.Name {
	if engine.IsInfohash(s.Host) {
		return emptyName("")
	}
	n := emptyName(s.Host)
	n.Infohash, n.Expires, n.Versions = s.newest(), s.NextCheck, slices.Clone(s.versions)
	if n.Infohash != "" {
		n.Source, n.At = resolver, s.versions[0].LastSeen
		n.Asked = []engine.Asked{{URL: resolver, Took: int64(23 * time.Millisecond), Infohash: n.Infohash}}
	} else {
		n.Error, n.ErrorKind = s.Error, s.ErrorKind
	}
	return n
}

func emptyName(host string) engine.Name {
	return engine.Name{
		Host: host, Trackers: []string{}, WebSeeds: []string{}, Found: []string{}, Warnings: []string{}, Asked: []engine.Asked{},
		Versions: []engine.Version{},
	}
}
