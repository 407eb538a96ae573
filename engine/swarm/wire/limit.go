package wire

import (
	"slices"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// Limit limits a rate with several limiters, all of which must allow what passes, and which may be shared. A nil Limit
// is no limit. Its methods may be called from many goroutines.
type Limit struct {
	limiters atomic.Pointer[[]*rate.Limiter]
}

// NewLimit returns a limit of limiters; nil ones are omitted.
func NewLimit(limiters ...*rate.Limiter) *Limit {
	l := &Limit{}
	l.Set(limiters...)
	return l
}

// Set replaces the limiters. Goroutines that wait for an old one notice within a second.
func (l *Limit) Set(limiters ...*rate.Limiter) {
	limiters = slices.DeleteFunc(slices.Clone(limiters), func(r *rate.Limiter) bool { return r == nil })
	l.limiters.Store(&limiters)
}

// Limiters returns the limiters, which the caller must not modify; nil for no limit.
func (l *Limit) Limiters() []*rate.Limiter {
	if l == nil {
		return nil
	}
	return *l.limiters.Load()
}
