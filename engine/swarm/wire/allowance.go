package wire

import (
	"time"

	"golang.org/x/time/rate"
)

// limitPoll is how often those who wait for a limiter look whether it has been changed.
const limitPoll = time.Second

// allowance is how much may pass a limiter, which others use too. One goroutine uses it. What was reserved and not used
// then is used next.
type allowance struct {
	limiter *rate.Limiter // nil is no bound
	bytes   int
	// pending is a reservation of size bytes, nil if there is none.
	pending *rate.Reservation
	size    int
}

// delay returns how long it takes at least until n bytes may pass; 0 if they may now.
func (a *allowance) delay(n int) time.Duration {
	if a.limiter == nil {
		return 0
	}
	for a.bytes < n {
		now := time.Now()
		if a.pending != nil {
			// When the limit is raised there is more than all reservations together before the last one is due.
			if d := a.pending.DelayFrom(now); d > 0 && a.limiter.TokensAt(now) < 0 {
				return min(d, limitPoll)
			}
			a.bytes += a.size
			a.pending = nil
			continue
		}
		part := n - a.bytes
		if a.limiter.AllowN(now, part) {
			a.bytes += part
			continue
		}
		// Nobody can reserve more at a time than the burst.
		if part = min(part, a.limiter.Burst()); part <= 0 {
			return limitPoll
		}
		if r := a.limiter.ReserveN(now, part); r.OK() {
			a.pending, a.size = r, part
		} else {
			return limitPoll
		}
	}
	return 0
}

// use has bytes pass for which there was nothing to wait.
func (a *allowance) use(n int) { a.bytes = max(0, a.bytes-n) }

// end gives back what is reserved.
func (a *allowance) end() {
	if a.pending != nil {
		a.pending.Cancel()
		a.pending = nil
	}
}

// pass waits until n bytes may pass, and has them pass. It reports false if ended is closed before.
func (a *allowance) pass(n int, ended <-chan struct{}) bool {
	for {
		d := a.delay(n)
		if d == 0 {
			a.use(n)
			return true
		}
		t := time.NewTimer(d)
		select {
		case <-t.C:
		case <-ended:
			t.Stop()
			a.end()
			return false
		}
	}
}
