package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

const (
	// headStart is the delay between the start of one way and of the next.
	headStart = 250 * time.Millisecond
	// minTimeout is the minimum time to connect to an address, however many other dials wait.
	minTimeout = 3 * time.Second
	// respondedTimeout limits the other ways once the host has refused one or closed the connection: it is up, and
	// most programs listen on both transports. Waiting for a silent way would take longer than the cause of the
	// refusal usually lasts: a restart of the program, or both sides having dialed and rejected each other.
	respondedTimeout = 2 * time.Second
)

var errSlower = errors.New("another transport was faster")

// race is the dial of one peer: several ways, started one after the other, until the peer has answered a handshake
// over one of them.
type race struct {
	d            *Dialer
	peer         netip.AddrPort
	ours         wire.Handshake
	obfuscations []bool
	responded    atomic.Bool // the host has refused a connection or closed one
	won          atomic.Bool
	ended        chan result // one result of each way; the first one without an error is used
}

// result is the result of one way.
type result struct {
	conn       *wire.Conn
	via        engine.Via
	obfuscated bool
	err        error
}

// start starts all ways, each in its turn. They are canceled when ctx ends.
func (r *race) start(ctx context.Context, ways []Way) {
	turn := make(chan struct{})
	close(turn)
	for _, w := range ways {
		mine, next := turn, make(chan struct{})
		turn = next
		pass := sync.OnceFunc(func() { close(next) })
		r.d.wg.Go(func() {
			end := r.tryWay(ctx, w, mine, pass)
			if end.err != nil {
				if isRefusal(end.err) || errors.Is(end.err, errDisconnected) {
					r.responded.Store(true)
				}
				pass()
			}
			r.ended <- end
		})
	}
}

// tryWay tries one way when it is its turn. It calls pass when the next one should be started beside it.
func (r *race) tryWay(ctx context.Context, w Way, turn <-chan struct{}, pass func()) result {
	select {
	case <-turn:
	case <-ctx.Done():
		return result{err: context.Cause(ctx)}
	}
	if err := r.d.budget.acquire(ctx, r.ours.Infohash); err != nil {
		return result{err: err}
	}
	defer r.d.budget.release()
	if ctx.Err() != nil {
		return result{err: context.Cause(ctx)}
	}
	defer time.AfterFunc(headStart, pass).Stop()

	var failed failures
	for i, obfuscated := range r.obfuscations {
		if i > 0 {
			r.d.budget.limiter.Reserve() // It counts but does not wait: a peer that responds is tried again at once.
		}
		conn, err := r.connect(ctx, w, obfuscated)
		if err == nil && !r.won.CompareAndSwap(false, true) {
			conn.Close()
			err = errSlower
		}
		if err == nil {
			return result{conn: conn, via: w.Via, obfuscated: obfuscated}
		}
		failed = append(failed, &attemptError{w.Via, err})
		if ctx.Err() != nil || !errors.Is(err, errDisconnected) {
			break
		}
	}
	return result{err: failed}
}

// connect connects and shakes hands.
func (r *race) connect(ctx context.Context, w Way, obfuscated bool) (*wire.Conn, error) {
	c, err := withTimeout(ctx, r.connectTimeout(), "no answer", func(ctx context.Context) (net.Conn, error) {
		return w.Dial(ctx, r.peer)
	})
	if err != nil {
		return nil, err
	}
	said := "a plain handshake"
	if obfuscated {
		said = "an obfuscated handshake"
	}
	conn, err := withTimeout(ctx, r.d.cfg.Timeout, "no answer to "+said, func(ctx context.Context) (*wire.Conn, error) {
		return r.d.cfg.DialWire(ctx, c, r.ours, obfuscated)
	})
	if err != nil {
		_ = c.Close()
		if isDisconnect(err) {
			err = &disconnectError{said, err}
		}
		return nil, err
	}
	return conn, nil
}

// connectTimeout returns how long connecting over the next way may take.
func (r *race) connectTimeout() time.Duration {
	timeout := r.d.connectTimeout()
	if r.responded.Load() {
		timeout = min(timeout, respondedTimeout)
	}
	return timeout
}

// connectTimeout returns how long connecting to a peer may take: less if many other dials wait.
func (d *Dialer) connectTimeout() time.Duration {
	most := d.cfg.MaxHalfOpen
	fair := d.cfg.Timeout * time.Duration(most) / time.Duration(most+d.budget.countWaiting())
	return max(fair, min(minTimeout, d.cfg.Timeout))
}

// isDisconnect reports whether a handshake has failed because the peer has closed the connection, or does not
// understand it, rather than been silent or answered. Transports report that with different errors.
func isDisconnect(err error) bool {
	for _, other := range []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded, net.ErrClosed,
		wire.ErrOtherTorrent, wire.ErrSelf, wire.ErrNotBitTorrent,
	} {
		if errors.Is(err, other) {
			return false
		}
	}
	var timeout net.Error
	return !errors.As(err, &timeout) || !timeout.Timeout()
}

// isRefusal reports whether a host has refused the connection. Windows has an error number of its own.
func isRefusal(err error) bool {
	const wsaRefused = syscall.Errno(10061)
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaRefused)
}

// withTimeout runs f with a timeout; what describes what did not happen in time.
func withTimeout[T any](
	ctx context.Context, timeout time.Duration, what string, f func(context.Context) (T, error),
) (T, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	v, err := f(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		err = &timeoutError{what, timeout}
	}
	return v, err
}
