package tracker

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/localserve/limits"
)

// Config is the configuration of a Tracker. All fields may be zero.
type Config struct {
	// Serves reports whether the tracker serves a torrent; nil means all. It must not block.
	Serves func(infohash [20]byte) bool
	// Names are the domains that lead to this machine. Peers are sent their addresses to reach this engine, if the
	// address of their own request is not one that they could connect to.
	Names []string
	// Lookup returns the addresses of a name; nil means the system's resolver.
	Lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	// MaxPeers is the maximum number of peers, and MaxPeersEach that from one address: an IPv4 address, or an IPv6
	// network of 64 bits. 0 means 100,000 and 4,096.
	MaxPeers, MaxPeersEach int
	// MaxSockets is the maximum number of open WebSockets, and MaxSocketsEach that from one address; 0 means 8,192 and
	// 64.
	MaxSockets, MaxSocketsEach int
	// Log receives faults of the tracker itself. Nil discards.
	Log *slog.Logger
}

// How often peers announce, and when they expire.
const (
	interval    = 15 * time.Minute
	minInterval = time.Minute
	webInterval = 2 * time.Minute
	// ownInterval is for this process's own engine, for which an announce costs nothing.
	ownInterval = time.Minute
	// A peer that has missed two announces is removed.
	peerTimeout    = 2*interval + 5*time.Minute
	webPeerTimeout = 2*webInterval + time.Minute
	sweepEvery     = time.Minute
	// lookupEvery is how often names are looked up, and lookupTimeout limits a look-up.
	lookupEvery   = time.Hour
	lookupRetry   = 30 * time.Second // while nothing was found
	lookupTimeout = 10 * time.Second
)

// Tracker knows the peers of torrents. Make one with New. It is safe for concurrent use.
type Tracker struct {
	cfg         Config
	swarms      *swarms
	throttle    *throttle
	ids         connectionIDs
	sockets     *limits.NetworkLimiter
	budget      *budget
	ownListener *pipeListener
	ownHTTP     *http.Server
	// addresses are those of the names.
	addresses atomic.Pointer[[]netip.Addr]

	announces, refused atomic.Int64

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu          sync.Mutex
	closed      bool
	packetConns []net.PacketConn
}

// New starts a tracker. The caller must close it.
func New(cfg Config) *Tracker {
	if cfg.Serves == nil {
		cfg.Serves = func([20]byte) bool { return true }
	}
	if cfg.Lookup == nil {
		cfg.Lookup = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.MaxPeers, cfg.MaxPeersEach = cmp.Or(cfg.MaxPeers, 100_000), cmp.Or(cfg.MaxPeersEach, 4096)
	cfg.MaxSockets, cfg.MaxSocketsEach = cmp.Or(cfg.MaxSockets, 8192), cmp.Or(cfg.MaxSocketsEach, 64)
	t := &Tracker{
		cfg: cfg, swarms: newSwarms(cfg.MaxPeers, cfg.MaxPeersEach), throttle: newThrottle(), ids: newConnectionIDs(),
		sockets: limits.NewNetworkLimiter(cfg.MaxSockets, cfg.MaxSocketsEach, fewSockets), budget: newBudget(),
		ownListener: newPipeListener(),
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.ownHTTP = t.ownServer()
	t.wg.Go(func() {
		if err := t.ownHTTP.Serve(t.ownListener); !errors.Is(err, http.ErrServerClosed) {
			t.cfg.Log.Error("tracker: own engine", "err", err)
		}
	})
	t.wg.Go(t.sweep)
	if len(cfg.Names) > 0 {
		t.wg.Go(t.refreshAddresses)
	}
	return t
}

// sweep removes expired peers, until Close.
func (t *Tracker) sweep() {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			t.swarms.expire(time.Now())
		case <-t.ctx.Done():
			return
		}
	}
}

// Stats are the numbers of a tracker at one moment.
type Stats struct {
	// Swarms is the number of torrents with peers, Peers that of the peers of all swarms, WebPeers that of those with
	// a WebSocket, and Sockets that of WebSockets. This process's own engine is not counted.
	Swarms, Peers, WebPeers, Sockets int
	// Announces is the number of announces and scrapes that were answered since the start, and Refused of those that
	// were not, both without this process's own engine.
	Announces, Refused int64
}

// Stats returns the current numbers.
func (t *Tracker) Stats() Stats {
	s := t.swarms.stats()
	s.Announces, s.Refused = t.announces.Load(), t.refused.Load()
	s.Sockets = t.sockets.InUse()
	return s
}

// Close closes all connections and waits for all goroutines.
func (t *Tracker) Close() error {
	t.cancel()
	t.mu.Lock()
	t.closed = true
	for _, p := range t.packetConns {
		_ = p.Close()
	}
	t.mu.Unlock()
	_ = t.ownHTTP.Close() // Its listener fails only now, and not while it serves.
	_ = t.ownListener.Close()
	t.wg.Wait()
	return nil
}

// start runs f in a goroutine that Close waits for. It returns false if the tracker is closed.
func (t *Tracker) start(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.wg.Go(f)
	return true
}

// ignoreClosed returns err, or nil if the tracker is closed.
func (t *Tracker) ignoreClosed(err error) error {
	select {
	case <-t.ctx.Done():
		return nil
	default:
		return err
	}
}
