package swarm

import (
	"slices"
	"strings"

	"wtptui/engine"
)

// Trackers are all trackers of all torrents, by URL, each with what it said last for any of them: Seeds, Leechers and
// Peers are sums. It walks over all torrents: ask every few seconds, not more often.
func (c *Client) Trackers() []engine.Tracker {
	all := c.web.Total()
	for _, s := range c.ann.Total() {
		all = append(all, describeTracker(s))
	}
	slices.SortFunc(all, func(a, b engine.Tracker) int { return strings.Compare(a.URL, b.URL) })
	return all
}
