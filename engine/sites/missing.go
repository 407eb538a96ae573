package sites

import (
	"net/http"
	"path"
	"strings"

	"wtptui/engine"
)

// maxMissing is how many missing parts of a page are remembered.
const maxMissing = 256

// missing is what the page that was sent last lacks. The zero value is a page that lacks nothing.
type missing struct {
	page  string
	parts map[string]struct{} // paths
}

// update handles a request that has ended. It reports whether what is missing has changed.
func (m *missing) update(r engine.Request) (changed bool) {
	before, page := len(m.parts), m.page
	isPart := r.Page != "" && r.Page != r.Path
	ok := r.Status == http.StatusOK || r.Status == http.StatusNotModified || r.Status == http.StatusPartialContent
	arrived := ok && !r.Cut
	switch {
	case isPart && (r.Cut || r.Status == http.StatusGatewayTimeout):
		if r.Page != m.page {
			*m = missing{page: r.Page, parts: map[string]struct{}{}}
		}
		if len(m.parts) < maxMissing {
			m.parts[r.Path] = struct{}{}
		}
	case isPart && arrived && r.Page == m.page:
		delete(m.parts, r.Path) // It was requested again, and is shown now.
	case !isPart && arrived && (r.Path == m.page || looksLikePage(r.Path)):
		*m = missing{} // It was loaded again, or the person has opened another page.
	}
	if len(m.parts) == 0 {
		*m = missing{}
	}
	return len(m.parts) != before || m.page != page
}

// looksLikePage reports whether a path without a referring page is that of a page, judged by its extension.
func looksLikePage(requested string) bool {
	requested, _, _ = strings.Cut(requested, "?")
	switch strings.ToLower(path.Ext(requested)) {
	case "", ".html", ".htm", ".xhtml":
		return true
	}
	return false
}

// recordRequest records a request that has ended. Requests without a path did not come from a browser and are ignored.
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
