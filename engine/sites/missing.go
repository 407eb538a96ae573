package sites

import (
	"net/http"
	"path"
	"strings"

	"wtptui/engine"
)

// maxMissing bounds how many missing parts of a page are told apart.
const maxMissing = 256

// missing is what the page that was sent last lacks. The zero value is a page that lacks nothing.
type missing struct {
	page  string
	parts map[string]struct{} // paths
}

// finished takes a request that has ended, and reports whether something is missing now that was not, or the other way
// round.
func (m *missing) update(r engine.Request) (changed bool) {
	before, page := len(m.parts), m.page
	isPart := r.Page != "" && r.Page != r.Path
	came := !r.Cut && (r.Status == http.StatusOK || r.Status == http.StatusNotModified || r.Status == http.StatusPartialContent)
	switch {
	case isPart && (r.Cut || r.Status == http.StatusGatewayTimeout):
		if r.Page != m.page {
			*m = missing{page: r.Page, parts: map[string]struct{}{}}
		}
		if len(m.parts) < maxMissing {
			m.parts[r.Path] = struct{}{}
		}
	case isPart && came && r.Page == m.page:
		delete(m.parts, r.Path) // It was asked for again, and is shown now.
	case !isPart && came && (r.Path == m.page || looksLikePage(r.Path)):
		*m = missing{} // It was loaded again, or the person has gone on to another page.
	}
	if len(m.parts) == 0 {
		*m = missing{}
	}
	return len(m.parts) != before || m.page != page
}

// looksLikePage tells pages from what a browser asks for without saying for which page.
func looksLikePage(requested string) bool {
	requested, _, _ = strings.Cut(requested, "?")
	switch strings.ToLower(path.Ext(requested)) {
	case "", ".html", ".htm", ".xhtml":
		return true
	}
	return false
}

// finish takes note of a request that has ended; one without a path was none of a browser's.
func (st *state) recordRequest(s *site, r engine.Request) {
	if r.Path == "" {
		return
	}
	r.Page = engine.Clean(r.Page)
	s.requests = appendBounded(s.requests, r, keptRequests)
	if s.missing.update(r) {
		st.events.changed = true
	}
}
