package localserve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/localserve/files"
	"wtptui/localserve/limits"
	"wtptui/localserve/pages"
)

// Opener finds and opens sites. It must be safe for concurrent use.
type Opener interface {
	// Its Open also opens an unknown site, which joins the site's swarm.
	files.Opener
	// Host returns the site whose origin has this label, and whether the person has opened it already. host is empty
	// if the label belongs to no site.
	Host(label string) (host string, known bool)
}

// Config is the configuration of a Server; only Opener has no default.
type Config struct {
	Opener Opener
	// Log receives what could not be served and why, at level Debug, and faults of the server itself. Nil discards.
	Log *slog.Logger
	// Version is shown on the bare host's page.
	Version string
	// LoadingDelay is how long a navigation waits before it is answered with the loading page; 0 means one second.
	LoadingDelay time.Duration
	// StallTimeout is how long a request waits while nothing of its site arrives, before it fails with 504, or is cut if
	// a part of the answer has gone out; 0 means one minute.
	StallTimeout time.Duration
	// WriteTimeout is how long a client may read nothing of what is sent to it before its connection is closed; 0 means
	// two minutes. A browser whose video is paused requests the rest again.
	WriteTimeout time.Duration
	// MaxRequests is the maximum number of concurrent requests of all sites, above which the response is 429; 0 means
	// 512. A single site can have half of them.
	MaxRequests int
	// TakeRemoved, if set, reports once whether the site was removed since its origin was last requested. The response
	// then makes the browser delete everything that the site has stored, service workers included.
	TakeRemoved func(host string) bool
	// ObserveUnserved, if set, is called once for each request for which Opener.Open has failed, when it is finished, with
	// the same value that engine.Content.Close is called with for other requests.
	ObserveUnserved func(host string, r engine.Request)
	// Observe, if set, is called once for each finished request, with its method, path, status, bytes and times as for
	// engine.Content.Close. It is called from several goroutines at once, with no lock held.
	Observe func(engine.Request)
}

// Server serves sites to browsers. Make one with New.
type Server struct {
	cfg         Config
	http        *http.Server
	siteLimiter *limits.SiteLimiter
	hashed      hashedLabels
	files       *files.Server
	pages       pages.Pages

	stop context.CancelFunc // cancels everything that requests wait for

	mu       sync.Mutex
	newConns map[net.Conn]struct{} // connections that have not sent a request yet
}

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	// drainTimeout is how long Close waits for requests whose connections it has closed.
	drainTimeout = time.Second
)

// New returns a Server; it neither listens nor starts anything.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.LoadingDelay = orDefault(cfg.LoadingDelay, time.Second)
	cfg.StallTimeout = orDefault(cfg.StallTimeout, time.Minute)
	cfg.WriteTimeout = orDefault(cfg.WriteTimeout, 2*time.Minute)
	cfg.MaxRequests = orDefault(cfg.MaxRequests, 512)

	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, pages: pages.Pages{Log: cfg.Log}, siteLimiter: limits.NewSiteLimiter(cfg.MaxRequests), stop: stop,
		newConns: map[net.Conn]struct{}{},
	}
	s.files = files.New(files.Config{
		Opener: cfg.Opener, Pages: s.pages, Log: cfg.Log,
		LoadingDelay: cfg.LoadingDelay, StallTimeout: cfg.StallTimeout, ObserveUnserved: cfg.ObserveUnserved,
	})
	s.http = &http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true, // checkRequest handles "OPTIONS *" like any other OPTIONS.
		ReadHeaderTimeout:            headerTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		ErrorLog:                     slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn),
		BaseContext:                  func(ln net.Listener) context.Context { return withPort(ctx, ln.Addr()) },
		ConnContext:                  files.ConnContext,
		ConnState:                    s.connState,
	}
	return s
}

func orDefault[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}

// Serve serves requests that come in on ln until Close is called, and then returns nil. It may run on several
// listeners.
func (s *Server) Serve(ln net.Listener) error {
	if err := s.http.Serve(files.Listener(ln, s.cfg.WriteTimeout)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("localserve: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Close stops listening, and lets current requests finish until ctx ends; then it cancels them. When it returns, every
// Content is closed, unless one ignored its context, which the error then says.
func (s *Server) Close(ctx context.Context) error {
	stopCancel := context.AfterFunc(ctx, s.stop)
	defer stopCancel()
	s.closeNewConns()
	err := s.http.Shutdown(ctx)
	s.stop()
	if err == nil {
		return nil
	}
	// The remaining requests will not finish: a paused video, or a piece that no peer has.
	if err := s.http.Close(); err != nil {
		s.cfg.Log.Debug("localserve: close connections", "err", err)
	}
	timer := time.NewTimer(drainTimeout)
	defer timer.Stop()
	select {
	case <-s.siteLimiter.Empty():
	case <-timer.C:
		return fmt.Errorf("localserve: close: requests still run %s after they were cut off: %w", drainTimeout, err)
	}
	return nil
}

// connState tracks connections that browsers open in advance: http.Server.Shutdown would wait five seconds for their
// first request.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.newConns[c] = struct{}{}
	} else {
		delete(s.newConns, c)
	}
}

func (s *Server) closeNewConns() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.newConns {
		_ = c.Close() // A connection without a request has nothing to lose.
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resp := s.files.NewResponse(w, r)
	setSecurityHeaders(resp.Header(), r)
	if r.ContentLength != 0 {
		files.SkipRequestBody(w, headerTimeout)
	}
	defer s.observe(resp, r)
	t, failure := checkRequest(r, portOf(r.Context()))
	if failure == nil && !s.siteLimiter.Acquire(t.label) {
		failure = files.TooManyRequests
	}
	if failure != nil {
		s.pages.Fail(resp, r, *failure)
		return
	}
	defer s.siteLimiter.Release(t.label)
	s.route(resp, r, t)
	resp.FlushBuffered()
}

func (s *Server) observe(resp *files.Response, r *http.Request) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(resp.RequestRecord(r))
	}
}

// portKey is the context key of the port of a connection's listener.
type portKey struct{}

func withPort(ctx context.Context, addr net.Addr) context.Context {
	_, port, _ := net.SplitHostPort(addr.String())
	return context.WithValue(ctx, portKey{}, port)
}

func portOf(ctx context.Context) string {
	port, _ := ctx.Value(portKey{}).(string)
	return port
}

// originURL returns the root URL of a name on this server, without a trailing slash.
func originURL(name, port string) string {
	if port == strconv.Itoa(80) {
		return "http://" + name
	}
	return "http://" + name + ":" + port
}
