package webtorrent

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// Status is the client at one moment.
type Status struct {
	// Trackers are the trackers of all torrents, by URL.
	Trackers []TrackerStatus
	// Offers are ours that wait for an answer, Connecting the connections that are being made, and Peers those that
	// are open.
	Offers, Connecting, Peers int
	Counts
}

// TrackerStatus is the connection to one tracker.
type TrackerStatus struct {
	URL       string
	Connected bool
	// Own is the tracker in this process.
	Own bool
	// Torrents are announced there.
	Torrents int
	// Malformed are the messages that made no sense.
	Malformed uint64
	// Err is why there is no connection, clean.
	Err string
}

// Counts count what has happened since the client was made.
type Counts struct {
	// Opened are connections whose channel has opened.
	Opened uint64
	// Silent are those of them that were closed because no handshake came.
	Silent uint64
	// Unanswered are offers of ours that nobody answered in time.
	Unanswered uint64
	// Unconnected are connections that were agreed upon and never opened.
	Unconnected uint64
	// Duplicates are offers and answers of peers that are connected already, Refused those for which there was no
	// room, and Stray are answers to no offer of ours.
	Duplicates, Refused, Stray uint64
	// Malformed are messages of trackers that made no sense.
	Malformed uint64
}

// Status tells how it goes.
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
			ts.Err = engine.Clean(cause.Words(t.err))
		}
		s.Trackers = append(s.Trackers, ts)
	}
	slices.SortFunc(s.Trackers, func(a, b TrackerStatus) int { return strings.Compare(a.URL, b.URL) })
	return s
}

// Total is what each tracker said last for any torrent, in no order: Seeds, Leechers and Peers are sums over the torrents.
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
			sum.Peers += e.met
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

// addCount adds counts of which -1 is none.
func addCount(a, b int) int {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}
