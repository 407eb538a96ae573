package localserve

import (
	_ "embed"
	"net/http"
	"net/url"
	"strings"

	"wtptui/localserve/pages"
)

//go:embed opensearch.xml
var openSearch string

// about is the bare host's page.
func (s *Server) about(w http.ResponseWriter, r *http.Request, port string) {
	p := pages.Page{
		Status: http.StatusOK, Kind: "about", Title: "Websites out of a swarm", Version: s.cfg.Version,
		Origin: origin("localhost", port), Sites: origin("*.localhost", port),
	}
	s.pages.ShowWith(w, r, p, "origin") // Who opens a site with its box is not asked again: see mayJoin.
}

// describeSearch describes the bare host's box to browsers, so that a site can be opened from their address bar.
func (s *Server) describeSearch(w http.ResponseWriter, r *http.Request, port string) {
	fill := strings.NewReplacer("{{.Origin}}", origin("localhost", port), "{{.Icon}}", string(pages.Icon()))
	text := fill.Replace(openSearch)
	pages.Ours(w.Header())
	w.Header().Set("Content-Type", "application/opensearchdescription+xml")
	pages.Respond(w, r, http.StatusOK, []byte(text))
}

// confirmOther asks the person before a site leads them to another one, with a link to it: they know that it was this
// one.
func (s *Server) confirmOther(w http.ResponseWriter, r *http.Request, host, link string) {
	s.pages.ShowWith(w, r, confirmation(host, link), "origin")
}

// confirm asks the person before a site is opened that they did not clearly ask for. The link leads to the same URL:
// followed on this page, it is a navigation from the site's own origin, which an old browser says with its Referer.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request, host string) {
	link := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	s.pages.ShowWith(w, r, confirmation(host, link.String()), "same-origin")
}

// confirmation asks whether to open a site, which a link does.
func confirmation(host, link string) pages.Page {
	return pages.Page{
		Status: http.StatusForbidden, Kind: "confirm", Title: "Open this site?",
		Host: host, Link: link, LinkText: "Open the site",
	}
}
