package swarm

import (
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// rates has the limiters of all content: those over all torrents, and those of labels. Each is shared by all torrents
// that it holds for.
type rates struct {
	all limiters

	mu      sync.Mutex
	byLabel map[string]limiters
}

// limiters bound the rates in both directions.
type limiters struct{ up, down *rate.Limiter }

func newLimiters() limiters {
	return limiters{up: rate.NewLimiter(rate.Inf, limiterBurst), down: rate.NewLimiter(rate.Inf, limiterBurst)}
}

func newRates() *rates { return &rates{all: newLimiters(), byLabel: map[string]limiters{}} }

// set changes the limits of all torrents, or of a label.
func (r *rates) set(l engine.Limits) {
	to := r.all
	if l.Label != "" {
		to = r.of(l.Label)
	}
	to.up.SetLimit(limitOf(l.Up))
	to.down.SetLimit(limitOf(l.Down))
}

// limitOf makes a rate of bytes per second, of which 0 means unlimited.
func limitOf(perSecond int64) rate.Limit {
	if perSecond <= 0 {
		return rate.Inf
	}
	return rate.Limit(perSecond)
}

// of returns the limiters of a label. They are there from when it is first heard of, so that torrents need not be told
// of a limit.
func (r *rates) of(label string) limiters {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.byLabel[label]
	if !known {
		l = newLimiters()
		r.byLabel[label] = l
	}
	return l
}

// bounds are what limits one torrent: the limiters over all torrents, and those of its labels.
type bounds struct {
	rates    *rates
	up, down *wire.Limit
}

func newBounds(r *rates, labels []string) *bounds {
	b := &bounds{rates: r, up: wire.NewLimit(), down: wire.NewLimit()}
	b.setLabels(labels)
	return b
}

func (b *bounds) setLabels(labels []string) {
	up, down := []*rate.Limiter{b.rates.all.up}, []*rate.Limiter{b.rates.all.down}
	for _, label := range slices.Compact(slices.Sorted(slices.Values(labels))) {
		l := b.rates.of(label)
		up, down = append(up, l.up), append(down, l.down)
	}
	b.up.Set(up...)
	b.down.Set(down...)
}
