package swarm

import (
	"strings"

	"wtptui/engine/swarm/webtorrent"
)

// ICEServer is a STUN or TURN server (RFC 8489, RFC 8656).
type ICEServer = webtorrent.ICEServer

const (
	// enoughPeers is how many connections of any kind are enough for an incomplete torrent. With fewer, offers are
	// sent to browsers.
	enoughPeers = 20
	// maxOffers is how many offers one announce contains.
	maxOffers = 10
)

// webTrackers returns the WebTorrent trackers, in order.
func (t trackerURLs) webTrackers() []webtorrent.Tracker {
	var all []webtorrent.Tracker
	for _, u := range t.own {
		if isWebTracker(u) {
			all = append(all, webtorrent.Tracker{URL: u, Trusted: true, Own: true})
		}
	}
	for _, u := range t.configured {
		if isWebTracker(u) {
			all = append(all, webtorrent.Tracker{URL: strings.TrimSpace(u), Trusted: true})
		}
	}
	for _, u := range t.foreign {
		if isWebTracker(u) {
			all = append(all, webtorrent.Tracker{URL: strings.TrimSpace(u)})
		}
	}
	return all
}

func isWebTracker(u string) bool { return hasScheme(strings.TrimSpace(u), "ws", "wss") }
