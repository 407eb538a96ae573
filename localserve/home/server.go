package home

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/localserve/files"
	"wtptui/localserve/home/tracker"
	"wtptui/localserve/limits"
	"wtptui/localserve/pages"
)

// Opener opens the sites of homes. It must be safe for concurrent use.
type Opener interface {
	files.Opener
	// HomeSite returns the site of a name, and whether it is served there now. ok is false if the name is unknown.
	HomeSite(name string) (host string, on, ok bool)
}

// Name is a name of the server, its root URL ("https://example.org/"), and the host of its site.
type Name struct{ Name, URL, Host string }

// root returns the URL without a slash at its end.
func (n Name) root() string { return strings.TrimSuffix(n.URL, "/") }

// LogPolicy is what is logged of a request.
type LogPolicy string

// The policies.
const (
	LogNothing   LogPolicy = "nothing"
	LogRequests  LogPolicy = "requests"  // name, method, path, status, bytes and time; without the address
	LogAddresses LogPolicy = "addresses" // and the visitor's network address
)

// Config is the configuration of a Server; Opener has no default.
type Config struct {
	Opener Opener
	// Names are all names of the server.
	Names []Name
	// Certificates provides the certificates of the names; nil serves without TLS, behind a proxy that has it.
	Certificates *Certificates
	// Log receives what RequestLog allows, at level Info, and faults of the server itself. Nil discards.
	Log *slog.Logger
	// RequestLog is what is logged of each request; empty means LogNothing.
	RequestLog LogPolicy
	// Contact is shown on the server's own pages: how to reach the person who runs it.
	Contact string
	// UpLimit is how many bytes a second are sent to all visitors together; 0 means unlimited. The tracker's WebSockets
	// have an eighth of it on top.
	UpLimit int64
	// StallTimeout is how long a request waits while nothing of its site arrives; 0 means half a minute.
	StallTimeout time.Duration
	// WriteTimeout is how long a visitor may read nothing of what is sent before the response is aborted; 0 means one
	// minute.
	WriteTimeout time.Duration
	// MaxRequests is the maximum number of concurrent requests of all sites; 0 means 512.
	MaxRequests int
	// MaxConnections is the maximum number of connections, and MaxPerAddress the maximum from one address, or from one
	// IPv6 network of 64 bits; 0 means 2048, and 64. Without TLS only the first applies: all connections come from the
	// proxy.
	MaxConnections, MaxPerAddress int
	// Tracker serves announces and scrapes under each of the names, with TLS or without; nil for none. Its WebSockets
	// stay open after Close, until the tracker is closed.
	Tracker *tracker.Tracker
	// Loader makes browsers open the sites from their swarms, where possible; nil for none.
	Loader *Loader
	// Observe, if set, is called once for each finished request to one of the names. webSeed reports whether it was
	// for a file of the torrent.
	Observe func(name string, r engine.Request, webSeed bool)
}

// Server serves sites to visitors. Make one with New.
type Server struct {
	cfg            Config
	names          map[string]Name // by name
	byHost         map[string]Name // by the site's host; of several the first
	http           *http.Server
	plainHTTP      *http.Server // redirects to https
	files          *files.Server
	pages          pages.Pages
	siteLimiter    *limits.SiteLimiter
	requestLimiter *limits.NetworkLimiter // requests by address
	uplink         *uplink
	loader         loaderHandler
	// connLimiter limits connections of visitors, and plainConnLimiter those that are not redirected to TLS yet
	connLimiter      *limits.NetworkLimiter
	plainConnLimiter *limits.NetworkLimiter

	stop context.CancelFunc // cancels everything that requests wait for
}

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10
	maxStreams    = 100 // of one HTTP/2 connection
	// drainTimeout is how long Close waits for requests whose connections it has closed.
	drainTimeout = time.Second
)

