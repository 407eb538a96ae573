package fake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// binnedSite is a site in the bin.
type binnedSite struct {
	site    *site
	removed bool
	since   time.Time
}

// bin holds evicted and removed sites for a while.
type bin struct {
	period time.Duration // see Options.BinPeriod
	sites  map[string]binnedSite
}

func (b *bin) has(host string) bool {
	_, there := b.sites[host]
	return there
}

func (b *bin) expiry(away binnedSite) time.Time {
	return away.since.Add(max(b.period, engine.UndoPeriod))
}

// expire deletes the sites whose time in the bin has ended.
func (b *bin) expire(now time.Time) {
	for host, away := range b.sites {
		if !now.Before(b.expiry(away)) {
			delete(b.sites, host)
		}
	}
}

// list returns the sites in the bin, the newest first.
func (b *bin) list() []engine.Binned {
	views := []engine.Binned{}
	for _, away := range b.sites {
		s := away.site
		views = append(views, engine.Binned{
			Host: s.Host, URL: s.URL, Infohash: s.Infohash, Title: s.Title,
			Pinned: s.Pinned, Mine: s.Mine, Found: s.State == engine.Found, Removed: away.removed,
			Bytes: s.Completed, Since: engine.At(away.since), Until: engine.At(b.expiry(away)),
		})
	}
	slices.SortFunc(views, func(a, b engine.Binned) int {
		return cmp.Or(b.Since.Std().Compare(a.Since.Std()), cmp.Compare(b.Host, a.Host))
	})
	return views
}

func (b *bin) status() engine.Bin {
	st := engine.Bin{Period: max(0, int64(b.period/time.Second)), Sites: len(b.sites)}
	for _, away := range b.sites {
		st.Bytes += away.site.Completed
	}
	return st
}

// moveToBin moves a site into the bin.
func (st *world) moveToBin(s *site, removed bool) {
	delete(st.sites, s.Host)
	st.bin.sites[s.Host] = binnedSite{s, removed, st.now}
}

// applyInBin applies a verb to a site that is in the bin.
func (st *world) applyInBin(verb engine.Verb, b binnedSite) {
	host := b.site.Host
	if verb != engine.Undo {
		st.takeOffHomes(b.site)
	}
	switch verb {
	case engine.Evict:
	case engine.Remove:
		b.removed = true
		st.bin.sites[host] = b
	case engine.RemoveNow:
		delete(st.bin.sites, host)
	case engine.Undo:
		st.restoreFromBin(b)
	default: // It is refused: see engine.CheckVerb.
	}
}

func (st *world) restoreFromBin(b binnedSite) {
	s := b.site
	delete(st.bin.sites, s.Host)
	st.sites[s.Host] = s
	if !s.Pinned && s.State != engine.Found && !s.ExpiresAt.Std().After(st.now) {
		s.restartCachePeriod(st.now, st.life.ttl)
	}
	st.journal.record(s, engine.Restored, engine.Info, "brought back")
}

// reopenFromBin restores a site that a person opens again. One that was removed is not pinned, unless it was published
// here, nor paused.
func (st *world) reopenFromBin(b binnedSite) *site {
	st.restoreFromBin(b)
	if b.removed {
		b.site.Pinned = b.site.Mine
		st.apply(engine.Resume, b.site)
	}
	return b.site
}

// Bin implements engine.Engine.
func (e *Engine) Bin(ctx context.Context) ([]engine.Binned, error) {
	if err := e.checkUsable(ctx, "bin"); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.bin.list(), nil
}
