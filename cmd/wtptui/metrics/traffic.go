package metrics

import "wtptui/engine"

// traffic makes counters that only grow of the sites' own, which leave with their site.
type traffic struct {
	seen     map[string]flow // by host
	down, up int64
}

type flow struct{ down, up int64 }

// add takes the next snapshot. What a site had moved when it was seen first has been moved in an earlier run, or before
// it was evicted.
func (t *traffic) add(sites []engine.Site) {
	now := make(map[string]flow, len(sites))
	for _, s := range sites {
		total := flow{s.Downloaded, s.Uploaded}
		if before, known := t.seen[s.Host]; known {
			t.down += max(0, total.down-before.down)
			t.up += max(0, total.up-before.up)
		}
		now[s.Host] = total
	}
	t.seen = now
}
