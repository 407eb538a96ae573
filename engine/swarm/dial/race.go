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
	// headStart is how much later than one way the next one is tried while the first has not met the peer.
	headStart = 250 * time.Millisecond
	// leastTimeout is how long an address has to connect at least, however many others wait for their turn.
	leastTimeout = 3 * time.Second
	// answeredTimeout is how long another way may take once the host has refused one or hung up: it is there, and most
	// programs listen both ways. What was wrong is over sooner than a silent way is given up: the program is started
	// again, or both have called each other and hung up on the other's call.
	answeredTimeout = 2 * time.Second
)

var errLost = errors.New("another way was faster")

// race is the attempt to meet one peer: several ways, one after the other and then side by side, until the peer has
// answered a handshake over one of them.
type race struct {
	d            *Dialer
	peer         netip.AddrPort
	ours         wire.Handshake
	obfuscations []bool
	answered     atomic.Bool // the host has refused a way, or hung up
	won          atomic.Bool
	ended        chan result // one of each way; the first one without an error has won
}

// result is what came of a way.
type result struct {
	conn       *wire.Conn
	via        engine.Via
	obfuscated bool
	err        error
}

// start begins with the ways. Those that have not won are given up when ctx ends.
func (r *race) start(ctx context.Context, ways []Way) {
	turn := make(chan struct{})
	close(turn)
	for _, w := range ways {
		mine, next := turn, make(chan struct{})
		turn = next
		pass := sync.OnceFunc(func() { close(next) })
		r.d.wg.Go(func() {
			end := r.run(ctx, w, mine, pass)
			if end.err != nil {
				if isRefusal(end.err) || errors.Is(end.err, errHungUp) {
					r.answered.Store(true)
				}
				pass()
			}
			r.ended <- end
		})
	}
}

// run tries one way when it is its turn. It calls pass when it is time to try the next one beside it.
func (r *race) run(ctx context.Context, w Way, turn <-chan struct{}, pass func()) result {
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
			r.d.budget.limiter.Reserve() // It counts, but it does not wait: a peer that is there is answered at once.
		}
		conn, err := r.attempt(ctx, w, obfuscated)
		if err == nil && !r.won.CompareAndSwap(false, true) {
			conn.Close()
			err = errLost
		}
		if err == nil {
			return result{conn: conn, via: w.Via, obfuscated: obfuscated}
		}
		failed = append(failed, &attemptError{w.Via, err})
		if ctx.Err() != nil || !errors.Is(err, errHungUp) {
			break
		}
	}
	return result{err: failed}
}

// attempt connects and shakes hands.
func (r *race) attempt(ctx context.Context, w Way, obfuscated bool) (*wire.Conn, error) {
	c, err := within(ctx, r.connectTimeout(), "no answer", func(ctx context.Context) (net.Conn, error) {
		return w.Dial(ctx, r.peer)
	})
	if err != nil {
		return nil, err
	}
	said := "a plain handshake"
	if obfuscated {
		said = "an obfuscated handshake"
	}
	conn, err := within(ctx, r.d.cfg.Timeout, "no answer to "+said, func(ctx context.Context) (*wire.Conn, error) {
		return r.d.cfg.DialWire(ctx, c, r.ours, obfuscated)
	})
	if err != nil {
		_ = c.Close()
		if isHangUp(err) {
			err = &hangUpError{said, err}
		}
		return nil, err
	}
	return conn, nil
}

// connectTimeout returns how long the peer may take to be connected to over the next way.
func (r *race) connectTimeout() time.Duration {
	timeout := r.d.connectTimeout()
	if r.answered.Load() {
		timeout = min(timeout, answeredTimeout)
	}
	return timeout
}

// connectTimeout returns how long a peer may take to be connected to: less if many others wait for that, too.
func (d *Dialer) connectTimeout() time.Duration {
	most := d.cfg.MaxHalfOpen
	fair := d.cfg.Timeout * time.Duration(most) / time.Duration(most+d.budget.waits())
	return max(fair, min(leastTimeout, d.cfg.Timeout))
}

// isHangUp reports whether a handshake has failed because the peer has ended the connection, or does not understand it:
// it has neither been silent for too long nor answered. How connections fail is said in many ways.
func isHangUp(err error) bool {
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

// isRefusal reports whether a host has said that nobody listens. Windows has a number of its own.
func isRefusal(err error) bool {
	const wsaRefused = syscall.Errno(10061)
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaRefused)
}

// within runs f and gives it so much time; what says in words what has not happened if that is not enough.
func within[T any](
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
