package files

import (
	"context"
	"errors"
	"sync"
	"time"

	"wtptui/engine"
)

// patience is the context of whatever a request waits for. It ends when a read has waited for as long as limit and
// nothing of the site has arrived meanwhile: whatever the rate, who gets something goes on waiting. What never has to
// wait, as a file that is here, costs no timer: the clock runs as soon as somebody asks for Done, and only while something
// is waited for.
type patience struct {
	parent context.Context
	limit  time.Duration

	mu     sync.Mutex
	ctx    context.Context // nil before somebody waits
	cancel context.CancelCauseFunc
	timer  *time.Timer
	since  time.Time // when this wait began; zero while nothing is waited for
	// until is when the first byte must have gone out, whatever arrives; zero for no such time.
	until time.Time
	// arrival says when something of the site arrived last; nil before the site is open.
	arrival func() time.Time
	ended   bool
}

var errWaited = errors.New("waited long enough")

// newPatience begins the first wait, which is that for the site.
func newPatience(parent context.Context, limit time.Duration, now, until time.Time) *patience {
	return &patience{parent: parent, limit: limit, since: now, until: until}
}

// Deadline implements context.Context. There is none that is known beforehand: each byte moves it.
func (p *patience) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (p *patience) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil {
		p.ctx, p.cancel = context.WithCancelCause(p.parent)
		if p.ended {
			p.cancel(context.Canceled)
		} else {
			p.timer = time.AfterFunc(p.left(), p.check)
		}
	}
	return p.ctx.Done()
}

// left is for how long the wait may go on if nothing arrives.
func (p *patience) left() time.Duration {
	if !p.until.IsZero() {
		return time.Until(p.until)
	}
	if p.since.IsZero() {
		return p.limit
	}
	last := p.since
	if p.arrival != nil {
		if at := p.arrival(); at.After(last) {
			last = at
		}
	}
	return p.limit - time.Since(last)
}

// check ends the wait, or looks again when it may have to end.
func (p *patience) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	if left := p.left(); left > 0 {
		p.timer.Reset(left)
		return
	}
	p.cancel(errWaited)
}

// Err implements context.Context.
func (p *patience) Err() error { return p.now().Err() }

// Value implements context.Context.
func (p *patience) Value(key any) any { return p.now().Value(key) }

func (p *patience) now() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx != nil {
		return p.ctx
	}
	return p.parent
}

// wait begins a wait, and done ends it.
func (p *patience) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = time.Now()
}

func (p *patience) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = time.Time{}
}

// sent says that the first byte has gone out.
func (p *patience) sent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.IsZero() {
		return
	}
	p.until = time.Time{}
	if p.timer != nil && !p.ended {
		p.timer.Reset(p.limit)
	}
}

// opened ends the wait for the site, and says how to find out when something of it arrived.
func (p *patience) opened(arrival func() time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.arrival = time.Time{}, arrival
}

// end gives up on whatever is still awaited.
func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	if p.ctx != nil {
		if p.timer != nil {
			p.timer.Stop()
		}
		p.cancel(context.Canceled)
	}
}

// explain makes a NotReady of an error that says no more than that patience has ended.
func (p *patience) explain(err error, awaited string) error {
	if engine.KindOf(err) == engine.Internal && errors.Is(context.Cause(p), errWaited) {
		return &engine.Error{Op: "localserve: wait", Kind: engine.NotReady, Msg: awaited, Err: err}
	}
	return err
}
