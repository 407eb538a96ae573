package wire

import (
	"slices"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// Limit is what bounds a rate: limiters all of which what passes has to pass, and which others may share. A nil Limit is
// no bound. Its methods may be called from many goroutines.
type Limit struct {
	limiters atomic.Pointer[[]*rate.Limiter]
}

// NewLimit makes a limit of limiters; those that are nil are left out.
func NewLimit(limiters ...*rate.Limiter) *Limit {
	l := &Limit{}
	l.Set(limiters...)
	return l
}

// Set changes the limiters. Who waits for one of those before learns of it within a second.
func (l *Limit) Set(limiters ...*rate.Limiter) {
	limiters = slices.DeleteFunc(slices.Clone(limiters), func(r *rate.Limiter) bool { return r == nil })
	l.limiters.Store(&limiters)
}

// Limiters returns the limiters, which the caller must not change: nil for no bound.
func (l *Limit) Limiters() []*rate.Limiter {
	if l == nil {
		return nil
	}
	return *l.limiters.Load()
}
