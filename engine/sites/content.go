package sites

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// content is a site's torrent, held for one request. Its methods may be called from many goroutines; what they need of
// the site and the torrent was copied when it was made.
type content struct {
	*stateAccess

	s    *site
	t    *torrent
	once sync.Once

	joined swarm.Torrent
	files  *files
	flags  engine.Flags

	mu      sync.Mutex // guards the fields below
	waiters []swarm.Waiter
}

// holdForRequest records that a request holds the site.
func (s *site) holdForRequest(now time.Time) {
	s.inUse++
	s.lastUse = now
}

// content returns the torrent's files for a request that holds the site.
func (st *state) content(s *site, t *torrent) *content {
	t.readers++
	return &content{
		stateAccess: st.stateAccess, s: s, t: t, joined: t.joined, files: t.files, flags: engine.Flags(s.row.Flags),
	}
}

// Infohash implements engine.Content.
func (c *content) Infohash() string { return c.joined.Infohash() }

// Lookup implements engine.Content.
func (c *content) Lookup(path string) (engine.Entry, bool) {
	entry, ok := c.files.tree().files[path]
	return entry, ok
}

// List implements engine.Content.
func (c *content) List(dir string) ([]engine.Entry, bool) {
	entries, ok := c.files.tree().dirs[dir]
	return entries, ok
}

// Flags implements engine.Content.
func (c *content) Flags() engine.Flags { return c.flags }

// Close implements engine.Content.
func (c *content) Close(r engine.Request) {
	c.once.Do(func() {
		c.waited(&r)
		_ = c.withState("sites: close", "", func(st *state) error { // An engine that is stopping forgets its requests.
			c.t.readers--
			st.recordRequest(c.s, r)
			st.releaseRequest(c.s)
			return nil
		})
	})
}

// Unserved records a request for which Open has failed, as Content.Close does for the others.
func (e *Engine) Unserved(host string, r engine.Request) {
	// An engine that is stopping forgets its requests.
	_ = e.withState("sites: record a request", host, func(st *state) error {
		if s := st.roster.here[host]; s != nil {
			st.recordRequest(s, r)
		}
		return nil
	})
}

// Open implements engine.Content.
func (c *content) Open(ctx context.Context, entry engine.Entry, u engine.Urgency) (io.ReadSeekCloser, error) {
	r, err := c.joined.Open(ctx, entry.Index, u)
	if w, ok := r.(swarm.Waiter); ok && err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waiters = append(c.waiters, w)
	}
	return r, err
}

// maxFrom is how many peers a recorded request names.
const maxFrom = 8

// waited adds to a request what its readers, which are closed, had to wait for.
func (c *content) waited(r *engine.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.waiters {
		pieces, from := w.Waited()
		r.Pieces += pieces
		for _, peer := range from {
			if len(r.From) < maxFrom && !slices.Contains(r.From, peer) {
				r.From = append(r.From, peer)
			}
		}
	}
	c.waiters = nil
}

// Complete implements engine.Completer.
func (c *content) Complete() bool { return c.files.complete.Load() }

// Prefetch implements engine.Content.
func (c *content) Prefetch(entries []engine.Entry, u engine.Urgency) {
	indexes := make([]int, len(entries))
	for i, entry := range entries {
		indexes[i] = entry.Index
	}
	c.joined.Prefetch(indexes, u)
}

// VerifiedBytes implements engine.Content.
func (c *content) VerifiedBytes(entry engine.Entry) int64 { return c.joined.VerifiedBytes(entry.Index) }

// ArrivedBytes implements engine.Content.
func (c *content) ArrivedBytes(entry engine.Entry, length int64) (came, all int64) {
	return c.joined.ArrivedBytes(entry.Index, length)
}

// RecordWarning implements engine.Content.
func (c *content) RecordWarning(text string) {
	_ = c.withState("sites: note", "", func(st *state) error { // An engine that is stopping has no log to show.
		if !c.s.deleted {
			st.events.record(c.s, engine.Warning, engine.Noticed, engine.Clean(text))
		}
		return nil
	})
}

// LastArrival implements engine.Content.
func (c *content) LastArrival() time.Time { return c.joined.LastArrival() }

// maxTitle is the length of the longest title of a site, in bytes.
const maxTitle = 200

// SetTitle implements engine.Content.
func (c *content) SetTitle(title string) {
	title = engine.Clean(title)
	if len(title) > maxTitle {
		cut := maxTitle
		for !utf8.RuneStart(title[cut]) {
			cut--
		}
		title = title[:cut] + "…"
	}
	_ = c.withState("sites: retitle", "", func(st *state) error { // The next start asks for its title again.
		// A page of a version that is not served any more does not set the title.
		if title == "" || c.s.row.Title == title || c.s.deleted || c.s.torrent != c.t {
			return nil
		}
		c.s.row.Title = title
		st.journal.markDirty(c.s)
		st.events.changed = true
		return nil
	})
}
