package metrics

import (
	"sync"
	"time"
)

// stuckAfter is how long the engine may stand still before it counts as stuck: a busy disk may keep it waiting.
const stuckAfter = time.Minute

// pulse tells an engine that lives from one that is stuck.
type pulse struct {
	beats func() uint64

	mu   sync.Mutex
	last uint64
	at   time.Time // when last was seen first
}

// felt reports whether the engine has beaten since it was last asked about, or lately.
func (p *pulse) felt(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.beats(); n != p.last || p.at.IsZero() {
		p.last, p.at = n, now
	}
	return now.Sub(p.at) < stuckAfter
}
