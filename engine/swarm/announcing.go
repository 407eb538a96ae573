package swarm

import (
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/cause"
	"wtptui/engine/swarm/announce"
)

const (
	// maxForeignTrackers bounds what a link or torrent can make us contact.
	maxForeignTrackers = 20
	maxURL             = 2048
	// leftUnknown is what trackers are told is missing while even the size is unknown.
	leftUnknown = 16 << 10
)

// trackerURLs are all trackers of a torrent, those for browsers among them.
type trackerURLs struct {
	own        []string // the tracker in this process, see OwnTracker
	configured []string
	foreign    []string // that the torrent was named with
}

// announcedTo returns those that are reached by HTTP and UDP, in order.
func (t trackerURLs) announcedTo() []announce.Tracker {
	var all []announce.Tracker
	seen := make(map[string]bool)
	for _, u := range t.own {
		if isTracker(u) {
			all = append(all, announce.Tracker{URL: u, Trusted: true, Own: true})
		}
	}
	for _, u := range t.configured {
		if u = strings.TrimSpace(u); isTracker(u) && !seen[u] {
			seen[u] = true
			all = append(all, announce.Tracker{URL: u, Trusted: true})
		}
	}
	n := 0
	for _, u := range t.foreign {
		if u = strings.TrimSpace(u); isTracker(u) && !seen[u] && n < maxForeignTrackers {
			seen[u] = true
			n++
			all = append(all, announce.Tracker{URL: u})
		}
	}
	return all
}

// isTracker reports whether a URL is that of a tracker which is announced to here; ws and wss are WebTorrent's.
func isTracker(s string) bool { return hasScheme(s, "http", "https", "udp") }

func hasScheme(s string, schemes ...string) bool {
	if len(s) > maxURL {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

func describeTracker(s announce.State) engine.Tracker {
	tr := engine.Tracker{
		URL: engine.Clean(s.URL), Status: string(s.Status), Seeds: s.Seeds, Leechers: s.Leechers, Peers: s.Peers,
		Last: engine.At(s.Last), Next: engine.At(s.Next), Warning: engine.Clean(s.Warning),
	}
	if s.Status == "" {
		tr.Status = string(announce.Idle)
	}
	if s.Err != nil {
		tr.Error = engine.Clean(cause.Words(s.Err))
	}
	return tr
}
