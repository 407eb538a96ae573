package localserve

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"wtptui/engine"
)

// route finds out which site is asked for, and whether it may be opened.
func (s *Server) route(w *answer, r *http.Request, t target) {
	if t.label == "" {
		s.bareHost(w, r, t)
		return
	}
	host, known := s.cfg.Opener.Host(t.label)
	switch {
	case host == "":
		host = s.hashed.host(t.label)
	case engine.IsHashedLabel(t.label):
		s.hashed.remember(t.label, host) // The page stays open in the browser when the site has gone.
	}
	if host != "" && s.cfg.Removed != nil && looksAtSite(r) && s.cfg.Removed(host) {
		w.Header()["Clear-Site-Data"] = clearAll
		r = without(r, "If-None-Match") // With a 304, the browser would keep this header and go by it ever after.
	}
	switch {
	case host == "":
		s.pages.fail(w, r, *foreignHost)
	case !known && startsTwice(t.path):
		s.pages.fail(w, r, *badTarget)
	case !known && !s.mayJoin(r, t.port):
		s.pages.confirm(w, r, host)
	default:
		s.site(w, r, t, host)
	}
}

// looksAtSite reports whether a person looks at a site with this request. What a browser asks for by itself (the script
// of a service worker, an icon) must not use up the one answer that has it forget: it may not go by that there.
func looksAtSite(r *http.Request) bool {
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}

// bareHost serves the one page of our own, and redirects to sites. There is nothing else here, and never will be:
// what is under this origin could be asked for by any page.
func (s *Server) bareHost(w http.ResponseWriter, r *http.Request, t target) {
	switch {
	case startsTwice(t.path):
		s.pages.fail(w, r, *badTarget)
	case t.path == "/" && r.URL.Query().Has("uri"):
		// What a browser's registered protocol handler calls.
		s.redirectToSite(w, r, t, r.URL.Query().Get("uri"))
	case t.path == "/":
		s.pages.about(w, r, t.port)
	case t.path == "/opensearch.xml":
		s.pages.openSearch(w, r, t.port)
	case strings.HasPrefix(t.path, "/wtp/"):
		rest := strings.TrimPrefix(r.URL.EscapedPath(), "/wtp/")
		if r.URL.RawQuery != "" {
			rest += "?" + r.URL.RawQuery
		}
		s.redirectToSite(w, r, t, "wtp://"+rest)
	default:
		s.pages.fail(w, r, failure{http.StatusNotFound, "Nothing here", "This server has a page at / and sites under their own names, and nothing else."})
	}
}

// redirectToSite sends the browser to the origin of the site that a wtp URL names. It opens nothing.
func (s *Server) redirectToSite(w http.ResponseWriter, r *http.Request, t target, uri string) {
	const scheme = "wtp://"
	if uri = strings.TrimSpace(uri); !strings.Contains(uri, ":") {
		uri = scheme + uri // A person may leave it out.
	}
	if len(uri) < len(scheme) || !strings.EqualFold(uri[:len(scheme)], scheme) {
		s.pages.fail(w, r, failure{http.StatusBadRequest, "Not a wtp address", notWtp(uri)})
		return
	}
	a, err := engine.ParseAddress(uri)
	if err != nil {
		s.pages.fail(w, r, failure{http.StatusBadRequest, "Not a wtp address", engine.Message(err)})
		return
	}
	label := engine.Label(a.Host)
	if host, _ := s.cfg.Opener.Host(label); host == "" {
		s.hashed.remember(label, a.Host)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", a.Resolve(origin(label+".localhost", t.port)))
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// notWtp says what is wrong with an address of another kind, and what the person may have meant.
func notWtp(uri string) string {
	for _, web := range []string{"https://", "http://"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(uri[:min(len(uri), len(web))])+uri[min(len(uri), len(web)):], web); ok {
			return "That is a web address. As a wtp site it would be wtp://" + engine.Clean(rest)
		}
	}
	return "An address of a site begins with wtp://."
}

// redirectToDir sends the browser from /dir to /dir/, so that relative links in the folder's index work. The path is
// escaped anew and cannot begin with two slashes, as the guard has let it pass; so it never names another host.
func redirectToDir(w http.ResponseWriter, r *http.Request, path string) {
	u := url.URL{Path: path + "/", RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Location", u.String())
	w.WriteHeader(http.StatusMovedPermanently)
}

// hashedLabels remembers which hosts were asked for. A hashed label (see engine.Label) cannot be turned back into its
// host, and the Opener knows only those of sites that are or were there. Its zero value is ready.
type hashedLabels struct {
	mu    sync.Mutex
	hosts map[string]string
}

// maxHashed bounds hashedLabels: few sites have such a label.
const maxHashed = 256

func (l *hashedLabels) remember(label, host string) {
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
