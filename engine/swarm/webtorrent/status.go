package webtorrent

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// Status is the state of the client at one moment.
type Status struct {
	// Trackers are the trackers of all torrents, by URL.
	Trackers []TrackerStatus
	// Offers counts our unanswered offers, Connecting the connections being established, and Peers the open ones.
	Offers, Connecting, Peers int
	Counts
}

// TrackerStatus is the connection to one tracker.
type TrackerStatus struct {
	URL       string
	Connected bool
	// Own marks the tracker in this process.
	Own bool
	// Torrents is the number of torrents announced there.
	Torrents int
	// Malformed counts malformed messages.
	Malformed uint64
	// Err is why it is not connected, clean.
	Err string
}

// Counts holds counters since the client was created.
type Counts struct {
	// Opened counts connections whose channel has opened.
	Opened uint64
	// Silent counts those that were closed because no handshake arrived.
	Silent uint64
	// Unanswered counts our offers that were not answered in time.
	Unanswered uint64
	// Unconnected counts negotiated connections that never opened.
	Unconnected uint64
	// Duplicates counts offers and answers of connected peers, Refused those that exceeded a limit, and Stray answers
	// without an offer of ours.
	Duplicates, Refused, Stray uint64
	// Malformed counts malformed messages of trackers.
	Malformed uint64
}

// Status returns the current state.
func (c *Client) Status() (status Status) {
	c.update(func(s *state) { status = s.status() })
	return status
}

// Total returns the latest state of each tracker, in no order: Seeds, Leechers and Peers are sums over the torrents.
func (c *Client) Total() []engine.Tracker {
	var total []engine.Tracker
	c.update(func(s *state) {
		now := time.Now()
		for _, t := range s.trackers {
			if len(t.entries) > 0 {
				total = append(total, t.total(now))
			}
		}
	})
	return total
}

func (s *state) status() Status {
	status := Status{Counts: s.counts, Offers: s.links.countOffers()}
	status.Peers = s.links.count(func(l *linkState) bool { return l.conn != nil })
	status.Connecting = len(s.links.all) - status.Offers - status.Peers
	for _, t := range s.trackers {
		ts := TrackerStatus{
			URL: engine.Clean(t.handle.url), Own: t.handle.own, Connected: t.conn != nil, Torrents: len(t.entries),
			Malformed: t.malformed,
		}
		if t.err != nil {
			ts.Err = engine.Clean(cause.Describe(t.err))
		}
		status.Trackers = append(status.Trackers, ts)
	}
	slices.SortFunc(status.Trackers, func(a, b TrackerStatus) int { return strings.Compare(a.URL, b.URL) })
	return status
}

// total returns the sums over the tracker's torrents, of which it has at least one.
func (t *trackerState) total(now time.Time) engine.Tracker {
	var newest *entry
	seeds, leechers, peers := -1, -1, 0
	for _, e := range t.entries {
		seeds, leechers = addCount(seeds, e.seeds), addCount(leechers, e.leechers)
		peers += e.peersFound
		if newest == nil || newest.sent.Before(e.sent) {
			newest = e
		}
	}
	total := newest.describe(now)
	total.Seeds, total.Leechers, total.Peers = seeds, leechers, peers
	return total
}

// addCount adds counts, where -1 means unknown.
func addCount(a, b int) int {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}
