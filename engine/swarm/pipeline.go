package swarm

import "time"

// Bounds on the blocks that may be asked of one peer and have not come.
const (
	firstPipeline = 64  // while it is not known how fast the peer is: 1 MiB
	leastPipeline = 8   // 128 KiB
	mostPipeline  = 250 // unless the peer says how many it takes
	blockSize     = 16 << 10
	// pipelineTime is how long what is asked of a peer should take it to send. What a reader needs next waits behind it.
	pipelineTime = 800 * time.Millisecond
	// pipelineSample is the shortest time over which a peer's rate is taken, and pipelineIdle the time after which a
	// sample tells more about what was asked than about the peer.
	pipelineSample = time.Second
	pipelineIdle   = 3 * time.Second
)

// pipeline bounds the blocks that are asked of a peer by what it sends in a second.
type pipeline struct {
	most  int // blocks, that the peer takes
	now   int // blocks
	bytes int
	since time.Time
	// sampled says that the rate is known; now was a guess before.
	sampled bool
}

func newPipeline() pipeline { return pipeline{most: mostPipeline, now: firstPipeline} }

// limit is how many blocks may be asked for now.
func (p *pipeline) limit() int { return min(p.now, p.most) }

// received notes a block of n bytes and returns the new limit.
func (p *pipeline) received(n int, now time.Time) int {
	p.bytes += n
	switch d := now.Sub(p.since); {
	case p.since.IsZero() || d > pipelineIdle:
		p.since, p.bytes = now, 0
	case d >= pipelineSample:
		blocks := int(float64(p.bytes) / d.Seconds() * pipelineTime.Seconds() / blockSize)
		// A moment of silence says little: the limit falls by half at most, but for the first time.
		if p.sampled {
			blocks = max(blocks, p.now/2)
		}
		p.now, p.sampled = max(blocks, leastPipeline), true
		p.since, p.bytes = now, 0
	}
	return p.limit()
}
