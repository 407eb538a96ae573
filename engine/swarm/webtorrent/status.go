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
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{Counts: c.counts, Offers: len(c.links.offers)}
	for _, l := range c.links.peers {
		if l.conn != nil {
			s.Peers++
		} else {
			s.Connecting++
		}
	}
	for _, t := range c.trackers {
		ts := TrackerStatus{
			URL: engine.Clean(t.url), Own: t.own, Connected: t.conn != nil, Torrents: len(t.entries), Malformed: t.malformed,
		}
		if t.err != nil {
			ts.Err = engine.Clean(cause.Describe(t.err))
		}
		s.Trackers = append(s.Trackers, ts)
	}
	slices.SortFunc(s.Trackers, func(a, b TrackerStatus) int { return strings.Compare(a.URL, b.URL) })
	return s
}

// Total returns the latest state of each tracker, in no order: Seeds, Leechers and Peers are sums over the torrents.
func (c *Client) Total() []engine.Tracker {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	var total []engine.Tracker
	for _, t := range c.trackers {
		var newest *entry
		sum := engine.Tracker{Seeds: -1, Leechers: -1}
		for _, e := range t.entries {
			sum.Seeds, sum.Leechers = addCount(sum.Seeds, e.seeds), addCount(sum.Leechers, e.leechers)
			sum.Peers += e.peersFound
			if newest == nil || newest.sent.Before(e.sent) {
				newest = e
			}
		}
		if newest == nil {
			continue
		}
		state := newest.state(now)
		state.Seeds, state.Leechers, state.Peers = sum.Seeds, sum.Leechers, sum.Peers
		total = append(total, state)
	}
	return total
}

// addCount adds counts, where -1 means unknown.
func addCount(a, b int) int {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}
