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

// serveAboutPage serves the page of the bare host.
func (s *Server) serveAboutPage(w http.ResponseWriter, r *http.Request, port string) {
	p := pages.Page{
		Status: http.StatusOK, Kind: "about", Title: "Websites out of a swarm", Version: s.cfg.Version,
		Origin: originURL("localhost", port), Sites: originURL("*.localhost", port),
	}
	s.pages.ShowWith(w, r, p, "origin") // A site that is opened with its field needs no confirmation: see mayJoin.
}

// serveOpenSearch serves the OpenSearch description of the bare host's field, with which sites can be opened from the
// address bar.
func (s *Server) serveOpenSearch(w http.ResponseWriter, r *http.Request, port string) {
	fill := strings.NewReplacer("{{.Origin}}", originURL("localhost", port), "{{.Icon}}", string(pages.Icon()))
	text := fill.Replace(openSearch)
	pages.SetHeaders(w.Header())
	w.Header().Set("Content-Type", "application/opensearchdescription+xml")
	pages.Respond(w, r, http.StatusOK, []byte(text))
}

// confirmOtherSite shows a page with a link that asks whether to go from a site to another one. The Referer of the
// link names the first one.
func (s *Server) confirmOtherSite(w http.ResponseWriter, r *http.Request, host, link string) {
	s.pages.ShowWith(w, r, confirmPage(host, link), "origin")
}

// confirmSite asks whether to open a site that the person did not clearly ask for. The link leads to the same URL: its
// request comes from the site's own origin, which an old browser states in its Referer.
func (s *Server) confirmSite(w http.ResponseWriter, r *http.Request, host string) {
	link := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	s.pages.ShowWith(w, r, confirmPage(host, link.String()), "same-origin")
}

// confirmPage returns the page that asks whether to open a site.
func confirmPage(host, link string) pages.Page {
	return pages.Page{
		Status: http.StatusForbidden, Kind: "confirm", Title: "Open this site?",
		Host: host, Link: link, LinkText: "Open the site",
	}
}
