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

// Swarm describes the torrent of a home's site.
type Swarm struct {
	Infohash string // of the version that the home has, 40 hex digits
	Title    string // the site's, clean
	Metainfo []byte // the .torrent file
	// Trackers are URLs of WebTorrent trackers, best first, and WebSeeds those that the torrent names.
	Trackers, WebSeeds []string
}

// Loader makes browsers open sites from their swarms, and seed them: see package loader.
type Loader struct {
	// Swarm returns the torrent of the site of a name; nil while it is unknown. It returns false if the site cannot be
	// opened that way because its torrent is private (BEP 27). It must be safe for concurrent use, and is called for
	// some requests each time.
	Swarm func(name string) (*Swarm, bool)
	// STUN are servers in the format of RTCPeerConnection.
	STUN []string
	// AskBeforeSending reports whether readers are asked before anything is sent to others.
	AskBeforeSending bool
}

// loaderHandler serves the loader at all names of a server. Its zero value has no loader.
type loaderHandler struct {
	cfg *Loader
	srv *Server
	// secure are the names with a secure origin, where browsers allow service workers.
	secure map[string]bool
}

func newLoaderHandler(cfg *Loader, s *Server) loaderHandler {
	l := loaderHandler{cfg: cfg, srv: s, secure: map[string]bool{}}
	for _, n := range s.cfg.Names {
		l.secure[n.Name] = cfg != nil && isSecure(n.URL)
	}
	return l
}

// isSecure reports whether browsers consider a URL's origin secure (W3C Secure Contexts, section 3.1).
func isSecure(root string) bool {
	u, err := url.Parse(root)
	if err != nil || u.Scheme == "https" {
		return err == nil
	}
	return u.Scheme == "http" && engine.IsLoopback(u.Hostname())
}

// swarm is Loader.Swarm for a name that need not have a loader.
func (l *loaderHandler) swarm(name string) (*Swarm, bool) {
	if !l.secure[name] {
		return nil, false
	}
	return l.cfg.Swarm(name)
}

// loaderRequest is a request to a name that may have a loader.
type loaderRequest struct {
	*loaderHandler

	resp             *files.Response
	r                *http.Request
	name, host, path string
	// loaderPath is the path if it is in the loader's folder, or the worker's; otherwise empty.
	loaderPath string
}

// request returns the loaderRequest for a path of a site that is on, decoded and with its leading slash.
func (l *loaderHandler) request(resp *files.Response, r *http.Request, name, host, path string) *loaderRequest {
	q := &loaderRequest{loaderHandler: l, resp: resp, r: r, name: name, host: host, path: path}
	if rest := path[1:]; rest == loader.WorkerPath || strings.HasPrefix(rest, loader.Folder) {
		q.loaderPath = rest
	}
	return q
}

// isWorker reports whether a browser requests the script of a service worker (W3C Service Workers, Update algorithm).
func isWorker(r *http.Request) bool { return r.Header.Get("Service-Worker") == "script" }

// isWebSeed reports whether the request is for a file of the torrent.
func (q *loaderRequest) isWebSeed() bool {
	return q.secure[q.name] && strings.HasPrefix(q.loaderPath, filesFolder)
}

// serve serves a request for the loader, and reports whether it was one.
func (q *loaderRequest) serve() bool {
	if q.loaderPath == "" && !isWorker(q.r) && !q.needsFrame() {
		return false // Most requests end here, without calling Loader.Swarm.
	}
	swarm, ok := q.swarm(q.name)
	switch {
	case !ok:
		return q.serveWithoutLoader()
	case isWorker(q.r) && q.loaderPath != loader.WorkerPath:
		q.srv.pages.Fail(q.resp, q.r, foreignWorker)
	case q.loaderPath != "":
		q.serveFile(swarm)
	case swarm == nil || !q.srv.files.IsPage(q.r, q.host, q.path):
		return false
	default:
		q.resp.Header().Add("Vary", frameVary)
		q.serveFrame(loader.FramePage(requestTarget(q.r), swarm.Title))
	}
	return true
}

// foreignWorker is the response for a service worker of the site's own, which could replace the loader's.
var foreignWorker = pages.Failure{
	Status: http.StatusForbidden, Title: "No service worker",
	Text: "Browsers open this site with a loader that has a service worker. The site cannot have another one here.",
}

// serveWithoutLoader responds at a name that may have had a loader before: its worker unregisters itself, and pages
// that it has loaded are replaced. It reports whether it has responded.
func (q *loaderRequest) serveWithoutLoader() bool {
	switch {
	case q.loaderPath == loader.WorkerPath && isWorker(q.r) && !q.srv.files.Has(q.r, q.host, q.loaderPath):
		serveRemovalWorker(q.resp, q.r)
	case q.loaderPath == loader.SitePath && !q.srv.files.Has(q.r, q.host, q.loaderPath):
		q.srv.pages.Fail(q.resp, q.r, pages.Failure{
			Status: http.StatusGone, Title: "No loader", Text: "This server opens the site without a loader.",
		})
	default:
		return false
	}
	return true
}

// filesFolder is where web seed clients find the torrent's files (BEP 19).
const filesFolder = loader.Folder + "files/"

