package webtorrent

import (
	"bytes"
	"time"
)

// links holds all peer connections and decides which may exist. Client.mu guards it.
type links struct {
	offers map[string]*link  // our unanswered offers, by id
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

// endIf closes all links that match.
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

// allowPeer reports whether the torrent may have one more peer. It may close the connection that has been idle
// longest.
func (ls *links) allowPeer(cfg Config, t *Torrent, idle time.Duration) bool {
	switch {
	case t.peers >= cfg.MaxPeersEach:
		return ls.evictIdle(idle, func(l *link) bool { return l.torrent == t })
	case len(ls.peers) >= cfg.MaxPeers:
		return ls.evictIdle(idle, func(*link) bool { return true })
	}
	return true
}

// evictIdle closes the candidate that has been idle longest, if that is at least idle. It reports whether there was
// one.
func (ls *links) evictIdle(idle time.Duration, candidate func(*link) bool) bool {
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

// keepOurs decides which of two connections stays when we and a peer have answered each other's offers at the same
// time. Both sides must decide the same. WebTorrent itself (its ids begin with "-WW") drops its own offer when it
// answers another's; between others the offer of the larger id stays.
func keepOurs(ours, theirs [20]byte) bool {
	return bytes.HasPrefix(theirs[:], []byte("-WW")) || bytes.Compare(ours[:], theirs[:]) > 0
}
