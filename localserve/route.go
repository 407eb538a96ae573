package localserve

import (
	"net/http"
	"strings"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/files"
	"wtptui/localserve/pages"
)

// route finds the site that a request is for, and checks whether it may be opened.
func (s *Server) route(resp *files.Response, r *http.Request, t requestTarget) {
	if t.label == "" {
		s.serveBareHost(resp, r, t)
		return
	}
	host, known := s.cfg.Opener.Host(t.label)
	switch {
	case host == "":
		host = s.hashed.host(t.label)
	case engine.IsHashedOriginLabel(t.label):
		s.hashed.store(t.label, host) // The page stays open in the browser when the site is removed.
	}
	// Requests that a browser makes by itself (the script of a service worker, an icon) must not receive the single
	// response that makes it delete the site's data: it may ignore the header there.
	if host != "" && s.cfg.TakeRemoved != nil && fetchmeta.MayBeNavigation(r) && s.cfg.TakeRemoved(host) {
		resp.Header()["Clear-Site-Data"] = clearAll
		r = files.WithoutHeader(r, "If-None-Match") // With a 304, the browser would cache and reapply this header.
	}
	switch {
	case host == "":
		s.pages.Fail(resp, r, *foreignHost)
	case !known && files.StartsWithDoubleSlash(t.path):
		s.pages.Fail(resp, r, *files.BadTarget)
	case !known && !s.mayJoin(r, t.port):
		s.confirmSite(resp, r, host)
	default:
		s.files.Serve(resp, r, siteOrigin{requestTarget: t, srv: s, host: host}, host, t.path)
	}
}

// serveBareHost serves the single page of this server, and redirects to sites. There must be nothing else here: any
// page can make requests to this origin.
func (s *Server) serveBareHost(w http.ResponseWriter, r *http.Request, t requestTarget) {
	switch {
	case files.StartsWithDoubleSlash(t.path):
		s.pages.Fail(w, r, *files.BadTarget)
	case t.path == "/" && r.URL.Query().Has("uri"):
		// This is the URL for a browser's registered protocol handler.
		s.redirectToSite(w, r, t, r.URL.Query().Get("uri"))
	case t.path == "/":
		s.serveAboutPage(w, r, t.port)
	case t.path == "/opensearch.xml":
		s.serveOpenSearch(w, r, t.port)
	case strings.HasPrefix(t.path, "/wtp/"):
		rest := strings.TrimPrefix(r.URL.EscapedPath(), "/wtp/")
		if r.URL.RawQuery != "" {
			rest += "?" + r.URL.RawQuery
		}
		s.redirectToSite(w, r, t, "wtp://"+rest)
	default:
		s.pages.Fail(w, r, pages.Failure{
			Status: http.StatusNotFound, Title: "Nothing here",
			Text: "Under this name, the server only has a page at /. Each site has a name of its own.",
		})
	}
}

// redirectToSite redirects to the origin of the site that a wtp URL names. It opens nothing. With "ask" in the query,
// the person is asked first if the site is not open: the request may have been made by a page.
func (s *Server) redirectToSite(w http.ResponseWriter, r *http.Request, t requestTarget, address string) {
	const scheme = "wtp://"
	if address = strings.TrimSpace(address); !strings.Contains(address, ":") {
		address = scheme + address // A person may omit it.
	}
	if len(address) < len(scheme) || !strings.EqualFold(address[:len(scheme)], scheme) {
		s.pages.Fail(w, r, pages.Failure{
			Status: http.StatusBadRequest, Title: "Not a wtp address", Text: explainInvalidAddress(address),
		})
		return
	}
	a, err := engine.ParseAddress(address)
	if err != nil {
		s.pages.Fail(w, r, pages.Failure{
			Status: http.StatusBadRequest, Title: "Not a wtp address", Text: engine.Message(err),
		})
		return
	}
	label := engine.OriginLabel(a.Host)
	host, known := s.cfg.Opener.Host(label)
	if host == "" {
		s.hashed.store(label, a.Host)
	}
	location := a.Resolve(originURL(label+".localhost", t.port))
	if !known && r.URL.Query().Has("ask") {
		s.confirmOtherSite(w, r, a.Host, location)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// explainInvalidAddress describes what is wrong with an address of another kind, and what the person may have meant.
func explainInvalidAddress(uri string) string {
	for _, web := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(uri[:min(len(uri), len(web))])+uri[min(len(uri), len(web)):],
			web); ok {
			return "This is a web address. The address of the wtp site would be wtp://" + engine.Clean(rest)
		}
	}
	return "The address of a site must begin with wtp://."
}

// hashedLabels stores the hosts of hashed labels that were requested. Such a label (see engine.OriginLabel) cannot be
// converted back into its host, and the Opener knows only those of sites that are or were open. Its zero value is
// ready.
type hashedLabels struct {
	mu    sync.Mutex
	hosts map[string]string
}

// maxHashed is the maximum size of hashedLabels: few sites have such a label.
const maxHashed = 256

func (l *hashedLabels) store(label, host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.hosts[label]; !ok && (l.hosts == nil || len(l.hosts) >= maxHashed) {
		l.hosts = map[string]string{}
	}
	l.hosts[label] = host
}

func (l *hashedLabels) host(label string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hosts[label]
}
