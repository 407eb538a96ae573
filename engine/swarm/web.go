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

// startWeb lets browsers be peers: their connections are accepted like any others.
func (c *Client) startWeb() {
	c.web = webtorrent.New(webtorrent.Config{
		PeerID: c.peerID, Reserved: c.handshake(infohash{}).Reserved(), UserAgent: userAgent, ICEServers: c.cfg.ICEServers,
		MinInterval: c.cfg.TrackerMinInterval / 2, Known: c.knows,
		Reaches: c.sockets.addresses.reaches, MaxPeers: c.budget.most / 2, Logger: c.log,
	})
}

// webTrackersOf gives the WebTorrent trackers of a torrent: the configured ones, and then those it was named with.
func webTrackersOf(configured, foreign []string) []webtorrent.Tracker {
	var all []webtorrent.Tracker
	for _, u := range configured {
		if isWebTracker(u) {
			all = append(all, webtorrent.Tracker{URL: strings.TrimSpace(u), Trusted: true})
		}
	}
	for _, u := range foreign {
		if isWebTracker(u) {
			all = append(all, webtorrent.Tracker{URL: strings.TrimSpace(u)})
		}
	}
	return all
}

func isWebTracker(u string) bool { return hasScheme(strings.TrimSpace(u), "ws", "wss") }

// announceWeb begins to meet browsers. It does nothing for a torrent without WebTorrent trackers.
func (h *handle) announceWeb() {
	trackers := webTrackersOf(h.c.cfg.Trackers, h.spec.Trackers)
	if len(trackers) == 0 {
		return
	}
	h.web.Store(h.c.web.Add(webtorrent.Spec{
		Infohash: h.hash, Trackers: trackers, Want: h.wantsWeb,
		Stats: func() (uploaded, downloaded, left int64) {
			s := h.counters()
			return s.Uploaded, s.Downloaded, s.Left
		},
	}))
}

func (h *handle) unannounceWeb() {
	if w := h.web.Swap(nil); w != nil {
		w.Drop()
	}
}

// wantsWeb is how many browsers the torrent would like to meet now.
func (h *handle) wantsWeb() int {
	if h.complete() {
		return 0
	}
	return min(mostOffers, max(0, fewPeers-h.swarmStats().Peers))
}

// webTrackers is the number of WebTorrent trackers that are connected.
func (c *Client) webTrackers() (n int) {
	for _, t := range c.web.Status().Trackers {
		if t.Connected {
			n++
		}
	}
	return n
}

// knows reports whether a peer of a torrent is connected.
func (c *Client) knows(hash, peerID infohash) bool {
	h := c.handle(hash)
	if h == nil {
		return false
	}
	peers := h.peers.Load()
	return peers != nil && peers.Knows(peerID)
}
