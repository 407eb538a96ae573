package swarm

import (
	"strings"

	"wtptui/engine/swarm/webtorrent"
)

// ICEServer is a STUN or TURN server (RFC 8489, RFC 8656).
type ICEServer = webtorrent.ICEServer

const (
	// fewPeers is how many connections of any kind are enough for a torrent that is not complete: with fewer, offers
	// are sent to browsers.
	fewPeers = 20
	// mostOffers is how many of them go out with one announce.
	mostOffers = 10
)

// web returns the WebTorrent trackers, in order.
func (t trackerURLs) web() []webtorrent.Tracker {
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
