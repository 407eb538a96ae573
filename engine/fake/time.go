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

// notify wakes whoever waits for time to pass.
func (c *clock) notify() {
	close(c.stepped)
	c.stepped = make(chan struct{})
}

// Step lets d pass. Watchers get one snapshot of where it led, unless they have had one for this quarter of a second
// and nothing notable has happened.
func (e *Engine) Step(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	st := e.world
	for d > 0 {
		dt := min(d, step)
		st.now = st.now.Add(dt)
		st.advance(dt)
		d -= dt
	}
	if st.journal.noted || st.now.Sub(e.published) >= step {
		e.publish()
	}
	st.notify()
}

// waitFor waits until d of the play's time has passed, calling during after each step, if the play is to be lifelike.
func (e *Engine) waitFor(ctx context.Context, d time.Duration, during func(part float64)) error {
	if !e.lifelike {
		during(1)
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
