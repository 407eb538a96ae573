package tracker

import (
	"net/netip"
)

// event is what an announce tells of (BEP 3).
type event byte

const (
	update event = iota
	completed
	started
	stopped
)

// announce is what a peer says that can be called, whatever the protocol.
type announce struct {
	infohash [20]byte
	peer     peer // where it is, the address it asks from included
	event    event
	// want is how many peers it asks for; less than 0 for as many as the tracker likes.
	want int
	// at is where it has reached this machine, if that is known.
	at netip.Addr
}

// answer is what it is told.
type answer struct {
	tally
	peers4, peers6 []netip.AddrPort
	// unlisted reports whether others are not told of it.
	unlisted bool
}

// How many peers of one family an announce is answered with. Over UDP those must fit into one packet.
const (
	wantDefault = 50
	wantMost    = 200
	wantMostUDP = 72
)

// announce takes an announce and says who else is there, of one family or of both.
func (t *Tracker) announce(a announce, v4, v6 bool) answer {
	want := min(a.want, wantMost)
	if want < 0 {
		want = wantDefault
	}
	var ans answer
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
				ans.peers4 = t.others(s, a, true, want)
			}
			if v6 {
				ans.peers6 = t.others(s, a, false, want)
			}
		}
		ans.tally = s.tally(false)
	})
	if !a.peer.isOwn() {
		t.announces.Add(1)
	}
	return ans
}

// others are the peers of one family that are named to whoever announces, this process's own engine before all.
func (t *Tracker) others(s *swarm, a announce, v4 bool, n int) []netip.AddrPort {
	var peers []netip.AddrPort
	if s.own != nil && n > 0 && !a.peer.isOwn() && suits(*s.own, a.peer) {
		if ip := t.ownAddress(a.peer.at.Addr(), a.at, v4); ip.IsValid() {
			peers = append(peers, netip.AddrPortFrom(ip, s.own.at.Port()))
			n--
		}
	}
	return append(peers, s.pick(a.peer, v4, n)...)
}

// serves reports whether the tracker is for a torrent, and counts what it is not for. leaves says that this process's
// own engine leaves the swarm, as it does when the tracker has just ceased to be for it: that is never refused.
func (t *Tracker) serves(infohash [20]byte, leaves bool) bool {
	if leaves || t.cfg.Serves(infohash) {
		return true
	}
	t.refused.Add(1)
	return false
}

// What those are told who are refused. They are read by whoever runs the client.
const (
	notServed   = "this tracker is not for that torrent"
	tooOften    = "too many requests from your address: ask less often"
	tooMany     = "too many peers from your address: this one is not named to others"
	fromPage    = "pages announce over a WebSocket"
	noAddress   = "the web server before this tracker does not say who asks: it has to set X-Forwarded-For"
	retryServed = 30 // minutes until a torrent that is not served may be asked for again
)

// hasAll reports whether a peer has everything, by the bytes that it says are left and that it has downloaded. With a
// magnet link, aria2 says that nothing is left while it does not know how much there is; taken for a seed, it would be
// told of none and never know. An aria2 that has been a seed from its start is told of other seeds instead.
func hasAll(id [20]byte, left, downloaded uint64) bool {
	return left == 0 && (downloaded > 0 || string(id[:3]) != "A2-")
}
