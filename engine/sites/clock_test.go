package sites

import (
	"sync"
	"time"
)

// testClock stands still until Advance or Pass is called, but ticks all the time, so that what needs no time goes on.
type testClock struct {
	mu    sync.Mutex
	moved *sync.Cond
	now   time.Time
	taken int // how many ticks the engine has taken
	// tickers is how many engines take ticks: one that is closed may let go only when the next one has begun.
	tickers int
	// rest waits until the engine has done what it began.
	rest func()
}

func newTestClock() *testClock {
	c := &testClock{now: time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)}
	c.moved = sync.NewCond(&c.mu)
	return c
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Ticks(time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	c.tickers++
	c.mu.Unlock()
	ch, done, ended := make(chan time.Time), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		pace := time.NewTicker(time.Millisecond)
		defer pace.Stop()
		for {
			select {
			case ch <- c.Now():
				c.mu.Lock()
				c.taken++
				c.moved.Broadcast()
				c.mu.Unlock()
			case <-done:
				return
			}
			select {
			case <-pace.C:
			case <-done:
				return
			}
		}
	}()
	return ch, func() {
		close(done)
		<-ended
		c.mu.Lock()
		c.tickers--
		c.moved.Broadcast()
		c.mu.Unlock()
	}
}

// Advance lets time pass, and returns when the engine has done what is due at the new time.
func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.waitTicks(3)
	rest := c.rest
	c.mu.Unlock()
	if rest != nil {
		rest()
	}
}

// Pass lets time pass, and waits only until the engine has seen it.
func (c *testClock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waitTicks(3)
}

// waitTicks waits for n ticks. mu must be locked.
func (c *testClock) waitTicks(n int) {
	for from := c.taken; c.taken < from+n && c.tickers > 0; {
		c.moved.Wait()
	}
}
