package localserve

import (
	"context"
	"errors"
	"sync"
	"time"

	"wtptui/engine"
)

// patience is the context of whatever a request waits for: at first the answer's first byte, then each next one. What
// never has to wait, as a file that is here, costs no timer: the clock runs as soon as somebody asks for Done.
type patience struct {
	parent context.Context
	until  time.Time // when the first byte must be there
	stall  time.Duration

	mu     sync.Mutex
	ctx    context.Context // nil before somebody waits
	cancel context.CancelCauseFunc
	timer  *time.Timer
	began  bool // the first byte has come
	ended  bool
}

var errWaited = errors.New("waited long enough")

func newPatience(parent context.Context, first, stall time.Duration, now time.Time) *patience {
	return &patience{parent: parent, until: now.Add(first), stall: stall}
}

// Deadline implements context.Context. There is none that is known beforehand: each byte moves it.
func (p *patience) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done implements context.Context.
func (p *patience) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil {
		left := p.stall
		if !p.began {
			left = time.Until(p.until)
		}
		ctx, cancel := context.WithCancelCause(p.parent)
		p.ctx, p.cancel = ctx, cancel
		if p.ended {
			cancel(context.Canceled)
		} else {
			p.timer = time.AfterFunc(left, func() { cancel(errWaited) })
		}
	}
	return p.ctx.Done()
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

// progress says that a byte has come.
func (p *patience) progress() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.began = true
	if p.timer != nil && !p.ended {
		p.timer.Reset(p.stall)
	}
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
