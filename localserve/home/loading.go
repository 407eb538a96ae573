package home

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/files"
	"wtptui/localserve/home/loader"
	"wtptui/localserve/pages"
)

// Swarm is where a home's site is found besides the home.
type Swarm struct {
	Infohash string // of the version that the home has, 40 hex digits
	Title    string // the site's, clean
	Metainfo []byte // the .torrent file
	// Trackers are URLs of WebTorrent trackers, best first, and WebSeeds those that the torrent names.
	Trackers, WebSeeds []string
}

// Loader has browsers open sites from their swarms, and help to deliver them: see package loader.
type Loader struct {
	// Swarm returns where the site of a home is found; nil while that is not known yet. It reports false if the site
	// cannot be opened so, as its torrent is private (BEP 27). It is called from many goroutines, for some requests each
	// time.
	Swarm func(name string) (*Swarm, bool)
	// STUN are servers as RTCPeerConnection takes them.
	STUN []string
	// Ask has readers asked before anything is sent to others.
	Ask bool
}

// loading answers for the loader at all names of a server. Its zero value has no loader.
type loading struct {
	cfg *Loader
	srv *Server
	// secure are the names, where browsers run service workers.
	secure map[string]bool
}

func newLoading(cfg *Loader, s *Server) loading {
	l := loading{cfg: cfg, srv: s, secure: map[string]bool{}}
	for _, n := range s.cfg.Names {
		l.secure[n.Name] = cfg != nil && isSecure(n.URL)
	}
	return l
}

// isSecure reports whether browsers take a URL's origin for a secure one (W3C Secure Contexts, section 3.1).
func isSecure(root string) bool {
	u, err := url.Parse(root)
	if err != nil || u.Scheme == "https" {
		return err == nil
	}
	return u.Scheme == "http" && engine.IsLoopback(u.Hostname())
}

// swarm is Loader.Swarm of a name, which need not have a loader.
func (l *loading) swarm(name string) (*Swarm, bool) {
	if !l.secure[name] {
		return nil, false
	}
	return l.cfg.Swarm(name)
}

// loaderRequest is a request to a name that may have a loader.
type loaderRequest struct {
	*loading

	a                *files.Answer
	r                *http.Request
	name, host, path string
	// own is the path below the loader's folder, or the worker's; empty if it is neither.
	own string
}

// request returns one for a path, decoded and with its leading slash, of a site that is on.
func (l *loading) request(a *files.Answer, r *http.Request, name, host, path string) *loaderRequest {
	q := &loaderRequest{loading: l, a: a, r: r, name: name, host: host, path: path}
	if rest := path[1:]; rest == loader.WorkerPath || strings.HasPrefix(rest, loader.Folder) {
		q.own = rest
	}
	return q
}

// isWorker reports whether a browser asks for the script of a service worker (W3C Service Workers, Update algorithm).
func isWorker(r *http.Request) bool { return r.Header.Get("Service-Worker") == "script" }

// isWebSeed reports whether the request is one for a file of the torrent.
func (q *loaderRequest) isWebSeed() bool {
	return q.secure[q.name] && strings.HasPrefix(q.own, filesFolder)
}

// answered answers what is for the loader, and reports whether it was.
func (q *loaderRequest) answered() bool {
	if q.own == "" && !isWorker(q.r) && !q.isFirst() {
		return false // As most are: nobody is asked.
	}
	swarm, ok := q.swarm(q.name)
	switch {
	case !ok:
		return q.withoutLoader()
	case isWorker(q.r) && q.own != loader.WorkerPath:
		q.srv.pages.Fail(q.a, q.r, foreignWorker)
	case q.own != "":
		q.file(swarm)
	case swarm == nil || !q.srv.files.IsPage(q.r, q.host, q.path):
		return false
	default:
		q.a.Header().Add("Vary", frameVary)
		q.frame(loader.Frame(targetOf(q.r), swarm.Title))
	}
	return true
}

// foreignWorker is the answer to a browser that asks for a service worker of the site's own. One could take the place
// of the loader's.
var foreignWorker = pages.Failure{
	Status: http.StatusForbidden, Title: "No service worker",
	Text: "This site is opened by a loader, which has a service worker of its own. The site cannot have another one here.",
}

// withoutLoader answers for a name that may have had a loader before: its worker goes, and so do pages that it has
// loaded.
func (q *loaderRequest) withoutLoader() bool {
	switch {
	case q.own == loader.WorkerPath && isWorker(q.r) && !q.srv.files.Has(q.r, q.host, q.own):
		sendFarewellWorker(q.a, q.r)
	case q.own == loader.SitePath && !q.srv.files.Has(q.r, q.host, q.own):
		q.srv.pages.Fail(q.a, q.r, pages.Failure{
			Status: http.StatusGone, Title: "No loader", Text: "This site is opened without a loader here.",
		})
	default:
		return false
	}
	return true
}

// filesFolder is where the torrent's files are for clients that use the home as a web seed (BEP 19).
const filesFolder = loader.Folder + "files/"

