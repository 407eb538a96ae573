package wire

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// limitPoll is how often waiting goroutines check whether a limiter has changed.
const limitPoll = time.Second

// allowance is how much one connection may send or receive under a Limit that it shares with others. It must be used
// by one goroutine. Bytes that were reserved and not used are used next.
type allowance struct {
	limit  *Limit
	shares []*share // of the limit's limiters, in their order
}

// delay returns the minimum time until n bytes may pass; 0 if they may now.
func (a *allowance) delay(n int) (longest time.Duration) {
	a.updateShares()
	now := time.Now()
	for _, s := range a.shares {
		longest = max(longest, s.delay(now, n))
	}
	return longest
}

// updateShares makes shares match the current limiters.
func (a *allowance) updateShares() {
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
	a.cancel() // cancels the reservations of removed limiters
	a.shares = shares
}

// use subtracts n bytes that have passed.
func (a *allowance) use(n int) {
	for _, s := range a.shares {
		s.bytes = max(0, s.bytes-n)
	}
}

// cancel cancels all reservations.
func (a *allowance) cancel() {
	for _, s := range a.shares {
		s.cancel()
	}
}

// wait waits until n bytes may pass, and uses them. It returns false if ended is closed before.
func (a *allowance) wait(n int, ended <-chan struct{}) bool {
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
			a.cancel()
			return false
		}
	}
}

// share is the part of one limiter that one connection has.
type share struct {
	limiter *rate.Limiter
	bytes   int
	// pending is a reservation of size bytes, nil if there is none.
	pending *rate.Reservation
	size    int
}

// delay returns the minimum time until n bytes may pass; 0 if they may now.
func (s *share) delay(now time.Time, n int) time.Duration {
	for s.bytes < n {
		if s.pending != nil {
			// When the limit is raised, there are enough tokens for all reservations before the last one is due.
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
		// A reservation cannot exceed the burst.
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

func (s *share) cancel() {
	if s.pending != nil {
		s.pending.Cancel()
		s.pending = nil
	}
}
