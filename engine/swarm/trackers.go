package swarm

import (
	"slices"
	"strings"

	"wtptui/engine"
)

// Trackers returns all trackers of all torrents, by URL, each with its latest response for any of them. Seeds,
// Leechers and Peers are sums. It visits all torrents, so it should be called only every few seconds.
func (c *Client) Trackers() []engine.Tracker {
	all := c.web.Total()
	for _, s := range c.ann.Total() {
		all = append(all, describeTracker(s))
	}
	slices.SortFunc(all, func(a, b engine.Tracker) int { return strings.Compare(a.URL, b.URL) })
	return all
}