// serveFile serves a path of the loader. swarm is nil while it is unknown.
func (q *loaderRequest) serveFile(swarm *Swarm) {
	asset, isAsset := loader.Lookup(q.loaderPath)
	switch {
	case q.loaderPath == loader.Folder+"plain":
		q.servePlain()
	case isAsset && q.loaderPath != loader.FramePath:
		q.resp.SendStatic(q.r, files.Static{Body: asset.Content, Gzip: asset.Gzip, Type: asset.Type, Tag: loader.Version()})
	case swarm == nil:
		q.srv.pages.Fail(q.resp, q.r, pages.Failure{
			Status: http.StatusServiceUnavailable, Title: "Not here yet",
			Text: "This server is still downloading the site. Try again in a moment.",
		})
	case q.loaderPath == loader.FramePath:
		q.serveFrame(loader.HomeFramePage("/", swarm.Title))
	case q.loaderPath == loader.SitePath:
		text := q.describeSite(swarm).JSON()
		q.resp.SendStatic(q.r, files.Static{Body: text, Type: "application/json", Tag: textHash(text)})
	case q.loaderPath == loader.TorrentPath(swarm.Infohash):
		q.resp.SendStatic(q.r, files.Static{Body: swarm.Metainfo, Type: "application/x-bittorrent", Immutable: true})
	default:
		q.serveWebSeed()
	}
}

// serveWebSeed sends a file of the torrent. After the infohash comes the torrent's name, and if it has several files
// the path of one (BEP 19).
func (q *loaderRequest) serveWebSeed() {
	rest, _ := strings.CutPrefix(q.loaderPath, filesFolder)
	infohash, name, ok := strings.Cut(rest, "/")
	if !ok || !q.isWebSeed() {
		q.srv.pages.FailSite(q.resp, q.r, q.host, pages.Failure{
			Status: http.StatusNotFound, Title: "No such file", Text: "The loader has no such file.",
		})
		return
	}
	if _, below, several := strings.Cut(name, "/"); several {
		name = below
	}
	q.resp.Header().Set("Access-Control-Allow-Origin", "*")
	q.srv.files.ServeRaw(q.resp, q.r, q.host, infohash, name)
}

// describeSite returns the description of the site for the loader's page.
func (q *loaderRequest) describeSite(swarm *Swarm) loader.Site {
	s := loader.Site{
		Infohash: swarm.Infohash, Host: q.host, Title: swarm.Title, Home: true, STUN: q.cfg.STUN,
		AskBeforeSending: q.cfg.AskBeforeSending,
		Contact:          q.srv.cfg.Contact, WebSeeds: []string{filesFolder + swarm.Infohash + "/"},
	}
	s.Trackers = q.allowedURLs(swarm.Trackers, "wss", "ws")
	s.WebSeeds = append(s.WebSeeds, q.allowedURLs(swarm.WebSeeds, "https", "http")...)
	return s
}

// allowedURLs returns those URLs that a page at the name may access: those without TLS only if the page has none
// itself.
func (q *loaderRequest) allowedURLs(urls []string, secure, plain string) []string {
	return slices.DeleteFunc(slices.Clone(urls), func(s string) bool {
		u, err := url.Parse(s)
		return err != nil || u.Scheme != secure && (u.Scheme != plain || q.hasTLS())
	})
}

func (q *loaderRequest) hasTLS() bool { return strings.HasPrefix(q.srv.names[q.name].URL, "https:") }

// textHash returns a short hash of a text.
func textHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// plainCookie is the cookie of a browser that uses the plain website.
const plainCookie = "wtptui-plain"

// needsFrame reports whether the request is a navigation that may be answered with the loader's page: the browser runs
// no worker of the loader, which would answer itself.
func (q *loaderRequest) needsFrame() bool {
	if q.r.Method != http.MethodGet || fetchmeta.Of(q.r, "Mode") != "navigate" ||
		fetchmeta.Of(q.r, "Dest") != "document" || !strings.Contains(q.r.Header.Get("Accept"), "text/html") {
		return false
	}
	_, err := q.r.Cookie(plainCookie)
	return err != nil
}

// requestTarget returns path and query of a request as they were sent.
func requestTarget(r *http.Request) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/" // absolute-form without a path, RFC 9112 section 3.2.2
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		path += "?" + r.URL.RawQuery
	}
	return path
}

// serveFrame sends the loader's top page.
func (q *loaderRequest) serveFrame(page []byte) {
	h := q.resp.Header()
	h.Set("Content-Security-Policy", loader.FramePolicy(q.hasTLS()))
	h.Set("Referrer-Policy", "same-origin")
	q.resp.SendStatic(q.r, files.Static{Body: page, Type: "text/html; charset=utf-8", Tag: ""})
}

// frameVary are the request headers that decide between a page of the site and the frame around it.
const frameVary = "Sec-Fetch-Dest, Sec-Fetch-Site, Cookie"

// headerFixer returns a function that adjusts the header of responses that depend on whether the loader's frame has
// made the request; nil if there is no loader.
func (l *loaderHandler) headerFixer(name string, r *http.Request) func(http.Header) {
	if !l.secure[name] {
		return nil
	}
	// If a worker forwards a frame's request, it is sent as the worker's own.
	dest := fetchmeta.Of(r, "Dest")
	framed := fetchmeta.Of(r, "Site") == "same-origin" && (dest == "iframe" || dest == "empty")
	return func(h http.Header) {
		ctype := h.Get("Content-Type")
		if ctype == "" || strings.HasPrefix(ctype, "text/html") || strings.HasPrefix(ctype, "application/xhtml") {
			h.Add("Vary", frameVary)
		}
		if framed {
			h["Content-Security-Policy"] = allowFraming(h["Content-Security-Policy"])
		}
	}
}

// allowFraming changes policies so that the page may be in a frame of its own origin. Other restrictions of
// frame-ancestors stay.
func allowFraming(policies []string) []string {
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
