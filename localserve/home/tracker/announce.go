package tracker

import (
	"net/netip"
)

// event is the event of an announce (BEP 3).
type event byte

const (
	update event = iota
	completed
	started
	stopped
)

// announce is an announce over HTTP or UDP.
type announce struct {
	infohash [20]byte
	peer     peer // the announcing peer, with the address of its request
	event    event
	// numWant is how many peers it wants; negative for the default.
	numWant int
	// localAddr is the address of this machine to which the request has come, if known.
	localAddr netip.Addr
}

// announceResponse is the response to an announce.
type announceResponse struct {
	counts
	peers4, peers6 []netip.AddrPort
	// unlisted reports whether the peer is not named to others.
	unlisted bool
}

// How many peers of one family a response may have. Over UDP they must fit into one packet.
const (
	wantDefault = 50
	wantMost    = 200
	wantMostUDP = 72
)

// announce handles an announce and returns other peers, of one family or of both.
func (t *Tracker) announce(a announce, v4, v6 bool) announceResponse {
	want := min(a.numWant, wantMost)
	if want < 0 {
		want = wantDefault
	}
	var ans announceResponse
	t.swarms.with(a.infohash, func(s *swarm) {
		switch {
		case a.event == stopped:
			s.leave(a.peer)
		default:
			if a.event == completed && a.peer.seed && s.isLeeching(a.peer) {
				s.completed++
			}
			ans.unlisted = !s.join(a.peer)
			if v4 {
				ans.peers4 = t.peersFor(s, a, true, want)
			}
			if v6 {
				ans.peers6 = t.peersFor(s, a, false, want)
			}
		}
		ans.counts = s.counts(false)
	})
	if !a.peer.isOwn() {
		t.announces.Add(1)
	}
	return ans
}

// peersFor returns the peers of one family for an announce, this process's own engine first.
func (t *Tracker) peersFor(s *swarm, a announce, v4 bool, n int) []netip.AddrPort {
	var peers []netip.AddrPort
	if s.own != nil && n > 0 && !a.peer.isOwn() && canExchange(*s.own, a.peer) {
		if ip := t.ownAddress(a.peer.addr.Addr(), a.localAddr, v4); ip.IsValid() {
			peers = append(peers, netip.AddrPortFrom(ip, s.own.addr.Port()))
			n--
		}
	}
	return append(peers, s.pickPeers(a.peer, v4, n)...)
}

// isServed reports whether the tracker serves a torrent, and counts refusals. leaves reports whether this process's
// own engine leaves the swarm, as it does when the tracker has just stopped serving it: that is never refused.
func (t *Tracker) isServed(infohash [20]byte, leaves bool) bool {
	if leaves || t.cfg.Serves(infohash) {
		return true
	}
	t.refused.Add(1)
	return false
}

// Reasons of refusals, for the person who runs the client.
const (
	notServed   = "this tracker is not for that torrent"
	tooOften    = "too many requests from your address: ask less often"
	tooMany     = "too many peers from your address: this one is not named to others"
	fromPage    = "pages announce over a WebSocket"
	noAddress   = "the web server before this tracker does not say who asks: it has to set X-Forwarded-For"
	retryServed = 30 // minutes until a client may announce a torrent again that is not served
)

// isSeed reports whether a peer has everything, by the bytes that it reports as left and as downloaded. For a magnet
// link, aria2 reports that nothing is left until it knows the size; as a seed, it would get no seeds and never learn
// it. In turn, an aria2 that was a seed from its start gets other seeds.
func isSeed(id [20]byte, left, downloaded uint64) bool {
	return left == 0 && (downloaded > 0 || string(id[:3]) != "A2-")
}
