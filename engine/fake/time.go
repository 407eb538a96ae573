package fake

import (
	"context"
	"time"
)

// clock is the time of the simulation. It stands still until Step moves it.
type clock struct {
	start, now time.Time
	stepped    chan struct{} // closed and replaced whenever time has passed
}

// notify wakes everything that waits for time to pass.
func (c *clock) notify() {
	close(c.stepped)
	c.stepped = make(chan struct{})
}

// Step moves the clock by d. Watchers get one snapshot of the result, unless the last one is from the same quarter of a
// second and there was no event.
func (e *Engine) Step(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	st := e.world
	for d > 0 {
		dt := min(d, timeStep)
		st.now = st.now.Add(dt)
		st.advance(dt)
		d -= dt
	}
	if st.journal.unpublished || st.now.Sub(e.publishedAt) >= timeStep {
		e.publish()
	}
	st.notify()
}

// waitFor waits until the clock has moved by d, and calls report after each step with the part that has passed, from 0
// to 1. Without RealisticDelays it only calls report(1).
func (e *Engine) waitFor(ctx context.Context, d time.Duration, report func(part float64)) error {
	if !e.realisticDelays {
		report(1)
		return nil
	}
	e.mu.Lock()
	begin := e.world.now
	for !e.closed && e.world.now.Sub(begin) < d {
		stepped := e.world.stepped
		e.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stepped:
		}
		e.mu.Lock()
		part := float64(e.world.now.Sub(begin)) / float64(d)
		e.mu.Unlock()
		report(min(part, 1))
		e.mu.Lock()
	}
	e.mu.Unlock()
	return ctx.Err()
}

// Play moves the clock in real time until ctx ends.
func (e *Engine) Play(ctx context.Context) {
	tick := time.NewTicker(timeStep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			e.Step(timeStep)
		}
	}
}
