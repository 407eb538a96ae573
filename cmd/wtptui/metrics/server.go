package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"wtptui/engine"
)

// Watcher is what metrics needs of an engine.Engine.
type Watcher interface {
	Watch(ctx context.Context) (<-chan engine.Snapshot, error)
}

// Config says what a Server tells of; all but Log is needed.
type Config struct {
	Engine Watcher
	// Peers counts the connections of all sites by way. It is called once for each scrape.
	Peers func() map[engine.Via]int
	// Transferred is how many bytes of content have been fetched and sent since the start, by sites that have left,
	// too. It is called once for each scrape.
	Transferred func() (down, up int64)
	// Beats grows as long as the engine lives.
	Beats func() uint64
	Log   *slog.Logger
}

// Server answers Prometheus. Make one with New.
type Server struct {
	cfg      Config
	http     *http.Server
	requests requests
	pulse    pulse

	mu   sync.Mutex
	last *engine.Snapshot // nil until there is one, and again when the engine has ended
}

// New makes a server; it neither listens nor starts anything.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, pulse: pulse{beats: cfg.Beats}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /healthz", s.health)
	s.http = &http.Server{
		Handler:           ownHostOnly(mux),
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn),
	}
	return s
}

// Observe counts a finished request. It may be called from many goroutines.
func (s *Server) Observe(r engine.Request) { s.requests.observe(r) }

// Serve follows the engine and answers on ln until Close, and then returns nil.
func (s *Server) Serve(ln net.Listener) error {
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel()
	snapshots, err := s.cfg.Engine.Watch(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	following.Go(func() { s.follow(snapshots) })
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Close stops listening and cuts off whoever is still being answered when ctx ends.
func (s *Server) Close(ctx context.Context) error {
	if s.http.Shutdown(ctx) == nil {
		return nil
	}
	return s.http.Close()
}

// follow keeps the newest snapshot.
func (s *Server) follow(snapshots <-chan engine.Snapshot) {
	for snap := range snapshots {
		s.mu.Lock()
		s.last = &snap
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = nil
}

func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last == nil {
		http.Error(w, "the engine does not run", http.StatusServiceUnavailable)
		return
	}
	now := time.Now()
	families := collect(*last, s.cfg.Peers(), now)
	families = append(families, process()...)
	families = append(families,
		one("wtptui_responsive", gauge, "0 if the engine is stuck, as /healthz says.", truth(s.pulse.felt(now))))
	down, up := s.cfg.Transferred()
	families = append(families, direction("wtptui_transferred_bytes_total", counter, "Bytes of content since the engine started.", down, up))
	families = append(families, s.requests.families()...)
	w.Header().Set("Content-Type", contentType)
	if err := write(w, families); err != nil {
		s.cfg.Log.Debug("metrics: answer", "error", err)
	}
}

// health says whether the engine runs and is not stuck; whether it is of any use to its peers is for the metrics to
// tell.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	runs := s.last != nil
	s.mu.Unlock()
	switch {
	case !runs:
		http.Error(w, "the engine does not run", http.StatusServiceUnavailable)
	case !s.pulse.felt(time.Now()):
		http.Error(w, "the engine is stuck: start wtptui again", http.StatusServiceUnavailable)
	default:
		_, _ = io.WriteString(w, "ok\n")
	}
}

// ownHostOnly keeps web pages out whose name has been pointed at a loopback address (DNS rebinding). On any other
// address operators may use what name they like.
func ownHostOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && local.IP.IsLoopback() && !namesLoopback(r.Host) {
			http.Error(w, "ask for this by the address it listens on", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func namesLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