// New returns a Server; it neither listens nor starts anything.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.StallTimeout = cmp.Or(cfg.StallTimeout, 30*time.Second)
	cfg.WriteTimeout = cmp.Or(cfg.WriteTimeout, time.Minute)
	cfg.MaxRequests = cmp.Or(cfg.MaxRequests, 512)
	cfg.MaxConnections = cmp.Or(cfg.MaxConnections, 2048)
	if cfg.MaxPerAddress = cmp.Or(cfg.MaxPerAddress, 64); cfg.Certificates == nil {
		cfg.MaxPerAddress = cfg.MaxConnections
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, names: map[string]Name{}, byHost: map[string]Name{}, stop: stop,
		pages:            pages.Pages{Log: cfg.Log, Contact: cfg.Contact},
		siteLimiter:      limits.NewSiteLimiter(cfg.MaxRequests),
		uplink:           newUplink(ctx, cfg.UpLimit),
		connLimiter:      limits.NewNetworkLimiter(cfg.MaxConnections, cfg.MaxPerAddress, cfg.MaxPerAddress),
		plainConnLimiter: limits.NewNetworkLimiter(max(cfg.MaxConnections/4, 1), cfg.MaxPerAddress, cfg.MaxPerAddress),
		requestLimiter:   limits.NewNetworkLimiter(cfg.MaxRequests, cfg.MaxPerAddress, cfg.MaxPerAddress),
	}
	for _, n := range cfg.Names {
		s.names[n.Name] = n
		if _, ok := s.byHost[n.Host]; !ok {
			s.byHost[n.Host] = n
		}
	}
	s.files = files.New(files.Config{
		Opener: cfg.Opener, Log: cfg.Log, StallTimeout: cfg.StallTimeout, Pages: s.pages, Explain: visitorFailure,
	})
	s.loader = newLoaderHandler(cfg.Loader, s)
	s.http = s.newHTTPServer(ctx, http.HandlerFunc(s.serve))
	if cfg.Certificates != nil {
		s.http.TLSConfig = cfg.Certificates.config()
		s.plainHTTP = s.newHTTPServer(ctx, s.withBareHost(cfg.Certificates.challenges(http.HandlerFunc(s.redirectToTLS))))
		s.plainHTTP.ReadTimeout = headerTimeout // Its responses are short.
	}
	return s
}

func (s *Server) newHTTPServer(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler:                      h,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            headerTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: maxStreams, WriteByteTimeout: s.cfg.WriteTimeout,
		},
		// Anybody can cause these messages, for instance with a broken handshake.
		ErrorLog:    slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState:   onHijack,
	}
}

// Serve serves requests that come in on ln until Close is called, and then returns nil: over TLS, if there are
// certificates. It may run on several listeners.
func (s *Server) Serve(ln net.Listener) error {
	visitors := s.uplink.listener(files.Listener(limitConnections(ln, s.connLimiter), s.cfg.WriteTimeout))
	var err error
	if s.cfg.Certificates == nil {
		err = s.http.Serve(visitors)
	} else {
		err = s.http.ServeTLS(visitors, "", "")
	}
	return serveError(ln, err)
}

// ServePlain serves requests that come in on ln without TLS until Close is called: it redirects to TLS, answers an
// ACME authority's HTTP challenges (RFC 8555, section 8.3), and serves the tracker. It must only be called if there
// are certificates.
func (s *Server) ServePlain(ln net.Listener) error {
	return serveError(ln, s.plainHTTP.Serve(files.Listener(limitConnections(ln, s.plainConnLimiter), s.cfg.WriteTimeout)))
}

