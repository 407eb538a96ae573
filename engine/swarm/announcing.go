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
	// maxForeignTrackers limits how many trackers of a link or torrent are contacted.
	maxForeignTrackers = 20
	maxURLLength       = 2048
	// unknownLeft is the number of missing bytes that trackers are told while the size is unknown.
	unknownLeft = 16 << 10
)

// trackerURLs holds all trackers of a torrent, including WebTorrent trackers.
type trackerURLs struct {
	own        []string // the tracker in this process, see OwnTracker
	configured []string
	foreign    []string // from the magnet link, .torrent file or TXT record
}

// announceTrackers returns the HTTP and UDP trackers, in order.
func (t trackerURLs) announceTrackers() []announce.Tracker {
	var all []announce.Tracker
	seen := make(map[string]bool)
	for _, u := range t.own {
		if isAnnounceURL(u) {
			all = append(all, announce.Tracker{URL: u, Trusted: true, Own: true})
		}
	}
	for _, u := range t.configured {
		if u = strings.TrimSpace(u); isAnnounceURL(u) && !seen[u] {
			seen[u] = true
			all = append(all, announce.Tracker{URL: u, Trusted: true})
		}
	}
	n := 0
	for _, u := range t.foreign {
		if u = strings.TrimSpace(u); isAnnounceURL(u) && !seen[u] && n < maxForeignTrackers {
			seen[u] = true
			n++
			all = append(all, announce.Tracker{URL: u})
		}
	}
	return all
}

// isAnnounceURL reports whether a URL is that of an HTTP or UDP tracker. WebTorrent trackers have ws and wss URLs.
func isAnnounceURL(s string) bool { return hasScheme(s, "http", "https", "udp") }

func hasScheme(s string, schemes ...string) bool {
	if len(s) > maxURLLength {
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
		tr.Error = engine.Clean(cause.Describe(s.Err))
	}
	return tr
}
