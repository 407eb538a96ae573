package webtorrent

import (
	"bytes"
	"time"
)

// links knows all peer connections and says which may exist. Client.mu guards it.
type links struct {
	offers map[string]*link  // our offers that nobody has answered, by id
	peers  map[peerKey]*link // all others: at most one for each peer of a torrent
}

func newLinks() links {
	return links{offers: make(map[string]*link), peers: make(map[peerKey]*link)}
}

func (ls *links) addOffer(l *link) {
	ls.offers[l.offerID] = l
}

// answer moves a link from our offers to a peer.
func (ls *links) answer(l *link, peer [20]byte) {
	delete(ls.offers, l.offerID)
	l.peer = peer
	ls.addPeer(l)
}

func (ls *links) addPeer(l *link) {
	ls.peers[l.key()] = l
	l.torrent.peers++
}

func (ls *links) remove(l *link) {
	if ls.offers[l.offerID] == l {
		delete(ls.offers, l.offerID)
	}
	if ls.peers[l.key()] == l {
		delete(ls.peers, l.key())
		l.torrent.peers--
	}
}

// endIf ends all links that match.
func (ls *links) endIf(match func(*link) bool) {
	for _, l := range ls.offers {
		if match(l) {
			l.end()
		}
	}
	for _, l := range ls.peers {
		if match(l) {
			l.end()
		}
	}
}

// makeRoom reports whether the torrent may have another peer, which may have cost the longest idle one its place.
func (ls *links) makeRoom(cfg Config, t *Torrent, idle time.Duration) bool {
	switch {
	case t.peers >= cfg.MaxPeersEach:
		return ls.giveWay(idle, func(l *link) bool { return l.torrent == t })
	case len(ls.peers) >= cfg.MaxPeers:
		return ls.giveWay(idle, func(*link) bool { return true })
	}
	return true
}

// giveWay ends the link among the candidates that has been idle for the longest time, if one has been for long enough.
func (ls *links) giveWay(idle time.Duration, candidate func(*link) bool) bool {
	var victim *link
	for _, l := range ls.peers {
		if l.conn != nil && candidate(l) && (victim == nil || l.conn.idleSince().Before(victim.conn.idleSince())) {
			victim = l
		}
	}
	if victim == nil || time.Since(victim.conn.idleSince()) < idle {
		return false
	}
	victim.end()
	return true
}

// keepOurs decides which of two connections stays when we and a peer have answered each other's offers at the same time.
// Both sides have to come to the same answer. WebTorrent itself (its ids begin with "-WW") gives up its own offer when
// it answers another's; between others the offer of the larger id stays.
func keepOurs(ours, theirs [20]byte) bool {
	return bytes.HasPrefix(theirs[:], []byte("-WW")) || bytes.Compare(ours[:], theirs[:]) > 0
}
