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

// route finds out which site is asked for, and whether it may be opened.
func (s *Server) route(a *files.Answer, r *http.Request, t target) {
	if t.label == "" {
		s.bareHost(a, r, t)
		return
	}
	host, known := s.cfg.Opener.Host(t.label)
	switch {
	case host == "":
		host = s.hashed.host(t.label)
	case engine.IsHashedLabel(t.label):
		s.hashed.remember(t.label, host) // The page stays open in the browser when the site has gone.
	}
	// What a browser asks for by itself (the script of a service worker, an icon) must not use up the one answer that has
	// it forget: it may not go by that there.
	if host != "" && s.cfg.Removed != nil && fetchmeta.Visit(r) && s.cfg.Removed(host) {
		a.Header()["Clear-Site-Data"] = clearAll
		r = files.Without(r, "If-None-Match") // With a 304, the browser would keep this header and go by it ever after.
	}
	switch {
	case host == "":
		s.pages.Fail(a, r, *foreignHost)
	case !known && files.StartsTwice(t.path):
		s.pages.Fail(a, r, *files.BadTarget)
	case !known && !s.mayJoin(r, t.port):
		s.confirm(a, r, host)
	default:
		s.files.Serve(a, r, siteOrigin{target: t, srv: s, host: host}, host, t.path)
	}
}

// bareHost serves the one page of our own, and redirects to sites. There is nothing else here, and never will be:
// what is under this origin could be asked for by any page.
func (s *Server) bareHost(w http.ResponseWriter, r *http.Request, t target) {
	switch {
	case files.StartsTwice(t.path):
		s.pages.Fail(w, r, *files.BadTarget)
	case t.path == "/" && r.URL.Query().Has("uri"):
		// What a browser's registered protocol handler calls.
		s.redirectToSite(w, r, t, r.URL.Query().Get("uri"))
	case t.path == "/":
		s.about(w, r, t.port)
	case t.path == "/opensearch.xml":
		s.describeSearch(w, r, t.port)
	case strings.HasPrefix(t.path, "/wtp/"):
		rest := strings.TrimPrefix(r.URL.EscapedPath(), "/wtp/")
		if r.URL.RawQuery != "" {
			rest += "?" + r.URL.RawQuery
		}
		s.redirectToSite(w, r, t, "wtp://"+rest)
	default:
		s.pages.Fail(w, r, pages.Failure{
			Status: http.StatusNotFound, Title: "Nothing here",
			Text: "This server has a page at / and sites under their own names, and nothing else.",
		})
	}
}

// redirectToSite sends the browser to the origin of the site that a wtp URL names. It opens nothing. With "ask" in the
// query the person is asked first about a site that is not here: who sends a browser here may not be the one who types.
func (s *Server) redirectToSite(w http.ResponseWriter, r *http.Request, t target, uri string) {
	const scheme = "wtp://"
	if uri = strings.TrimSpace(uri); !strings.Contains(uri, ":") {
		uri = scheme + uri // A person may leave it out.
	}
	if len(uri) < len(scheme) || !strings.EqualFold(uri[:len(scheme)], scheme) {
		s.pages.Fail(w, r, pages.Failure{Status: http.StatusBadRequest, Title: "Not a wtp address", Text: notWtp(uri)})
		return
	}
	a, err := engine.ParseAddress(uri)
	if err != nil {
		s.pages.Fail(w, r, pages.Failure{Status: http.StatusBadRequest, Title: "Not a wtp address", Text: engine.Message(err)})
		return
	}
	label := engine.Label(a.Host)
	host, known := s.cfg.Opener.Host(label)
	if host == "" {
		s.hashed.remember(label, a.Host)
	}
	location := a.Resolve(origin(label+".localhost", t.port))
	if !known && r.URL.Query().Has("ask") {
		s.confirmOther(w, r, a.Host, location)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", location)
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
