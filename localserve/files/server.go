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
	// Awaited says what requests for a site wait for now.
	Awaited(host string) engine.Awaited
	// Open holds a site's content for one request. It waits for the domain and the list of files until ctx ends and
	// then returns an *engine.Error of Kind NotReady whose message says what is awaited.
	Open(ctx context.Context, host string) (engine.Content, error)
}

// Origin is where a site is served: a web origin of its own, and what others are from there.
type Origin interface {
	// Root returns the site's root URL, without a slash at its end.
	Root() string
	// RootOf returns the root URL, without a slash at its end, under which another site is found, and false if it is
	// found nowhere but under its wtp address.
	RootOf(host string) (root string, ok bool)
	// Lead sends the browser to an address that the site leads to by a rule of its own, with that rule's status, and
	// reports false, having done nothing, if it is to be sent as to any address of the Web.
	Lead(a *Answer, r *http.Request, status int, to *url.URL) bool
	// Mark returns what tells apart the answers of RootOf before and after they have changed; empty if they never do.
	Mark() string
	// Confine sets what keeps the site's pages from asking any other server for anything.
	Confine(h http.Header)
}

// Config is what a Server needs; Opener and Patience have no default.
type Config struct {
	Opener Opener
	// Pages shows failures, and folders without an index.
	Pages pages.Pages
	// Log receives what could not be served and why, at level Debug.
	Log *slog.Logger
	// Loading is how long a navigation waits before it is answered with the loading page; 0 means that it waits as
	// everything else does.
	Loading time.Duration
	// Patience is how long a request waits while nothing of its site arrives, before it fails with 504, or is cut if
	// a part of the answer has gone out.
	Patience time.Duration
	// Explain says what an error of the Opener's, or of a file's, means to a browser; nil means as the person who runs the
	// server would be told.
	Explain func(error) pages.Failure
	// Unserved, if set, is called once for each request that Opener.Open has failed for, when it is finished, with what
	// engine.Content.Close is told of the others.
	Unserved func(host string, r engine.Request)
}

// Server answers requests from the files of sites. Make one with New.
type Server struct {
	cfg   Config
	memo  memo
	kept  keptPages
	rules rules
	// buffers holds the *[]byte through which bodies are copied.
	buffers sync.Pool
}

// New makes a server.
func New(cfg Config) *Server {
	if cfg.Explain == nil {
		cfg.Explain = failureOf
	}
	s := &Server{cfg: cfg}
	s.buffers.New = func() any { b := make([]byte, copyBuffer); return &b }
	return s
}

// Serve answers a request for a path, decoded and with its leading slash, of a site.
func (s *Server) Serve(a *Answer, r *http.Request, at Origin, host, path string) {
	var until time.Time
	if s.cfg.Loading > 0 && fetchmeta.Navigation(r) {
		until = a.start.Add(s.cfg.Loading)
	}
	s.visit(a, r, at, host, path, until, func(v *visit) error {
		if v.noClearnet {
			at.Confine(a.Header())
		}
		f, err := v.answer()
		if err == nil {
			return nil
		}
		return v.patience.explain(err, "Waiting for the first piece of "+engine.Clean(f.entry.Name)+".")
	})
}

// visit opens a site for a request, and has it answered by answer, whose error means that nothing has been sent yet.
func (s *Server) visit(
	a *Answer, r *http.Request, at Origin, host, path string, until time.Time, answer func(*visit) error,
) {
	v := &visit{srv: s, at: at, a: a, r: r, host: host, path: path}
	v.patience = newPatience(r.Context(), s.cfg.Patience, a.start, until)
	defer v.patience.end()

	content, err := s.cfg.Opener.Open(v.patience, host)
	if err != nil {
		if s.cfg.Unserved != nil {
			defer func() { s.cfg.Unserved(host, a.Record(r)) }()
		}
		v.notServed(v.patience.explain(err, "Looking for the site."))
		return
	}
	v.patience.opened(content.LastArrival)
	defer func() { content.Close(a.Record(r)) }()
	v.content, v.noClearnet = content, content.Flags().NoClearnet
	if err := answer(v); err != nil {
		v.notServed(v.patience.explain(err, "Waiting for the first piece of the file."))
	}
}
