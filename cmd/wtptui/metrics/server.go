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

// Config configures a Server; all but Log is required.
type Config struct {
	Engine Watcher
	// Peers returns the numbers of connections of all sites, by way. It is called once for each scrape.
	Peers func() map[engine.Via]int
	// Transferred returns how many bytes of content have been downloaded and uploaded since the start, including sites
	// that were removed. It is called once for each scrape.
	Transferred func() (down, up int64)
	// Beats returns a number that grows as long as the engine makes progress.
	Beats func() uint64
	Log   *slog.Logger
}

// Server answers Prometheus. It must be created with New.
type Server struct {
	cfg      Config
	http     *http.Server
	requests requestStats
	liveness liveness

	mu       sync.Mutex
	snapshot *engine.Snapshot // nil until there is one, and after the engine has ended
}

// New returns a server; it neither listens nor starts anything.
func New(cfg Config) *Server {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, liveness: liveness{beats: cfg.Beats}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	s.http = &http.Server{
		Handler:           rejectForeignHosts(mux),
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn),
	}
	return s
}

// Observe counts a finished request. It may be called concurrently.
func (s *Server) Observe(r engine.Request) { s.requests.add(r) }

// Serve watches the engine and answers requests on ln until Close is called. It returns nil then.
func (s *Server) Serve(ln net.Listener) error {
	ctx, cancel := context.WithCancel(context.Background())
	var storing sync.WaitGroup
	defer storing.Wait()
	defer cancel()
	snapshots, err := s.cfg.Engine.Watch(ctx)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	storing.Go(func() { s.storeSnapshots(snapshots) })
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Close stops listening, and closes the connections that are still open when ctx ends.
func (s *Server) Close(ctx context.Context) error {
	if s.http.Shutdown(ctx) == nil {
		return nil
	}
	return s.http.Close()
}

// storeSnapshots stores the newest snapshot.
func (s *Server) storeSnapshots(snapshots <-chan engine.Snapshot) {
	for snap := range snapshots {
		s.mu.Lock()
		s.snapshot = &snap
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshot = nil
}

func (s *Server) serveMetrics(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	snapshot := s.snapshot
	s.mu.Unlock()
	if snapshot == nil {
		http.Error(w, "the engine does not run", http.StatusServiceUnavailable)
		return
	}
	now := time.Now()
	families := collect(*snapshot, s.cfg.Peers(), now)
	families = append(families, processFamilies()...)
	families = append(families,
		singleSample("wtptui_responsive", gauge,
			"1 if the engine makes progress, 0 if it is stuck; then /healthz fails.", boolValue(s.liveness.check(now))))
	down, up := s.cfg.Transferred()
	families = append(families, directionFamily("wtptui_transferred_bytes_total", counter,
		"Bytes of content that were exchanged with peers since the engine started.", down, up))
	families = append(families, s.requests.families()...)
	w.Header().Set("Content-Type", contentType)
	if err := writeText(w, families); err != nil {
		s.cfg.Log.Debug("metrics: answer", "error", err)
	}
}

// serveHealth reports whether the engine runs and is not stuck. Whether it is of use to its peers is for the metrics
// to say.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	runs := s.snapshot != nil
	s.mu.Unlock()
	switch {
	case !runs:
		http.Error(w, "the engine does not run", http.StatusServiceUnavailable)
	case !s.liveness.check(time.Now()):
		http.Error(w, "the engine is stuck: start wtptui again", http.StatusServiceUnavailable)
	default:
		_, _ = io.WriteString(w, "ok\n")
	}
}

// rejectForeignHosts rejects requests of web pages whose name was pointed to a loopback address (DNS rebinding). On
// other addresses operators may use any name.
func rejectForeignHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		if ok && local.IP.IsLoopback() && !isLoopbackHost(r.Host) {
			http.Error(w, "ask for this by the address it listens on", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
