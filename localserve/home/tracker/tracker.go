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

	"wtptui/localserve/places"
)

// Config is what a Tracker needs. All of it may be left zero.
type Config struct {
	// Serves reports whether the tracker is for a torrent; nil means for any. It must not wait.
	Serves func(infohash [20]byte) bool
	// Names are the domains that lead to this machine: at their addresses peers reach this engine, where the address at
	// which they have asked is none that they could call.
	Names []string
	// Lookup finds the addresses of a name; nil asks the system.
	Lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	// MaxPeers bounds all peers, and MaxPeersEach those from one address: that is an IPv4 address, or an IPv6 network of
	// 64 bits. 0 means 100,000 and 4,096.
	MaxPeers, MaxPeersEach int
	// MaxSockets bounds the WebSockets that are open, and MaxSocketsEach those from one address; 0 means 8,192 and 64.
	MaxSockets, MaxSocketsEach int
	// Log receives faults of the tracker itself. Nil discards.
	Log *slog.Logger
}

// How often peers announce, and when they are forgotten.
const (
	interval    = 15 * time.Minute
	minInterval = time.Minute
	webInterval = 2 * time.Minute
	// ownInterval is for this process's own engine, which it costs nothing.
	ownInterval = time.Minute
	// A peer that has missed two announces is gone.
	callableFor = 2*interval + 5*time.Minute
	webFor      = 2*webInterval + time.Minute
	sweepEvery  = time.Minute
	// lookupEvery is how often names are looked up, lookupTime how long that may take.
	lookupEvery = time.Hour
	lookupAgain = 30 * time.Second // while nothing has been found
	lookupTime  = 10 * time.Second
)

// Tracker knows who has which torrent. Make one with New. Its methods may be called from many goroutines.
type Tracker struct {
	cfg      Config
	swarms   *swarms
	throttle *throttle
	ids      connectionIDs
	sockets  *places.Bounds
	budget   *budget
	memory   *pipeListener
	inMemory *http.Server
	// addresses are those of the names.
	addresses atomic.Pointer[[]netip.Addr]

	announces, refused atomic.Int64

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	packets []net.PacketConn
}

// New starts a tracker; Close ends it.
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
		sockets: places.NewBounds(cfg.MaxSockets, cfg.MaxSocketsEach, fewSockets), budget: newBudget(),
		memory: newPipeListener(),
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.inMemory = t.ownServer()
	t.wg.Go(func() {
		if err := t.inMemory.Serve(t.memory); !errors.Is(err, http.ErrServerClosed) {
			t.cfg.Log.Error("tracker: own engine", "err", err)
		}
	})
	t.wg.Go(t.sweep)
	if len(cfg.Names) > 0 {
		t.wg.Go(t.lookUp)
	}
	return t
}

// sweep forgets who has been silent for too long, until Close.
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

// Stats are the tracker at one moment.
type Stats struct {
	// Swarms are torrents with peers, Peers are those of all of them, WebPeers those of these who are at a WebSocket, and
	// Sockets the WebSockets. This process's own engine is not counted.
	Swarms, Peers, WebPeers, Sockets int
	// Announces counts those of others that were answered since the start, scrapes among them, and Refused what was not.
	Announces, Refused int64
}

// Stats returns the tracker as it is now.
func (t *Tracker) Stats() Stats {
	s := t.swarms.count()
	s.Announces, s.Refused = t.announces.Load(), t.refused.Load()
	s.Sockets = t.sockets.InUse()
	return s
}

// Close ends everything and returns when it has ended.
func (t *Tracker) Close() error {
	t.cancel()
	t.mu.Lock()
	t.closed = true
	for _, p := range t.packets {
		_ = p.Close()
	}
	t.mu.Unlock()
	_ = t.inMemory.Close() // Its listener fails only now, and not while it serves.
	_ = t.memory.Close()
	t.wg.Wait()
	return nil
}

// begin runs f in a goroutine that Close waits for; it reports false when the tracker is closed.
func (t *Tracker) begin(f func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.wg.Go(f)
	return true
}

// unlessClosed returns an error of what Close ends.
func (t *Tracker) unlessClosed(err error) error {
	select {
	case <-t.ctx.Done():
		return nil
	default:
		return err
	}
}
