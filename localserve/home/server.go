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
	"wtptui/localserve/pages"
	"wtptui/localserve/places"
)

// Opener opens the sites of homes. Its methods are called from many goroutines.
type Opener interface {
	files.Opener
	// HomeSite returns the site that a name stands for, and whether it is served there now. It reports ok as false if
	// the name is nobody's.
	HomeSite(name string) (host string, on, ok bool)
}

// Name is a name of the server's, and where its root is: "https://example.org/".
type Name struct{ Name, URL, Host string }

// root is the URL without a slash at its end.
func (n Name) root() string { return strings.TrimSuffix(n.URL, "/") }

// LogPolicy says what is written down of a request.
type LogPolicy string

// The policies.
const (
	LogNothing   LogPolicy = "nothing"
	LogRequests  LogPolicy = "requests"  // name, method, path, status, bytes and time; not who asked
	LogAddresses LogPolicy = "addresses" // and the visitor's network address
)

// Config is what a Server needs; Opener has no default.
type Config struct {
	Opener Opener
	// Names are all names that the server has.
	Names []Name
	// Certificates gives the certificates of the names; nil serves without TLS, to a proxy that has it.
	Certificates *Certificates
	// Log receives what Requests says, at level Info, and faults of the server itself. Nil discards.
	Log *slog.Logger
	// Requests says what is logged of each request; empty means LogNothing.
	Requests LogPolicy
	// Contact is shown on the server's own pages: how to reach who runs it.
	Contact string
	// UpLimit is how many bytes a second are sent to all visitors together; 0 means unlimited. The tracker's WebSockets
	// have an eighth of it on top.
	UpLimit int64
	// Patience is how long a request waits while nothing of its site arrives; 0 means half a minute.
	Patience time.Duration
	// Unread is how long a visitor may take nothing of what is sent before the answer is cut; 0 means one minute.
	Unread time.Duration
	// Places is how many requests are answered at once, shared among sites; 0 means 512.
	Places int
	// Connections is how many connections there may be at once, and PerAddress how many of them from one address, or
	// from one IPv6 network of 64 bits; 0 means 2048, and 64. Without TLS only the first applies: all come from the
	// proxy.
	Connections, PerAddress int
	// Tracker answers announces and scrapes under each of the names, with TLS or without; nil for none. Its WebSockets
	// live on after Close, until its own.
	Tracker *tracker.Tracker
	// Loader has browsers open the sites from their swarms, where they can; nil for none.
	Loader *Loader
	// Observe, if set, is called once for each request to one of the names when it is finished; webSeed says that a
	// client has used the home as a web seed.
	Observe func(name string, r engine.Request, webSeed bool)
}

// Server answers visitors. Make one with New.
type Server struct {
	cfg     Config
	names   map[string]Name // by name
	byHost  map[string]Name // by the site's host; of several the first
	http    *http.Server
	plain   *http.Server // sends visitors to https
	files   *files.Server
	pages   pages.Pages
	places  *places.Places
	asking  *places.Bounds // requests by address
	uplink  *uplink
	loading loading
	conns   *places.Bounds // connections of visitors, and plain those of who has yet to be sent to TLS
	few     *places.Bounds

	stop context.CancelFunc // ends what every request waits for
}

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10
	maxStreams    = 100 // of one HTTP/2 connection
	// drainGrace is how long Close waits for requests whose connections it has cut.
	drainGrace = time.Second
)

// New makes a server; it neither listens nor starts anything.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Patience = cmp.Or(cfg.Patience, 30*time.Second)
	cfg.Unread = cmp.Or(cfg.Unread, time.Minute)
	cfg.Places = cmp.Or(cfg.Places, 512)
	cfg.Connections = cmp.Or(cfg.Connections, 2048)
	if cfg.PerAddress = cmp.Or(cfg.PerAddress, 64); cfg.Certificates == nil {
		cfg.PerAddress = cfg.Connections
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, names: map[string]Name{}, byHost: map[string]Name{}, stop: stop,
		pages:  pages.Pages{Log: cfg.Log, Contact: cfg.Contact},
		places: places.New(cfg.Places),
		uplink: newUplink(ctx, cfg.UpLimit),
		conns:  places.NewBounds(cfg.Connections, cfg.PerAddress, cfg.PerAddress),
		few:    places.NewBounds(max(cfg.Connections/4, 1), cfg.PerAddress, cfg.PerAddress),
		asking: places.NewBounds(cfg.Places, cfg.PerAddress, cfg.PerAddress),
	}
	for _, n := range cfg.Names {
		s.names[n.Name] = n
		if _, ok := s.byHost[n.Host]; !ok {
			s.byHost[n.Host] = n
		}
	}
	s.files = files.New(files.Config{
		Opener: cfg.Opener, Log: cfg.Log, Patience: cfg.Patience, Pages: s.pages, Explain: toVisitors,
	})
	s.loading = newLoading(cfg.Loader, s)
	s.http = s.server(ctx, http.HandlerFunc(s.serve))
	if cfg.Certificates != nil {
		s.http.TLSConfig = cfg.Certificates.config()
		s.plain = s.server(ctx, s.withBareHost(cfg.Certificates.challenges(http.HandlerFunc(s.toTLS))))
		s.plain.ReadTimeout = headerTimeout // Its answers are short.
	}
	return s
}

