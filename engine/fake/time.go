package fake

import (
	"context"
	"time"
)

// Step lets d pass. Watchers get one snapshot of where it led, unless they have had one for this quarter of a second
// and nothing notable has happened.
func (e *Engine) Step(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for d > 0 {
		dt := min(d, step)
		e.now = e.now.Add(dt)
		e.live(dt)
		d -= dt
	}
	if e.noted || e.now.Sub(e.published) >= step {
		e.publish()
	}
	close(e.stepped)
	e.stepped = make(chan struct{})
}

// pass waits until d of the play's time has passed, calling during after each step, if the play is to be lifelike.
func (e *Engine) pass(ctx context.Context, d time.Duration, during func(part float64)) error {
	if !e.opts.Lifelike {
		during(1)
		return nil
	}
	e.mu.Lock()
	begin := e.now
	for !e.closed && e.now.Sub(begin) < d {
		stepped := e.stepped
		e.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stepped:
		}
		e.mu.Lock()
		part := float64(e.now.Sub(begin)) / float64(d)
		e.mu.Unlock()
		during(min(part, 1))
		e.mu.Lock()
	}
	e.mu.Unlock()
	return ctx.Err()
}

// Play steps in real time until ctx ends.
func (e *Engine) Play(ctx context.Context) {
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			e.Step(step)
		}
	}
}
