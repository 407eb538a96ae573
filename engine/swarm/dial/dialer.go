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

// Encryption is the policy for obfuscating connections (MSE).
type Encryption uint8

// What is tried first with an unknown peer.
const (
	PlainFirst Encryption = iota
	Prefer
	Require // never plain
)

// Config holds the settings of a Dialer.
type Config struct {
	// Ways are the ways to connect. The earlier ones of a family are tried first.
	Ways []Way
	// MaxHalfOpen limits the connections being established, of all torrents; 0 means 50.
	MaxHalfOpen int
	// Rate limits how many connections are started per second, and Burst how many at once; 0 means 25 and 50.
	Rate  float64
	Burst int
	// Allowed returns an error if an address must not be dialed. It may be nil.
	Allowed    func(peer netip.AddrPort) error
	Encryption Encryption
	// Timeout limits connecting, and then the handshake; 0 means 10 s.
	Timeout time.Duration
	// DialWire shakes hands; nil means wire.Dial.
	DialWire func(ctx context.Context, c net.Conn, ours wire.Handshake, obfuscated bool) (*wire.Conn, error)
}

// Dialer connects to peers. Its methods may be called from many goroutines.
type Dialer struct {
	cfg    Config
	budget *budget
	memory memory

	ctx    context.Context // ends with Close
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup // all dials
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

// Close cancels all dials and returns when they have ended. Connections that Dial has returned stay open.
func (d *Dialer) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.cancel(net.ErrClosed)
	d.wg.Wait()
}

var errUnsupportedFamily = errors.New("addresses of this family cannot be dialed")

// startDial reports whether a dial may start. If so, the caller must call d.wg.Done when it ends.
func (d *Dialer) startDial() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.wg.Add(1)
	return true
}

// Dial connects to a peer and returns the first connection over which it has answered our handshake, and its
// transport. The error describes the result of each attempt. It is that of ctx if ctx has ended.
func (d *Dialer) Dial(ctx context.Context, peer netip.AddrPort, ours wire.Handshake) (*wire.Conn, engine.Via, error) {
	if !d.startDial() {
		return nil, "", net.ErrClosed
	}
	defer d.wg.Done()
	peer = unmap(peer)
	if d.cfg.Allowed != nil {
		if err := d.cfg.Allowed(peer); err != nil {
			return nil, "", newDialError(peer, err)
		}
	}
	known, _ := d.memory.get(peer)
	ways := d.ways(peer, known)
	if len(ways) == 0 {
		return nil, "", newDialError(peer, errUnsupportedFamily)
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
	return nil, "", newDialError(peer, failed)
}

// ways returns the ways to connect to a peer, in the order in which they are tried.
func (d *Dialer) ways(peer netip.AddrPort, known success) []Way {
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

// obfuscations returns the kinds of handshake to try, in order: true is obfuscated.
func (d *Dialer) obfuscations(known success) []bool {
	first := d.cfg.Encryption == Prefer
	switch {
	case d.cfg.Encryption == Require:
		return []bool{true}
	case known.via != "":
		first = known.obfuscated
	}
	return []bool{first, !first}
}
