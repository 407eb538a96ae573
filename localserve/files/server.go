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
	// WaitStatus returns what requests for a site wait for now.
	WaitStatus(host string) engine.WaitStatus
	// Open opens a site's content for one request. It waits for the domain and the list of files until ctx ends, and
	// then returns an *engine.Error of Kind NotReady whose message names what is missing.
	Open(ctx context.Context, host string) (engine.Content, error)
}

// Origin is the web origin under which a site is served, and knows the URLs of other sites from there.
type Origin interface {
	// Root returns the site's root URL, without a slash at its end.
	Root() string
	// SiteRoot returns the root URL of another site, without a slash at its end; false if it is available only under its
	// wtp address.
	SiteRoot(host string) (root string, ok bool)
	// Redirect redirects the browser to the target of a site's own rule, with the rule's status. It returns false, and
	// does nothing, if the target is an ordinary URL of the Web.
	Redirect(resp *Response, r *http.Request, status int, to *url.URL) bool
	// RootsVersion returns a string that changes when the results of SiteRoot change; empty if they never do.
	RootsVersion() string
	// Confine sets headers that prevent the site's pages from making requests to any other server.
	Confine(h http.Header)
}

// Config is the configuration of a Server. Opener and StallTimeout have no default.
type Config struct {
	Opener Opener
	// Pages renders failures, and listings of folders without an index.
	Pages pages.Pages
	// Log receives what could not be served and why, at level Debug.
	Log *slog.Logger
	// LoadingDelay is how long a navigation waits before it is answered with the loading page; 0 means that it waits as
	// everything else does.
	LoadingDelay time.Duration
	// StallTimeout is how long a request waits while nothing of its site arrives, before it fails with 504, or is cut if
	// a part of the answer has gone out.
	StallTimeout time.Duration
	// Explain returns the failure page for an error of the Opener or of a file; nil means the page for the person who
	// runs the server.
	Explain func(error) pages.Failure
	// ObserveUnserved, if set, is called once for each request for which Opener.Open has failed, when it is finished, with
	// the same value that engine.Content.Close is called with for other requests.
	ObserveUnserved func(host string, r engine.Request)
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
func (s *Server) Serve(resp *Response, r *http.Request, origin Origin, host, path string) {
	var until time.Time
	if s.cfg.LoadingDelay > 0 && fetchmeta.Navigation(r) {
		until = resp.start.Add(s.cfg.LoadingDelay)
	}
	s.withSite(resp, r, origin, host, path, until, func(v *siteRequest) error {
		if v.noClearnet {
			origin.Confine(resp.Header())
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
	resp *Response, r *http.Request, origin Origin, host, path string, until time.Time, respond func(*siteRequest) error,
) {
	v := &siteRequest{srv: s, origin: origin, resp: resp, r: r, host: host, path: path}
	v.waitCtx = newWaitContext(r.Context(), s.cfg.StallTimeout, resp.start, until)
	defer v.waitCtx.stop()

	content, err := s.cfg.Opener.Open(v.waitCtx, host)
	if err != nil {
		if s.cfg.ObserveUnserved != nil {
			defer func() { s.cfg.ObserveUnserved(host, resp.RequestRecord(r)) }()
		}
		v.serveError(v.waitCtx.notReadyError(err, "Looking for the site."))
		return
	}
	v.waitCtx.siteOpened(content.LastArrival)
	defer func() { content.Close(resp.RequestRecord(r)) }()
	v.content, v.noClearnet = content, content.Flags().NoClearnet
	if err := respond(v); err != nil {
		v.serveError(v.waitCtx.notReadyError(err, "Waiting for the first piece of the file."))
	}
}
