package swarm

import (
	"slices"
	"strings"

	"wtptui/engine"
)

// Trackers are all trackers of all torrents, by URL, each with what it said last for any of them: Seeds, Leechers and
// Peers are sums, and Next is the first of all. It walks over all torrents: ask every few seconds, not more often.
func (c *Client) Trackers() []engine.Tracker {
	byURL := map[string]*engine.Tracker{}
	for _, h := range c.handles() {
		for _, t := range h.Trackers() {
			if sum := byURL[t.URL]; sum != nil {
				addTracker(sum, t)
			} else {
				byURL[t.URL] = &t
			}
		}
	}
	all := make([]engine.Tracker, 0, len(byURL))
	for _, t := range byURL {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b engine.Tracker) int { return strings.Compare(a.URL, b.URL) })
	return all
}

// addTracker adds what a tracker said of one more torrent.
func addTracker(sum *engine.Tracker, t engine.Tracker) {
	sum.Seeds, sum.Leechers = addCount(sum.Seeds, t.Seeds), addCount(sum.Leechers, t.Leechers)
	sum.Peers += t.Peers
	if sum.Last.Before(t.Last) || sum.Last.IsZero() {
		sum.Last, sum.Status, sum.Error = t.Last, t.Status, t.Error
	}
	if sum.Next.IsZero() || !t.Next.IsZero() && t.Next.Before(sum.Next) {
		sum.Next = t.Next
	}
}

// addCount adds counts of which -1 is none.
func addCount(a, b int) int {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}
