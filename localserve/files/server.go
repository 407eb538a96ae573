package files

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
	"wtptui/localserve/pages"
)

// Opener opens sites. Its methods are called from many goroutines.
type Opener interface {
	// Awaited returns what requests for a site wait for now.
	Awaited(host string) engine.WaitStatus
	// Open opens a site's content for one request. It waits for the domain and the list of files until ctx ends, and
	// then returns an *engine.Error of Kind NotReady whose message names what is missing.
	Open(ctx context.Context, host string) (engine.Content, error)
}

// Origin is the web origin under which a site is served, and knows the URLs of other sites from there.
type Origin interface {
	// Root returns the site's root URL, without a slash at its end.
	Root() string
	// RootOf returns the root URL of another site, without a slash at its end; false if it is available only under its
	// wtp address.
	RootOf(host string) (root string, ok bool)
	// Lead redirects the browser to the target of a site's own rule, with the rule's status. It returns false, and
	// does nothing, if the target is an ordinary URL of the Web.
	Lead(a *Answer, r *http.Request, status int, to *url.URL) bool
	// Mark returns a string that changes when the results of RootOf change; empty if they never do.
	Mark() string
	// Confine sets headers that prevent the site's pages from making requests to any other server.
	Confine(h http.Header)
}

// Config is the configuration of a Server. Opener and Patience have no default.
type Config struct {
	Opener Opener
	// Pages renders failures, and listings of folders without an index.
	Pages pages.Pages
	// Log receives what could not be served and why, at level Debug.
	Log *slog.Logger
	// Loading is how long a navigation waits before it is answered with the loading page; 0 means that it waits as
	// everything else does.
	Loading time.Duration
	// Patience is how long a request waits while nothing of its site arrives, before it fails with 504, or is cut if
	// a part of the answer has gone out.
	Patience time.Duration
	// Explain returns the failure page for an error of the Opener or of a file; nil means the page for the person who
	// runs the server.
	Explain func(error) pages.Failure
	// Unserved, if set, is called once for each request for which Opener.Open has failed, when it is finished, with
	// the same value that engine.Content.Close is called with for other requests.
	Unserved func(host string, r engine.Request)
}

// Server serves the files of sites. Make one with New.
type Server struct {
	cfg       Config
	facts     factsCache
	pageCache pageCache
	rules     rules
	// buffers holds the *[]byte through which bodies are copied.
	buffers sync.Pool
}

// New returns a Server.
func New(cfg Config) *Server {
	if cfg.Explain == nil {
		cfg.Explain = failureOf
	}
	s := &Server{cfg: cfg}
	s.buffers.New = func() any { b := make([]byte, copyBuffer); return &b }
	return s
}

// Serve serves a path of a site, decoded and with its leading slash.
func (s *Server) Serve(a *Answer, r *http.Request, at Origin, host, path string) {
	var until time.Time
	if s.cfg.Loading > 0 && fetchmeta.Navigation(r) {
		until = a.start.Add(s.cfg.Loading)
	}
	s.withSite(a, r, at, host, path, until, func(v *siteRequest) error {
		if v.noClearnet {
			at.Confine(a.Header())
		}
		f, err := v.serve()
		if err == nil {
			return nil
		}
		return v.waitCtx.notReadyError(err, "Waiting for the first piece of "+engine.Clean(f.entry.Name)+".")
	})
}

// withSite opens a site for a request, and calls answer. If that returns an error, nothing was sent yet.
func (s *Server) withSite(
	a *Answer, r *http.Request, at Origin, host, path string, until time.Time, answer func(*siteRequest) error,
) {
	v := &siteRequest{srv: s, at: at, a: a, r: r, host: host, path: path}
	v.waitCtx = newWaitContext(r.Context(), s.cfg.Patience, a.start, until)
	defer v.waitCtx.stop()

	content, err := s.cfg.Opener.Open(v.waitCtx, host)
	if err != nil {
		if s.cfg.Unserved != nil {
			defer func() { s.cfg.Unserved(host, a.Record(r)) }()
		}
		v.serveError(v.waitCtx.notReadyError(err, "Looking for the site."))
		return
	}
	v.waitCtx.siteOpened(content.LastArrival)
	defer func() { content.Close(a.Record(r)) }()
	v.content, v.noClearnet = content, content.Flags().NoClearnet
	if err := answer(v); err != nil {
		v.serveError(v.waitCtx.notReadyError(err, "Waiting for the first piece of the file."))
	}
}