func (s *Server) server(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler:                      h,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            headerTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: s.cfg.Unread},
		// Anybody can cause what is logged there: broken handshakes, for one.
		ErrorLog:    slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState:   onHijack,
	}
}

// Serve answers visitors who come in on ln until Close, and then returns nil: over TLS, if there are certificates. It
// may run on several listeners.
func (s *Server) Serve(ln net.Listener) error {
	visitors := s.uplink.listener(files.Listener(bounded(ln, s.conns), s.cfg.Unread))
	var err error
	if s.cfg.Certificates == nil {
		err = s.http.Serve(visitors)
	} else {
		err = s.http.ServeTLS(visitors, "", "")
	}
	return ended(ln, err)
}

// ServePlain sends visitors who come in on ln without TLS to where there is, answers an ACME authority's HTTP
// challenges (RFC 8555, section 8.3), and whoever asks the tracker, until Close. It may be called only if there are
// certificates.
func (s *Server) ServePlain(ln net.Listener) error {
	return ended(ln, s.plain.Serve(files.Listener(bounded(ln, s.few), s.cfg.Unread)))
}

func ended(ln net.Listener, err error) error {
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("home: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Close stops listening, lets requests that are being answered finish until ctx ends, then cuts them off. When it
// returns, all content has been given back.
func (s *Server) Close(ctx context.Context) error {
	cut := context.AfterFunc(ctx, s.stop)
	defer cut()
	servers := []*http.Server{s.http}
	if s.plain != nil {
		servers = append(servers, s.plain)
	}
	for _, server := range servers {
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // What is left is not going to finish.
		}
	}
	s.stop()
	grace := time.NewTimer(drainGrace)
	defer grace.Stop()
	select {
	case <-s.places.Empty():
		return nil
	case <-grace.C:
		return fmt.Errorf("home: close: requests still run %s after they were cut off", drainGrace)
	}
}

// SetUpLimit changes how many bytes a second are sent to all visitors together; 0 means unlimited.
func (s *Server) SetUpLimit(n int64) { s.uplink.set(n) }

// serve takes a visitor's request through its steps.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	name, ok := s.nameOf(r)
	if ok && s.announced(w, r) {
		return
	}
	to := s.visitor(w, r, name)
	a := s.files.Answer(to, r)
	a.Header().Set("X-Content-Type-Options", "nosniff")
	if r.ContentLength != 0 {
		files.DoNotAwaitBody(w, headerTimeout)
	}
	if !ok {
		s.pages.Fail(a, r, *foreignName)
		return
	}
	webSeed := false
	defer func() { s.record(name, a.Record(r), r, webSeed) }()
	path, no := files.Check(r)
	if no != nil {
		s.pages.Fail(a, r, *no)
		return
	}
	give, ok := s.takePlace(name, r)
	if !ok {
		s.pages.Fail(a, r, *files.TooMany)
		return
	}
	defer give()
	if host, on, _ := s.cfg.Opener.HomeSite(name); on {
		q := s.loading.request(a, r, name, host, path)
		if webSeed = q.isWebSeed(); !q.answered() {
			to.before = s.loading.both(name, r)
			s.files.Serve(a, r, &siteOrigin{srv: s, name: name, host: host}, host, path)
		}
	} else {
		s.farewell(a, r)
	}
	a.Release()
}

// takePlace takes a place among those who are answered, which give gives back. One address has no more of them than it
// has connections, however many requests go over one.
func (s *Server) takePlace(name string, r *http.Request) (give func(), ok bool) {
	from := networkOf(r.RemoteAddr)
	if !s.asking.Take(from, 1) {
		return nil, false
	}
	if !s.places.Take(name) {
		s.asking.Give(from, 1)
		return nil, false
	}
	return func() { s.places.Give(name); s.asking.Give(from, 1) }, true
}

// record tells of a request that has been answered.
func (s *Server) record(name string, done engine.Request, r *http.Request, webSeed bool) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(name, done, webSeed)
	}
	if s.cfg.Requests != LogRequests && s.cfg.Requests != LogAddresses {
		return
	}
	attrs := []any{
		"home", name, "method", engine.Clean(done.Method), "path", done.Path, "status", done.Status, "bytes", done.Bytes,
		"took", time.Duration(done.Took).Round(time.Microsecond),
	}
	if s.cfg.Requests == LogAddresses {
		attrs = append(attrs, "address", s.addressOf(r))
	}
	s.cfg.Log.Info("request", attrs...)
}

// withBareHost takes the port off the host that is asked for: what an authority asks for is compared without.
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

// addressOf returns who asks, as far as is known.
func (s *Server) addressOf(r *http.Request) netip.Addr {
	if from := s.askedBy(r).From; from.IsValid() {
		return from
	}
	return remoteAddr(r)
}

// toTLS sends a visitor to the same address with TLS. A tracker's clients would not follow, or have none.
func (s *Server) toTLS(w http.ResponseWriter, r *http.Request) {
	name, ok := s.nameOf(r)
	if ok && s.announced(w, r) {
		return
	}
	if r.ContentLength != 0 {
		files.DoNotAwaitBody(w, headerTimeout)
	}
	if !ok {
		s.pages.Fail(w, r, *foreignName)
		return
	}
	if _, no := files.Check(r); no != nil {
		s.pages.Fail(w, r, *no)
		return
	}
	w.Header().Set("Location", s.names[name].root()+r.URL.RequestURI())
	w.WriteHeader(http.StatusMovedPermanently)
}
