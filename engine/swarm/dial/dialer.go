package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// Way is one way to connect to peers.
type Way struct {
	Via    engine.Via
	Family int // of IP addresses: 4 or 6
	// Dial connects. It must return soon after ctx has ended.
	Dial func(ctx context.Context, peer netip.AddrPort) (net.Conn, error)
}

// Encryption says whether connections are obfuscated (MSE).
type Encryption uint8

// What is tried first with a peer of which nothing is known.
const (
	PlainFirst Encryption = iota
	Prefer
	Require // never plain
)

// Config says how peers are called.
type Config struct {
	// Ways are how to connect. The earlier ones of a family are tried first.
	Ways []Way
	// MaxHalfOpen is how many connections of all torrents may be in the making; 50 if it is 0.
	MaxHalfOpen int
	// Rate is how many connections may be begun a second, and Burst how many at once; 25 and 50 if they are 0.
	Rate  float64
	Burst int
	// Allowed returns why an address must not be called, nil if it may be. It may be nil.
	Allowed    func(peer netip.AddrPort) error
	Encryption Encryption
	// Timeout is how long a peer may take to be connected to, and then to answer the handshake; 10 s if it is 0.
	Timeout time.Duration
	// DialWire is wire.Dial if it is nil.
	DialWire func(ctx context.Context, c net.Conn, ours wire.Handshake, obfuscated bool) (*wire.Conn, error)
}

// Dialer calls peers. Its methods may be called from many goroutines.
type Dialer struct {
	cfg    Config
	budget *budget
	memory memory

	ctx    context.Context // ends with Close
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup // everything that was begun
	mu     sync.Mutex
	closed bool
}

// New returns a Dialer. The caller must Close it.
func New(cfg Config) *Dialer {
	if cfg.MaxHalfOpen <= 0 {
		cfg.MaxHalfOpen = 50
	}
	if cfg.Rate <= 0 {
		cfg.Rate = 25
	}
	if cfg.Burst <= 0 {
		cfg.Burst = 50
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.DialWire == nil {
		cfg.DialWire = wire.Dial
	}
	d := &Dialer{cfg: cfg, budget: newBudget(cfg.MaxHalfOpen, rate.NewLimiter(rate.Limit(cfg.Rate), cfg.Burst))}
	d.ctx, d.cancel = context.WithCancelCause(context.Background())
	return d
}

// Close ends all calls that are under way and returns when nothing of them is left. Connections that Meet has returned
// stay.
func (d *Dialer) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel(net.ErrClosed)
	d.wg.Wait()
}

var errNoWay = errors.New("there is no way to connect to addresses of this kind")

// begin reports whether a call may begin; if so, d.wg must be told when it ends.
func (d *Dialer) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.wg.Add(1)
	return true
}

// Meet calls a peer and returns the first connection over which it has answered our handshake, and how that was made.
// The error says what was tried and what came of each attempt. It is that of ctx if ctx has ended.
func (d *Dialer) Dial(ctx context.Context, peer netip.AddrPort, ours wire.Handshake) (*wire.Conn, engine.Via, error) {
	if !d.begin() {
		return nil, "", net.ErrClosed
	}
	defer d.wg.Done()
	peer = unmap(peer)
	if d.cfg.Allowed != nil {
		if err := d.cfg.Allowed(peer); err != nil {
			return nil, "", errNotMet(peer, err)
		}
	}
	known, _ := d.memory.get(peer)
	ways := d.ways(peer, known)
	if len(ways) == 0 {
		return nil, "", errNotMet(peer, errNoWay)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(d.ctx, func() { cancel(context.Cause(d.ctx)) })()

	r := &race{d: d, peer: peer, ours: ours, obfuscations: d.obfuscations(known), ended: make(chan result, len(ways))}
	r.start(ctx, ways)
	var failed failures
	for range ways {
		end := <-r.ended
		if end.err == nil {
			d.memory.put(peer, end.via, end.obfuscated)
			return end.conn, end.via, nil
		}
		failed = append(failed, end.err)
	}
	if ctx.Err() != nil {
		return nil, "", context.Cause(ctx)
	}
	return nil, "", errNotMet(peer, failed)
}

// ways returns how a peer can be connected to, in the order in which that is tried.
func (d *Dialer) ways(peer netip.AddrPort, known choice) []Way {
	family := 6
	if peer.Addr().Is4() {
		family = 4
	}
	var first, others []Way
	for _, w := range d.cfg.Ways {
		switch {
		case w.Family != family:
		case w.Via == known.via:
			first = append(first, w)
		default:
			others = append(others, w)
		}
	}
	return append(first, others...)
}

// obfuscations returns whether handshakes are obfuscated, in the order in which that is tried.
func (d *Dialer) obfuscations(known choice) []bool {
	first := d.cfg.Encryption == Prefer
	switch {
	case d.cfg.Encryption == Require:
		return []bool{true}
	case known.via != "":
		first = known.obfuscated
	}
	return []bool{first, !first}
}
