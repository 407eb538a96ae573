package sites

import (
	"context"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// Open implements engine.Content.
func (c *content) Open(ctx context.Context, entry engine.Entry) (io.ReadSeekCloser, error) {
	r, err := c.t.Open(ctx, entry.Index)
	if w, ok := r.(swarm.Waiter); ok && err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waiters = append(c.waiters, w)
	}
	return r, err
}

// maxFrom is how many peers a request names.
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
func (c *content) Complete() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.t.complete
}

// Raise implements engine.Content. What a page shows comes before the pages that it links to.
func (c *content) Raise(entries []engine.Entry) {
	var assets, pages []int
	for _, entry := range entries {
		switch strings.ToLower(path.Ext(entry.Name)) {
		case ".html", ".htm", "":
			pages = append(pages, entry.Index)
		default:
			assets = append(assets, entry.Index)
		}
	}
	c.t.Raise(assets, true)
	c.t.Raise(pages, false)
}

// maxTitle is the longest title that a site gets, in bytes.
const maxTitle = 200

// Retitle implements engine.Content.
func (c *content) Retitle(title string) {
	title = engine.Clean(title)
	if len(title) > maxTitle {
		cut := maxTitle
		for !utf8.RuneStart(title[cut]) {
			cut--
		}
		title = title[:cut] + "…"
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	// A page of a version that is served no more does not name the site.
	if title == "" || c.s.row.Title == title || c.s.gone || c.s.torrent != c.t {
		return
	}
	c.s.row.Title = title
	c.e.unsaved[c.s.row.Host] = struct{}{}
	c.e.changed = true
}
