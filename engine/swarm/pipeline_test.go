package swarm

import (
	"testing"
	"time"
)

// TestPipeline: what is asked of a peer follows what it sends.
func TestPipeline(t *testing.T) {
	for name, test := range map[string]struct {
		rate, least, most int // bytes per second, blocks
		reqq              int
	}{
		"slow":           {50_000, leastPipeline, leastPipeline, 250},
		"400 kB/s":       {400_000, 16, 28, 250},
		"2 MB/s":         {2_000_000, 85, 130, 250},
		"fast":           {100_000_000, 250, 250, 250},
		"takes few":      {100_000_000, 10, 10, 10},
		"takes many":     {50_000_000, 2000, 2000, 2000},
		"does not begin": {0, firstPipeline, firstPipeline, 250},
	} {
		p := newPipeline()
		p.most = test.reqq
		if test.rate > 0 {
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			for end := now.Add(10 * time.Second); now.Before(end); {
				now = now.Add(time.Duration(blockSize * int(time.Second) / test.rate))
				p.received(blockSize, now)
			}
		}
		if n := p.limit(); n < test.least || n > test.most {
			t.Errorf("%s: %d blocks under way, want %d to %d", name, n, test.least, test.most)
		}
	}
}
