package swarm

import (
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// rateLimiters holds the limiters of content: those of all torrents, and those of labels. Each is shared by all
// torrents that it applies to.
type rateLimiters struct {
	all limiters

	mu      sync.Mutex
	byLabel map[string]limiters
}

// limiters limits the rates in both directions.
type limiters struct{ up, down *rate.Limiter }

func newLimiters() limiters {
	return limiters{up: rate.NewLimiter(rate.Inf, limiterBurst), down: rate.NewLimiter(rate.Inf, limiterBurst)}
}

func newRateLimiters() *rateLimiters {
	return &rateLimiters{all: newLimiters(), byLabel: map[string]limiters{}}
}

// set sets the limits of all torrents, or of a label.
func (r *rateLimiters) set(l engine.Limits) {
	to := r.all
	if l.Label != "" {
		to = r.forLabel(l.Label)
	}
	to.up.SetLimit(toRateLimit(l.Up))
	to.down.SetLimit(toRateLimit(l.Down))
}

// toRateLimit converts bytes per second, where 0 means unlimited.
func toRateLimit(perSecond int64) rate.Limit {
	if perSecond <= 0 {
		return rate.Inf
	}
	return rate.Limit(perSecond)
}

// forLabel returns the limiters of a label. It creates them on first use, so that torrents need not be updated when a
// limit is set.
func (r *rateLimiters) forLabel(label string) limiters {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.byLabel[label]
	if !known {
		l = newLimiters()
		r.byLabel[label] = l
	}
	return l
}

// torrentLimits holds the limits of one torrent: the limiters of all torrents, and those of its labels.
type torrentLimits struct {
	limiters *rateLimiters
	up, down *wire.Limit
}

func newTorrentLimits(r *rateLimiters, labels []string) *torrentLimits {
	b := &torrentLimits{limiters: r, up: wire.NewLimit(), down: wire.NewLimit()}
	b.setLabels(labels)
	return b
}

func (b *torrentLimits) setLabels(labels []string) {
	up, down := []*rate.Limiter{b.limiters.all.up}, []*rate.Limiter{b.limiters.all.down}
	for _, label := range slices.Compact(slices.Sorted(slices.Values(labels))) {
		l := b.limiters.forLabel(label)
		up, down = append(up, l.up), append(down, l.down)
	}
	b.up.Set(up...)
	b.down.Set(down...)
}
