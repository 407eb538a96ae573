package copies

import (
	"hash/maphash"
	"slices"
	"time"
)

// reports holds what trackers and peers have reported. Times are in Unix seconds, 0 for never.
type reports struct {
	trackers []tracker
	peers    []peer
	// met and metWeb are when a peer, and one over WebRTC, last said what it has.
	met, metWeb int64
}

// tracker is the last report of one tracker.
type tracker struct {
	url   uint64 // digest
	at    int64
	seeds int32
	web   bool
}

// peer is one peer that was met. id and addr are digests, either of which identifies it, and network is the digest of
// its network. addr is 0 if it is not known where it can be dialed.
type peer struct {
	id, addr, network uint64
	// complete is when it was last seen with everything, traded when it last was known to have exchanged a piece.
	complete, traded int64
	web              bool
}

// memory is Memory in seconds.
const memory = int64(Memory / time.Second)

// seed prevents others from choosing ids and addresses with equal digests.
var seed = maphash.MakeSeed()

func (r *reports) addTracker(t tracker) {
	i := slices.IndexFunc(r.trackers, func(o tracker) bool { return o.url == t.url })
	switch {
	case i >= 0:
		r.trackers[i] = t
	case len(r.trackers) < maxTrackers:
		r.trackers = append(r.trackers, t)
	default:
		r.trackers[oldest(r.trackers, func(t tracker) int64 { return t.at })] = t
	}
}

func (r *reports) addSighting(s Sighting, at int64) {
	r.met = at
	if s.Web {
		r.metWeb = at
	}
	if !s.Complete && !s.Traded {
		return
	}
	p := r.merge(newPeer(s), at)
	if s.Complete {
		p.complete = at
	}
	if s.Traded {
		p.traded = at
	}
	if len(r.peers) >= maxPeers {
		r.peers[oldest(r.peers, peer.newest)] = p
		return
	}
	r.peers = append(r.peers, p)
}

func newPeer(s Sighting) peer {
	p := peer{id: maphash.Comparable(seed, s.ID), network: networkDigest(s), web: s.Web}
	if s.Addr.IsValid() && s.Addr.Port() != 0 {
		p.addr = maphash.Comparable(seed, s.Addr)
	}
	return p
}

// merge removes the entries of the same peer, which may have come back from another port or with another id, and
// returns p merged with them. It also removes entries that are too old.
func (r *reports) merge(p peer, at int64) peer {
	r.peers = slices.DeleteFunc(r.peers, func(q peer) bool {
		if q.id != p.id && (p.addr == 0 || q.addr != p.addr) {
			return at-q.newest() > memory
		}
		p.complete, p.traded = max(p.complete, q.complete), max(p.traded, q.traded)
		p.web = p.web && q.web // A hybrid client that is also met in another way is not a browser tab.
		if p.addr == 0 {
			p.addr, p.network = q.addr, q.network
		}
		return true
	})
	return p
}

func (p peer) newest() int64 { return max(p.complete, p.traded) }

// networkDigest returns the digest of the network within which a peer counts once as proven. In networks that are not
// public every peer counts.
func networkDigest(s Sighting) uint64 {
	a := s.Addr.Addr().Unmap()
	if !a.IsValid() || a.IsPrivate() || !a.IsGlobalUnicast() {
		return maphash.Comparable(seed, s.ID)
	}
	bits := 32
	if a.Is6() {
		bits = 64
	}
	prefix, _ := a.Prefix(bits) // it fits the address
	return maphash.Comparable(seed, prefix)
}

func (r *reports) count(now int64) Count {
	since := now - memory
	n := Count{Copies: -1, WebCopies: -1, Tracked: -1}
	for _, t := range r.trackers {
		if t.at < since {
			continue
		}
		n.Tracked = max(n.Tracked, int(t.seeds))
		if t.web {
			n.WebCopies = max(n.WebCopies, int(t.seeds))
		}
	}
	n.Copies = n.Tracked
	complete, web, proven := r.countPeers(since)
	n.Proven = proven
	if r.met >= since {
		n.Copies = max(n.Copies, complete)
	}
	if r.metWeb >= since {
		n.WebCopies = max(n.WebCopies, web)
	}
	return n
}

// countPeers counts the complete peers, those of them over WebRTC, and the proven ones.
func (r *reports) countPeers(since int64) (complete, web, proven int) {
	var places []uint64
	for _, p := range r.peers {
		if p.complete < since {
			continue
		}
		complete++
		switch {
		case p.web:
			web++
		case p.traded >= since && !slices.Contains(places, p.network):
			places = append(places, p.network)
		}
	}
	return complete, web, len(places)
}

// oldest returns the index of the element with the earliest time.
func oldest[T any](all []T, at func(T) int64) int {
	first := 0
	for i, x := range all {
		if at(x) < at(all[first]) {
			first = i
		}
	}
	return first
}
