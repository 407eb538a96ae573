package files

import (
	"context"
	"errors"
	"sync"
	"time"

	"wtptui/engine"
)

// waitContext is the context of everything that a request waits for. It ends when a read has waited for stallTimeout
// without any data of the site arriving meanwhile: at any rate of progress, the request continues. For a request that
// never waits, such as for a complete file, no timer is created: that is done by the first call of Done.
type waitContext struct {
	parent       context.Context
	stallTimeout time.Duration

	mu        sync.Mutex
	ctx       context.Context // nil before the first call of Done
	cancel    context.CancelCauseFunc
	timer     *time.Timer
	waitStart time.Time // when the current wait began; zero if there is none
	// firstByteDeadline is the deadline for the first byte, whatever arrives; zero for none.
	firstByteDeadline time.Time
	// lastArrival returns when data of the site arrived last; nil before the site is open.
	lastArrival func() time.Time
	ended       bool
}

var errWaitedTooLong = errors.New("waited long enough")

// newWaitContext starts the first wait, for the site itself.
func newWaitContext(parent context.Context, stallTimeout time.Duration, now, until time.Time) *waitContext {
	return &waitContext{parent: parent, stallTimeout: stallTimeout, waitStart: now, firstByteDeadline: until}
}

// Deadline implements context.Context. It returns none: each byte that arrives moves it.
func (p *waitContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (p *waitContext) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil {
		p.ctx, p.cancel = context.WithCancelCause(p.parent)
		if p.ended {
			p.cancel(context.Canceled)
		} else {
			p.timer = time.AfterFunc(p.remaining(), p.expire)
		}
	}
	return p.ctx.Done()
}

// remaining returns how long the wait may continue if nothing arrives.
func (p *waitContext) remaining() time.Duration {
	if !p.firstByteDeadline.IsZero() {
		return time.Until(p.firstByteDeadline)
	}
	if p.waitStart.IsZero() {
		return p.stallTimeout
	}
	last := p.waitStart
	if p.lastArrival != nil {
		if at := p.lastArrival(); at.After(last) {
			last = at
		}
	}
	return p.stallTimeout - time.Since(last)
}

// expire cancels the context if the wait has lasted too long; otherwise it sets the timer again.
func (p *waitContext) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	if left := p.remaining(); left > 0 {
		p.timer.Reset(left)
		return
	}
	p.cancel(errWaitedTooLong)
}

// Err implements context.Context.
func (p *waitContext) Err() error { return p.current().Err() }

// Value implements context.Context.
func (p *waitContext) Value(key any) any { return p.current().Value(key) }

func (p *waitContext) current() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx != nil {
		return p.ctx
	}
	return p.parent
}

// startWait starts a wait, and endWait ends it.
func (p *waitContext) startWait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waitStart = time.Now()
}

func (p *waitContext) endWait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waitStart = time.Time{}
}

// firstByteSent removes the deadline for the first byte.
func (p *waitContext) firstByteSent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.firstByteDeadline.IsZero() {
		return
	}
	p.firstByteDeadline = time.Time{}
	if p.timer != nil && !p.ended {
		p.timer.Reset(p.stallTimeout)
	}
}

// siteOpened ends the wait for the site. lastArrival returns when data of it arrived last.
func (p *waitContext) siteOpened(arrival func() time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waitStart, p.lastArrival = time.Time{}, arrival
}

// stop cancels the context and its timer.
func (p *waitContext) stop() {
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

// notReadyError returns an error of Kind NotReady with the message awaited for an error that was caused by the end of
// the wait, and any other error unchanged.
func (p *waitContext) notReadyError(err error, awaited string) error {
	if engine.KindOf(err) == engine.Internal && errors.Is(context.Cause(p), errWaitedTooLong) {
		return &engine.Error{Op: "localserve: wait", Kind: engine.NotReady, Msg: awaited, Err: err}
	}
	return err
}
