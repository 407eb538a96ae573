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
	"wtptui/localserve/pages"
	"wtptui/localserve/places"
)

// Opener finds and opens sites. Its methods are called from many goroutines.
type Opener interface {
	// Opener opens also a site that is unknown, that is, its swarm is joined.
	files.Opener
	// Host returns the site whose origin has this label, and whether the person has opened it already. host is empty
	// when label is no site's.
	Host(label string) (host string, known bool)
}

// Config is what a Server needs; only Opener has no default.
type Config struct {
	Opener Opener
	// Log receives what could not be served and why, at level Debug, and faults of the server itself. Nil discards.
	Log *slog.Logger
	// Version is shown on the bare host's page.
	Version string
	// Loading is how long a navigation waits before it is answered with the loading page; 0 means one second.
	Loading time.Duration
	// Patience is how long a request waits while nothing of its site arrives, before it fails with 504, or is cut if
	// a part of the answer has gone out; 0 means one minute.
	Patience time.Duration
	// Unread is how long a client may take nothing of what is sent to it before its connection is cut; 0 means two
	// minutes. A browser whose video is paused asks again for the rest.
	Unread time.Duration
	// Requests is how many requests are answered at once, shared among sites, before others get 429; 0 means 512, of which
	// a single site can have half.
	Requests int
	// Removed, if set, reports once whether the site was removed since its origin was last asked. The answer then tells
	// the browser to forget all that the site has stored there, service workers included.
	Removed func(host string) bool
	// Unserved, if set, is called once for each request that Opener.Open has failed for, when it is finished, with what
	// engine.Content.Close is told of the others.
	Unserved func(host string, r engine.Request)
	// Observe, if set, is called once for each request when it is finished, whatever became of it, with what
	// engine.Content.Close is told: method, path, status, bytes and times. It is called from many goroutines at once,
	// with no lock held.
	Observe func(engine.Request)
}

// Server answers browsers. Make one with New.
type Server struct {
	cfg    Config
	http   *http.Server
	places *places.Places
	hashed hashedLabels
	files  *files.Server
	pages  pages.Pages

	stop context.CancelFunc // ends what every request waits for

	mu    sync.Mutex
	fresh map[net.Conn]struct{} // connections that have not sent a request yet
}

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	// drainGrace is how long Close waits for requests whose connections it has cut.
	drainGrace = time.Second
)

// New makes a server; it neither listens nor starts anything.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Loading = orDefault(cfg.Loading, time.Second)
	cfg.Patience = orDefault(cfg.Patience, time.Minute)
	cfg.Unread = orDefault(cfg.Unread, 2*time.Minute)
	cfg.Requests = orDefault(cfg.Requests, 512)

	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, pages: pages.Pages{Log: cfg.Log}, places: places.New(cfg.Requests), stop: stop,
		fresh: map[net.Conn]struct{}{},
	}
	s.files = files.New(files.Config{
		Opener: cfg.Opener, Pages: s.pages, Log: cfg.Log,
		Loading: cfg.Loading, Patience: cfg.Patience, Unserved: cfg.Unserved,
	})
	s.http = &http.Server{
		Handler:                      s,
		DisableGeneralOptionsHandler: true, // The guard answers "OPTIONS *" like any other OPTIONS.
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

// Serve answers requests that come in on ln until Close, and then returns nil. It may run on several listeners.
func (s *Server) Serve(ln net.Listener) error {
	if err := s.http.Serve(files.Listener(ln, s.cfg.Unread)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("localserve: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Close stops listening, lets requests that are being answered finish until ctx ends, then cuts them off. When it
// returns, all content has been given back, unless a Content ignored its context; the error then says so.
func (s *Server) Close(ctx context.Context) error {
	cut := context.AfterFunc(ctx, s.stop)
	defer cut()
	s.closeFresh()
	err := s.http.Shutdown(ctx)
	s.stop()
	if err == nil {
		return nil
	}
	// What is left is not going to finish: a paused video, a piece that nobody has.
	if err := s.http.Close(); err != nil {
		s.cfg.Log.Debug("localserve: close connections", "err", err)
	}
	grace := time.NewTimer(drainGrace)
	defer grace.Stop()
	select {
	case <-s.places.Empty():
	case <-grace.C:
		return fmt.Errorf("localserve: close: requests still run %s after they were cut off: %w", drainGrace, err)
	}
	return nil
}

// connState keeps track of connections that browsers open ahead of need: http.Server.Shutdown would wait five
// seconds for their first request.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.fresh[c] = struct{}{}
	} else {
		delete(s.fresh, c)
	}
}

func (s *Server) closeFresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.fresh {
		_ = c.Close() // A connection without a request has nothing to lose.
	}
}

// ServeHTTP takes a request through the steps.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := s.files.Answer(w, r)
	protect(a.Header(), r)
	if r.ContentLength != 0 {
		files.DoNotAwaitBody(w, headerTimeout)
	}
	defer s.observe(a, r)
	t, no := check(r, portOf(r.Context()))
	if no == nil && !s.places.Take(t.label) {
		no = files.TooMany
	}
	if no != nil {
		s.pages.Fail(a, r, *no)
		return
	}
	defer s.places.Give(t.label)
	s.route(a, r, t)
	a.Release()
}

func (s *Server) observe(a *files.Answer, r *http.Request) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(a.Record(r))
	}
}

// portKey is the context key of the port that a connection came in on.
type portKey struct{}

func withPort(ctx context.Context, addr net.Addr) context.Context {
	_, port, _ := net.SplitHostPort(addr.String())
	return context.WithValue(ctx, portKey{}, port)
}

func portOf(ctx context.Context) string {
	port, _ := ctx.Value(portKey{}).(string)
	return port
}

// origin is the root URL of a name on this server, without a trailing slash.
func origin(name, port string) string {
	if port == strconv.Itoa(80) {
		return "http://" + name
	}
	return "http://" + name + ":" + port
}
