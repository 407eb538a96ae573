package fake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// binned is a site in the bin.
type binned struct {
	site    *site
	removed bool
	since   time.Time
}

// bin keeps what was sent away for a while.
type bin struct {
	period time.Duration // see Options.BinPeriod
	sites  map[string]binned
}

func (b *bin) has(host string) bool {
	_, there := b.sites[host]
	return there
}

func (b *bin) until(away binned) time.Time { return away.since.Add(max(b.period, engine.UndoPeriod)) }

// expire deletes what has been in the bin for its time.
func (b *bin) expire(now time.Time) {
	for host, away := range b.sites {
		if !now.Before(b.until(away)) {
			delete(b.sites, host)
		}
	}
}

// list returns what is in the bin, the newest first.
func (b *bin) list() []engine.Binned {
	views := []engine.Binned{}
	for _, away := range b.sites {
		s := away.site
		views = append(views, engine.Binned{
			Host: s.Host, URL: s.URL, Infohash: s.Infohash, Title: s.Title,
			Pinned: s.Pinned, Mine: s.Mine, Found: s.State == engine.Found, Removed: away.removed,
			Bytes: s.Completed, Since: engine.At(away.since), Until: engine.At(b.until(away)),
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

// sendAway puts a site into the bin.
func (st *world) sendAway(s *site, removed bool) {
	delete(st.sites, s.Host)
	st.bin.sites[s.Host] = binned{s, removed, st.now}
}

// doInBin applies a verb to a site that is in the bin.
func (st *world) doInBin(verb engine.Verb, b binned) {
	host := b.site.Host
	if verb != engine.Undo {
		st.takeOff(b.site)
	}
	switch verb {
	case engine.Evict:
	case engine.Remove:
		b.removed = true
		st.bin.sites[host] = b
	case engine.RemoveNow:
		delete(st.bin.sites, host)
	case engine.Undo:
		st.bringBack(b)
	default: // It is refused: see engine.CheckVerb.
	}
}

func (st *world) bringBack(b binned) {
	s := b.site
	delete(st.bin.sites, s.Host)
	st.sites[s.Host] = s
	if !s.Pinned && s.State != engine.Found && !s.ExpiresAt.Std().After(st.now) {
		s.open(st.now, st.life.ttl)
	}
	st.journal.record(s, engine.Restored, engine.Info, "brought back")
}

// reopen is bringBack for whoever opens a site again: one that was removed is not pinned, unless it was published here,
// nor paused.
func (st *world) reopen(b binned) *site {
	st.bringBack(b)
	if b.removed {
		b.site.Pinned = b.site.Mine
		st.apply(engine.Resume, b.site)
	}
	return b.site
}

// Bin implements engine.Engine.
func (e *Engine) Bin(ctx context.Context) ([]engine.Binned, error) {
	if err := e.usable(ctx, "bin"); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.bin.list(), nil
}
