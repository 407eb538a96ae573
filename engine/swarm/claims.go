package swarm

import (
	"slices"

	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"
)

// What peers say that they have (BEP 3, BEP 6) is looked at before the library counts it. While it does not know the info
// dictionary the library takes any number for a piece, keeps what the peers say, and counts it when the dictionary comes.
// That count is wrong for pieces that there are not, and for a peer that has said to have everything and then says that it
// has nothing: the library forgets the former but goes on counting it. A peer may bring this about as it likes, and the
// library panics at a wrong count when it drops the torrent.

// believes reports whether a message says nothing but what may be true. It may change the message: one that has less in
// it is better than none. s.mu must be held.
func (c *connection) believes(m *pp.Message) bool {
	pieces := maxPieces
	meta := c.torrent.meta.Load()
	if meta != nil {
		pieces = meta.Pieces
	}
	above := int(m.Index) + 1
	if m.Type == pp.Bitfield {
		if meta != nil && len(m.Bitfield) > pieces { // At its end are spare bits, which should not be set.
			clear(m.Bitfield[pieces:])
		}
		above = len(m.Bitfield)
		for above > 0 && !m.Bitfield[above-1] {
			above--
		}
	}
	c.above = max(c.above, above)
	return above <= pieces
}

// dropBoasters ends the connections to those who have said to have more pieces than the torrent turns out to have, and
// returns when the library has let go of them. It would count who has said to have as many pieces as there are, if not the
// same, as one who has all of them. The torrent's meta must be known: from then on nobody gets through with such a message.
func (s *connections) dropBoasters(h *handle) {
	pieces := h.meta.Load().Pieces
	var boasters []*torrent.PeerConn
	s.mu.Lock()
	for pc, conn := range s.open {
		if conn.torrent == h && conn.above > pieces {
			boasters = append(boasters, pc)
		}
	}
	s.mu.Unlock()
	for _, pc := range boasters {
		s.hangUp(pc)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for slices.ContainsFunc(boasters, func(pc *torrent.PeerConn) bool { return s.open[pc] != nil }) {
		s.gone.Wait()
	}
}
