package fake

import (
	"context"
	"slices"
	"strconv"
	"time"

	"wtptui/engine"
)

// Three resolvers are asked, and the first one answers.
const (
	resolver       = "https://cloudflare-dns.com/dns-query"
	secondResolver = "https://dns.quad9.net/dns-query"
	thirdResolver  = "https://dns.google/dns-query"
)

// Resolve implements engine.Engine. It finds the domains and keys of the simulated sites, and no others.
func (e *Engine) Resolve(ctx context.Context, name string) (engine.Name, error) {
	if err := e.checkUsable(ctx, "resolve"); err != nil {
		return engine.Name{}, err
	}
	host, err := engine.ParseKnownHost(name)
	if special := engine.CheckSpecialUse(host); err == nil && special != nil {
		return engine.Name{}, special
	}
	if err != nil || engine.IsInfohash(host) {
		return engine.Name{}, &engine.Error{
			Op: "fake: resolve", Kind: engine.Invalid, Msg: engine.Clean(name) + " is neither a domain nor a key",
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.world.sites[host]; ok && s.Infohash != "" {
		return s.resolveName(e.world.now), nil
	}
	if engine.IsKey(host) {
		return unknownKey(host, e.world.now), nil
	}
	n := emptyName(host)
	n.At = engine.At(e.world.now)
	n.Error, n.ErrorKind = "no TXT record names a site: check the spelling, or ask its owner", engine.NotFound
	return n, nil
}

// Switch implements engine.Engine.
func (e *Engine) Switch(ctx context.Context, host, hash string) error {
	if err := e.checkUsable(ctx, "switch"); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.world.switchTo(host, hash); err != nil {
		return err
	}
	e.publish()
	return nil
}

// switchTo switches a site to a version, or, with an empty hash, to the newest one.
func (st *world) switchTo(host, hash string) error {
	s, err := st.findSite("switch", host)
	if err != nil {
		return err
	}
	if err := engine.CheckVersion("fake: switch", host, hash, s.versions); err != nil {
		return err
	}
	if hash == "" {
		hash, s.Held = s.newestInfohash(), false
	} else {
		s.Held, s.NextInfohash = true, ""
	}
	s.setVersion(hash, st.now)
	st.journal.record(s, engine.Resolved, engine.Info, "now serves %s", hash)
	return nil
}

// setVersion makes hash the version that is served.
func (s *site) setVersion(hash string, now time.Time) {
	s.versions = slices.Clone(s.versions) // a Detail may hold the old slice
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
	if s.NextInfohash == hash {
		s.NextInfohash = ""
	}
	if !s.Held {
		s.NextCheck = engine.At(now.Add(s.ttl))
	}
}

func (s *site) newestInfohash() string {
	if len(s.versions) == 0 {
		return ""
	}
	return s.versions[0].Infohash
}

// inventVersions returns versions of the site for the number in its script, newest first.
func (s *site) inventVersions(now time.Time) []engine.Version {
	n := max(s.script.Versions, 1)
	var out []engine.Version
	if s.script.NextPending {
		s.NextInfohash = inventInfohash(s.Host + " next")
		out = append(out, engine.Version{
			Infohash: s.NextInfohash, FirstSeen: engine.At(now.Add(-90 * time.Second)), LastSeen: engine.At(now),
			Source: resolver,
			State:  engine.VersionNext, Size: s.script.Size + s.script.Size/50,
		})
	}
	for i := range n {
		age := time.Duration(i) * 9 * 24 * time.Hour
		v := engine.Version{
			Infohash: s.Infohash, FirstSeen: engine.At(s.AddedAt.Std().Add(-age)), LastSeen: engine.At(now), Source: resolver,
			State: engine.VersionCurrent, Size: s.script.Size,
		}
		switch {
		case s.Mine:
			v.Source = "published"
		case s.key.exists():
			v.Source = "dht"
		}
		if i > 0 {
			v.Infohash = inventInfohash(s.Host + " before " + strconv.Itoa(i))
			v.LastSeen = engine.At(s.AddedAt.Std().Add(-age + 9*24*time.Hour))
			v.State, v.KeptUntil = engine.VersionKept, engine.At(now.Add(time.Duration(30-9*i)*24*time.Hour))
			v.Size -= int64(i) * s.script.Size / 40
		}
		if i > 2 {
			v.State, v.KeptUntil = engine.VersionGone, engine.Time{}
		}
		out = append(out, v)
	}
	return out
}

// lookUpWhenDue looks the site's domain up again if the answer has expired.
func (s *site) lookUpWhenDue(now time.Time) {
	if s.NextCheck.IsZero() || now.Before(s.NextCheck.Std()) {
		return
	}
	s.NextCheck = engine.At(now.Add(s.ttl))
	s.versions = slices.Clone(s.versions) // a Detail may hold the old slice
	for i := range s.versions {
		if s.versions[i].Infohash == s.newestInfohash() {
			s.versions[i].LastSeen = engine.At(now)
		}
	}
}

// resolveName returns what the site's domain or key points to; a Name without a host for an infohash.
func (s *site) resolveName(now time.Time) engine.Name {
	if engine.IsInfohash(s.Host) {
		return emptyName("")
	}
	n := emptyName(s.Host)
	n.Infohash, n.Versions = s.newestInfohash(), slices.Clone(s.versions)
	if s.key.exists() && n.Infohash != "" {
		n.Expires = s.NextCheck
		s.key.fillName(&n, s.Record)
		return n
	}
	if now.Before(s.namedAt) {
		n.Infohash = s.previousHash
		if n.Infohash == "" {
			n.At, n.Error, n.ErrorKind = engine.At(now), "no TXT record names a site yet", engine.NotFound
			n.Asked = []engine.Asked{{URL: resolver, Took: int64(31 * time.Millisecond)}}
			return n
		}
	}
	if n.Infohash == "" {
		n.Error, n.ErrorKind = s.Error, s.ErrorKind
		n.Asked = []engine.Asked{
			{URL: resolver, Took: int64(31 * time.Millisecond)}, {URL: secondResolver, Took: int64(44 * time.Millisecond)},
		}
		if n.ErrorKind == engine.NotFound {
			n.Found = []string{"v=spf1 -all"}
		}
		return n
	}
	n.Source, n.At, n.Expires = resolver, s.versions[0].LastSeen, s.NextCheck
	n.DNSSEC = s.ttl > 20*time.Minute
	n.Asked = []engine.Asked{
		{URL: resolver, Took: int64(23 * time.Millisecond), Infohash: n.Infohash},
		{URL: secondResolver, Took: int64(41 * time.Millisecond), Infohash: n.Infohash},
	}
	if s.script.NextPending {
		n.Asked = append(n.Asked, engine.Asked{URL: thirdResolver, Took: int64(18 * time.Millisecond), Infohash: s.Infohash})
		n.Warnings = []string{"resolvers disagree: dns.google still names the version before"}
		n.Trackers, n.WebSeeds = []string{"wss://tracker.openwebtorrent.com"}, []string{"https://" + s.Host + "/"}
	}
	return n
}

func emptyName(host string) engine.Name {
	return engine.Name{
		Host: host, Trackers: []string{}, WebSeeds: []string{}, Found: []string{}, Warnings: []string{},
		Asked:    []engine.Asked{},
		Versions: []engine.Version{},
	}
}
