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

func (e *Engine) until(b binned) time.Time { return b.since.Add(max(e.opts.Bin, engine.UndoPeriod)) }

// bin sends a site away.
func (e *Engine) bin(s *site, removed bool) {
	delete(e.sites, s.Host)
	e.binned[s.Host] = binned{s, removed, e.now}
}

// emptyBin deletes what has been in the bin for its time.
func (e *Engine) emptyBin() {
	for host, b := range e.binned {
		if !e.now.Before(e.until(b)) {
			delete(e.binned, host)
		}
	}
}

// doInBin applies a verb to a site that is in the bin.
func (e *Engine) doInBin(verb engine.Verb, b binned) {
	host := b.site.Host
	switch verb {
	case engine.Evict:
	case engine.Remove:
		b.removed = true
		e.binned[host] = b
	case engine.RemoveNow:
		delete(e.binned, host)
	case engine.Undo:
		e.bringBack(b)
	default: // It is refused: see engine.RefuseVerb.
	}
}

func (e *Engine) bringBack(b binned) {
	s := b.site
	delete(e.binned, s.Host)
	e.sites[s.Host] = s
	if !s.Pinned && s.State != engine.Found && !s.ExpiresAt.Std().After(e.now) {
		s.open(e.now, e.opts.CacheTTL)
	}
	e.record(s, engine.Restored, engine.Info, "brought back")
}

// reopen is bringBack for whoever opens a site again: one that was removed is not pinned, unless it was published here,
// nor paused.
func (e *Engine) reopen(b binned) *site {
	e.bringBack(b)
	if b.removed {
		b.site.Pinned = b.site.Mine
		e.apply(engine.Resume, b.site)
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
	views := []engine.Binned{}
	for _, b := range e.binned {
		s := b.site
		views = append(views, engine.Binned{
			Host: s.Host, URL: s.URL, Infohash: s.Infohash, Title: s.Title,
			Pinned: s.Pinned, Mine: s.Mine, Found: s.State == engine.Found, Removed: b.removed,
			Bytes: s.Completed, Since: engine.At(b.since), Until: engine.At(e.until(b)),
		})
	}
	slices.SortFunc(views, func(a, b engine.Binned) int {
		return cmp.Or(b.Since.Std().Compare(a.Since.Std()), cmp.Compare(b.Host, a.Host))
	})
	return views, nil
}

func (e *Engine) binStatus() engine.Bin {
	st := engine.Bin{Period: max(0, int64(e.opts.Bin/time.Second)), Sites: len(e.binned)}
	for _, b := range e.binned {
		st.Bytes += b.site.Completed
	}
	return st
}