func serveError(ln net.Listener, err error) error {
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("home: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Close stops listening, and lets current requests finish until ctx ends; then it cancels them. When it returns nil,
// every Content is closed.
func (s *Server) Close(ctx context.Context) error {
	stopCancel := context.AfterFunc(ctx, s.stop)
	defer stopCancel()
	servers := []*http.Server{s.http}
	if s.plainHTTP != nil {
		servers = append(servers, s.plainHTTP)
	}
	for _, server := range servers {
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // The remaining requests will not finish.
		}
	}
	s.stop()
	timer := time.NewTimer(drainTimeout)
	defer timer.Stop()
	select {
	case <-s.siteLimiter.Empty():
		return nil
	case <-timer.C:
		return fmt.Errorf("home: close: requests still run %s after they were cut off", drainTimeout)
	}
}

// SetUpLimit sets how many bytes a second are sent to all visitors together; 0 means unlimited.
func (s *Server) SetUpLimit(n int64) { s.uplink.setLimit(n) }

// serve serves a visitor's request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	name, ok := s.nameOf(r)
	if ok && s.serveTracker(w, r) {
		return
	}
	to := s.newVisitorWriter(w, r, name)
	resp := s.files.NewResponse(to, r)
	resp.Header().Set("X-Content-Type-Options", "nosniff")
	if r.ContentLength != 0 {
		files.SkipRequestBody(w, headerTimeout)
	}
	if !ok {
		s.pages.Fail(resp, r, *foreignName)
		return
	}
	webSeed := false
	defer func() { s.record(name, resp.RequestRecord(r), r, webSeed) }()
	path, failure := files.Check(r)
	if failure != nil {
		s.pages.Fail(resp, r, *failure)
		return
	}
	release, ok := s.acquireSlot(name, r)
	if !ok {
		s.pages.Fail(resp, r, *files.TooManyRequests)
		return
	}
	defer release()
	if host, on, _ := s.cfg.Opener.HomeSite(name); on {
		q := s.loader.request(resp, r, name, host, path)
		if webSeed = q.isWebSeed(); !q.serve() {
			to.beforeHeader = s.loader.headerFixer(name, r)
			s.files.Serve(resp, r, &siteOrigin{srv: s, name: name, host: host}, host, path)
		}
	} else {
		s.serveTakenOff(resp, r)
	}
	resp.FlushBuffered()
}

// acquireSlot acquires a slot for a request; the caller must call release. An address has no more slots than
// connections, however many requests one connection carries.
func (s *Server) acquireSlot(name string, r *http.Request) (release func(), ok bool) {
	from := networkOf(r.RemoteAddr)
	if !s.requestLimiter.Acquire(from, 1) {
		return nil, false
	}
	if !s.siteLimiter.Acquire(name) {
		s.requestLimiter.Release(from, 1)
		return nil, false
	}
	return func() { s.siteLimiter.Release(name); s.requestLimiter.Release(from, 1) }, true
}

// record reports a finished request to Observe and logs it.
func (s *Server) record(name string, done engine.Request, r *http.Request, webSeed bool) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(name, done, webSeed)
	}
	if s.cfg.RequestLog != LogRequests && s.cfg.RequestLog != LogAddresses {
		return
	}
	attrs := []any{
		"home", name, "method", engine.Clean(done.Method), "path", done.Path, "status", done.Status, "bytes", done.Bytes,
		"took", time.Duration(done.Took).Round(time.Microsecond),
	}
	if s.cfg.RequestLog == LogAddresses {
		attrs = append(attrs, "address", s.addressOf(r))
	}
	s.cfg.Log.Info("request", attrs...)
}

// withBareHost removes the port from the request's Host: the authority's handler compares it without.
func (s *Server) withBareHost(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, ok := s.nameOf(r); ok {
			bare := *r
			bare.Host = name
			r = &bare
		}
		h.ServeHTTP(w, r)
	})
}

// addressOf returns the client's address, as far as it is known.
func (s *Server) addressOf(r *http.Request) netip.Addr {
	if from := s.sourceOf(r).Client; from.IsValid() {
		return from
	}
	return remoteAddr(r)
}

// redirectToTLS redirects to the same URL with TLS, except requests for the tracker: its clients would not follow, or
// have no TLS.
func (s *Server) redirectToTLS(w http.ResponseWriter, r *http.Request) {
	name, ok := s.nameOf(r)
	if ok && s.serveTracker(w, r) {
		return
	}
	if r.ContentLength != 0 {
		files.SkipRequestBody(w, headerTimeout)
	}
	if !ok {
		s.pages.Fail(w, r, *foreignName)
		return
	}
	if _, failure := files.Check(r); failure != nil {
		s.pages.Fail(w, r, *failure)
		return
	}
	w.Header().Set("Location", s.names[name].root()+r.URL.RequestURI())
	w.WriteHeader(http.StatusMovedPermanently)
}
