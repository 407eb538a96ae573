package files

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"wtptui/engine"
	"wtptui/localserve/files/filestest"
	"wtptui/localserve/pages"
)

const domain = "docs.example.org"

// testOrigin is the origin of a site at a name of its own, beside one other site.
type testOrigin struct{}

func (testOrigin) Root() string { return "https://" + domain }

func (testOrigin) SiteRoot(host string) (root string, ok bool) {
	return "https://" + host, host == "other.example"
}

func (testOrigin) Redirect(*Response, *http.Request, int, *url.URL) bool { return false }

func (testOrigin) RootsVersion() string { return "" }

func (testOrigin) Confine(http.Header) {}

// newServer returns a server of one site, and the site.
func newServer(files map[string]string) (*Server, *filestest.Site) {
	m := &filestest.Site{Files: files}
	script := &filestest.Opener{Sites: map[string]engine.Content{domain: m}}
	log := slog.New(slog.DiscardHandler)
	return New(Config{Opener: script, Pages: pages.Pages{Log: log}, Log: log, StallTimeout: time.Minute}), m
}

// get requests a path, and returns the body.
func get(s *Server, path string) string {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
	s.Serve(s.NewResponse(w, r), r, testOrigin{}, domain, path)
	return w.Body.String()
}