// file answers for a path of the loader's own. swarm is nil while it is not known.
func (q *loaderRequest) file(swarm *Swarm) {
	asset, isAsset := loader.Lookup(q.own)
	switch {
	case q.own == loader.Folder+"plain":
		q.plain()
	case isAsset && q.own != loader.FramePath:
		q.a.Static(q.r, files.Static{Body: asset.Content, Gzip: asset.Gzip, Type: asset.Type, Tag: loader.Version()})
	case swarm == nil:
		q.srv.pages.Fail(q.a, q.r, pages.Failure{
			Status: http.StatusServiceUnavailable, Title: "Not here yet", Text: "This site is still on its way to this server.",
		})
	case q.own == loader.FramePath:
		q.frame(loader.HomeFrame("/", swarm.Title))
	case q.own == loader.SitePath:
		text := q.site(swarm).JSON()
		q.a.Static(q.r, files.Static{Body: text, Type: "application/json", Tag: sumOf(text)})
	case q.own == loader.TorrentPath(swarm.Infohash):
		q.a.Static(q.r, files.Static{Body: swarm.Metainfo, Type: "application/x-bittorrent", Immutable: true})
	default:
		q.webSeed()
	}
}

// webSeed sends a file of the torrent. What follows the infohash is the torrent's name, and if it has several files the
// path of one (BEP 19).
func (q *loaderRequest) webSeed() {
	rest, _ := strings.CutPrefix(q.own, filesFolder)
	infohash, name, ok := strings.Cut(rest, "/")
	if !ok || !q.isWebSeed() {
		q.srv.pages.FailSite(q.a, q.r, q.host, pages.Failure{
			Status: http.StatusNotFound, Title: "No such file", Text: "The loader has no such file.",
		})
		return
	}
	if _, below, several := strings.Cut(name, "/"); several {
		name = below
	}
	q.a.Header().Set("Access-Control-Allow-Origin", "*")
	q.srv.files.ServeRaw(q.a, q.r, q.host, infohash, name)
}

// site is what the page is told.
func (q *loaderRequest) site(swarm *Swarm) loader.Site {
	s := loader.Site{
		Infohash: swarm.Infohash, Host: q.host, Title: swarm.Title, Home: true, STUN: q.cfg.STUN, Ask: q.cfg.Ask,
		Contact: q.srv.cfg.Contact, WebSeeds: []string{filesFolder + swarm.Infohash + "/"},
	}
	s.Trackers = q.reachable(swarm.Trackers, "wss", "ws")
	s.WebSeeds = append(s.WebSeeds, q.reachable(swarm.WebSeeds, "https", "http")...)
	return s
}

// reachable returns those of some URLs that a page at the name may ask: without TLS only one that has none itself.
func (q *loaderRequest) reachable(urls []string, secure, plain string) []string {
	return slices.DeleteFunc(slices.Clone(urls), func(s string) bool {
		u, err := url.Parse(s)
		return err != nil || u.Scheme != secure && (u.Scheme != plain || q.hasTLS())
	})
}

func (q *loaderRequest) hasTLS() bool { return strings.HasPrefix(q.srv.names[q.name].URL, "https:") }

// sumOf is a short name for a text.
func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// plainCookie is the cookie of a browser that gets the plain website.
const plainCookie = "wtptui-plain"

// isFirst reports whether a browser goes to an address and may be sent the loader's page instead: it runs no worker of
// the loader's, which would answer itself.
func (q *loaderRequest) isFirst() bool {
	if q.r.Method != http.MethodGet || fetchmeta.Of(q.r, "Mode") != "navigate" ||
		fetchmeta.Of(q.r, "Dest") != "document" || !strings.Contains(q.r.Header.Get("Accept"), "text/html") {
		return false
	}
	_, err := q.r.Cookie(plainCookie)
	return err != nil
}

// targetOf is the path that a request asks for, with its query and as it was sent.
func targetOf(r *http.Request) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/" // absolute-form without a path, RFC 9112 section 3.2.2
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		path += "?" + r.URL.RawQuery
	}
	return path
}

// frame sends the loader's top page.
func (q *loaderRequest) frame(page []byte) {
	h := q.a.Header()
	h.Set("Content-Security-Policy", loader.Policy(q.hasTLS()))
	h.Set("Referrer-Policy", "same-origin")
	q.a.Static(q.r, files.Static{Body: page, Type: "text/html; charset=utf-8", Tag: ""})
}

// frameVary are the headers that decide between a page of the site's and the frame around it.
const frameVary = "Sec-Fetch-Dest, Sec-Fetch-Site, Cookie"

// both changes the header of answers that depend on whether the loader's frame asks for them.
func (l *loading) both(name string, r *http.Request) func(http.Header) {
	if !l.secure[name] {
		return nil
	}
	// A worker that passes a frame's request on sends it as one of its own.
	dest := fetchmeta.Of(r, "Dest")
	framed := fetchmeta.Of(r, "Site") == "same-origin" && (dest == "iframe" || dest == "empty")
	return func(h http.Header) {
		ctype := h.Get("Content-Type")
		if ctype == "" || strings.HasPrefix(ctype, "text/html") || strings.HasPrefix(ctype, "application/xhtml") {
			h.Add("Vary", frameVary)
		}
		if framed {
			h["Content-Security-Policy"] = framable(h["Content-Security-Policy"])
		}
	}
}

// framable changes policies so that the page may be in a frame of its own origin. What is around that is still refused
// as the page has it.
func framable(policies []string) []string {
	var all []string
	for _, policy := range policies {
		directives := strings.Split(policy, ";")
		for i, d := range directives {
			words := strings.Fields(d)
			if len(words) == 0 || !strings.EqualFold(words[0], "frame-ancestors") {
				continue
			}
			words = slices.DeleteFunc(words, func(w string) bool { return strings.EqualFold(w, "'none'") })
			directives[i] = " " + strings.Join(append(words, "'self'"), " ")
		}
		all = append(all, strings.TrimSpace(strings.Join(directives, ";")))
	}
	return all
}
