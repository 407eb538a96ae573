package wire

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// limitPoll is how often those who wait for a limiter look whether it has been changed.
const limitPoll = time.Second

// allowance is how much may pass a Limit, which others use too. One goroutine uses it. What was reserved and not used
// then is used next.
type allowance struct {
	limit  *Limit
	shares []*share // of the limit's limiters, in their order
}

// delay returns how long it takes at least until n bytes may pass; 0 if they may now.
func (a *allowance) delay(n int) (longest time.Duration) {
	a.follow()
	now := time.Now()
	for _, s := range a.shares {
		longest = max(longest, s.delay(now, n))
	}
	return longest
}

// follow has a share of each of the limiters that there are now.
func (a *allowance) follow() {
	limiters := a.limit.Limiters()
	if slices.EqualFunc(a.shares, limiters, func(s *share, l *rate.Limiter) bool { return s.limiter == l }) {
		return
	}
	var shares []*share
	for _, l := range limiters {
		i := slices.IndexFunc(a.shares, func(s *share) bool { return s.limiter == l })
		if i < 0 {
			shares = append(shares, &share{limiter: l})
			continue
		}
		shares = append(shares, a.shares[i])
		a.shares = slices.Delete(a.shares, i, i+1)
	}
	a.end() // what is reserved of those that are left
	a.shares = shares
}

// use has bytes pass for which there was nothing to wait.
func (a *allowance) use(n int) {
	for _, s := range a.shares {
		s.bytes = max(0, s.bytes-n)
	}
}

// end gives back what is reserved.
func (a *allowance) end() {
	for _, s := range a.shares {
		s.end()
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

// share is what one connection has of one limiter.
type share struct {
	limiter *rate.Limiter
	bytes   int
	// pending is a reservation of size bytes, nil if there is none.
	pending *rate.Reservation
	size    int
}

// delay returns how long it takes at least until n bytes may pass; 0 if they may now.
func (s *share) delay(now time.Time, n int) time.Duration {
	for s.bytes < n {
		if s.pending != nil {
			// When the limit is raised there is more than all reservations together before the last one is due.
			if d := s.pending.DelayFrom(now); d > 0 && s.limiter.TokensAt(now) < 0 {
				return min(d, limitPoll)
			}
			s.bytes += s.size
			s.pending = nil
			continue
		}
		part := n - s.bytes
		if s.limiter.AllowN(now, part) {
			s.bytes += part
			continue
		}
		// Nobody can reserve more at a time than the burst.
		if part = min(part, s.limiter.Burst()); part <= 0 {
			return limitPoll
		}
		if r := s.limiter.ReserveN(now, part); r.OK() {
			s.pending, s.size = r, part
		} else {
			return limitPoll
		}
	}
	return 0
}

func (s *share) end() {
	if s.pending != nil {
		s.pending.Cancel()
		s.pending = nil
	}
}
