package sites

import (
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// How long former versions of a published site are kept, unless the configuration says otherwise, and how many.
const (
	keepFor      = 30 * 24 * time.Hour
	keepVersions = 10
)

func (e *Engine) keepFor() time.Duration {
	if e.cfg.KeepFor > 0 {
		return e.cfg.KeepFor
	}
	return keepFor
}

func (e *Engine) keepVersions() int {
	if e.cfg.KeepVersions > 0 {
		return e.cfg.KeepVersions
	}
	return keepVersions
}

// loadPublished reads which folders are sites.
func (e *Engine) loadPublished() error {
	records, err := e.cfg.Store.Publications()
	if err != nil {
		return err
	}
	for _, p := range records {
		versions, err := e.cfg.Store.Versions(p.Host)
		if err != nil {
			return err
		}
		for _, v := range versions { // records of the first releases have no Former
			if v.Source == bySelf && !isOwnVersion(p, v.Infohash) {
				p.Former = append(p.Former, v.Infohash)
			}
		}
		e.published[p.Host] = p
	}
	return nil
}

// bySelf is the source of a version that was published here and that no answer has named yet.
const bySelf = "published"

// mostFormer bounds how many versions are known as published here; the oldest are given up.
const mostFormer = 100

// formerVersions are the versions that were published before one that follows p.
func formerVersions(p store.Publication, infohash string) []string {
	former := slices.DeleteFunc(append([]string{p.Infohash}, p.Former...), func(v string) bool { return v == infohash })
	return former[:min(len(former), mostFormer)]
}

func isOwnVersion(p store.Publication, infohash string) bool {
	return p.Infohash == infohash || slices.Contains(p.Former, infohash)
}

// movesOn says that a published site follows its domain to a version: one that was published elsewhere, as from another
// machine of the same person. It never goes to one that was published here: that is what DNS says for some time after a
// new version, and after a person went back to an old one. Nor does it go anywhere before the domain has agreed: what it
// names until then is what it named before anything was published here. mu must be held.
func (e *Engine) movesOn(s *site, infohash string) bool {
	p := e.published[s.row.Host]
	return s.row.Mine && !s.row.Held && p.Agreed && !isOwnVersion(p, infohash)
}

// noteAgreement remembers that the domain of a published site names what was published here.
func (e *Engine) noteAgreement(host string, answer resolve.Answer) {
	e.writing.Lock()
	defer e.writing.Unlock()
	e.mu.Lock()
	p, published := e.published[host]
	if !published || p.Agreed || answer.Stale || !isOwnVersion(p, answer.Infohash) {
		e.mu.Unlock()
		return
	}
	p.Agreed = true
	e.published[host] = p
	e.mu.Unlock()
	if err := e.cfg.Store.PutPublication(p); err != nil {
		e.cfg.Logger.Warn("sites: remember that a domain names what was published", "host", host, "err", err)
	}
}

// formerOf gives the published site that is named by its infohash and has had this one before, if that version is still
// kept: its address then goes on showing what it always showed. mu must be held.
func (e *Engine) formerOf(infohash string) (*site, *torrent) {
	t := e.torrents[infohash]
	if t == nil || !t.ready || e.sites[infohash] != nil {
		return nil, nil
	}
	for s := range t.users {
		if s.row.Mine && slices.ContainsFunc(s.row.Kept, func(k store.Kept) bool { return k.Infohash == infohash }) {
			return s, t
		}
	}
	return nil, nil
}

// openFormer holds a former version for one request.
func (e *Engine) openFormer(infohash string) engine.Content {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, t := e.formerOf(infohash)
	if s == nil {
		return nil
	}
	s.inUse++
	t.readers++
	return &content{e: e, s: s, t: t}
}

// keepsFor is for how long a version of the site is seeded after another one has taken its place. mu must be held.
func (e *Engine) keepsFor(s *site) time.Duration {
	if s.row.Mine {
		return e.keepFor()
	}
	return s.nameTTL()
}

// keeps is how many former versions of the site are seeded at most.
func (e *Engine) keeps(s *site) int {
	if s.row.Mine {
		return e.keepVersions()
	}
	return mostKept
}

// unnamed gives the published site of that host if it is named by its infohash.
func (e *Engine) unnamed(host string) *site {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.sites[host]; s != nil && s.row.Mine && engine.IsInfohash(host) {
		return s
	}
	return nil
}

// restoreVersion lets a published site that is named by its infohash have a former version, and with it that version's
// address.
func (e *Engine) restoreVersion(op string, s *site, infohash string) error {
	e.membership.Lock()
	defer e.membership.Unlock()
	e.mu.Lock()
	host := s.row.Host
	record, published := e.published[host]
	here := slices.ContainsFunc(s.row.Kept, func(k store.Kept) bool { return k.Infohash == infohash })
	e.mu.Unlock()
	switch {
	case infohash == host:
		return nil
	case !published || !here:
		return &engine.Error{Op: op, Host: host, Kind: engine.NotFound, Msg: "this version is not kept any more, or never was: `wtptui show " + host + "` lists those that are"}
	}
	info, err := e.cfg.Store.Info(infohash)
	if err != nil {
		return err
	}
	now := e.cfg.Clock.Now()
	record.Host = infohash
	e.writing.Lock()
	e.mu.Lock()
	row, _ := e.publishedRow(infohash, host, infohash, now)
	e.mu.Unlock()
	err = e.cfg.Store.Publish(record, row, engine.Version{Infohash: infohash, LastSeen: engine.At(now), Source: bySelf}, info, host)
	if err != nil {
		e.writing.Unlock()
		return storeError(op, host, err)
	}
	e.mu.Lock()
	delete(e.published, host)
	e.published[infohash] = record
	s, orphan := e.rename(row, host)
	e.record(s, engine.Info, engine.Noticed, "back at the version "+infohash)
	spec := e.spec(s, infohash)
	e.mu.Unlock()
	e.writing.Unlock()
	if orphan != nil {
		e.dissolve(orphan)
	}
	if err := e.serve(s, spec); err != nil {
		return err
	}
	e.publish()
	return nil
}
