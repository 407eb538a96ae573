package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/copies"
)

// seenEvery is how often it is told of a peer that stays that it is there.
const seenEvery = time.Hour

// sightings tells of peers what is to be counted of them.
type sightings struct {
	storage *storage
	tell    func(copies.Sighting)
}

// sighted is what was told of a peer last.
type sighted struct {
	// declared says that the peer has said what it has.
	declared bool
	complete bool
	at       time.Time
}

// declared hears that the peer has said something of what it has. It is told before the connection ends since both
// sides have everything.
func (s *sightings) declared(p *peer, now time.Time) {
	if first := !p.sighted.declared; first || !p.sighted.complete && p.seed() {
		p.sighted.declared = true
		s.see(p, now)
	}
}

// left hears that the peer is gone.
func (s *sightings) left(p *peer, now time.Time) { s.see(p, now) }

// tick tells of those who stay.
func (s *sightings) tick(peers members, now time.Time) {
	for p := range peers {
		if now.Sub(p.sighted.at) >= seenEvery {
			s.see(p, now)
		}
	}
}

func (s *sightings) see(p *peer, now time.Time) {
	if !p.sighted.declared || p.via == engine.WebSeed {
		return
	}
	p.sighted.complete, p.sighted.at = p.seed(), now
	addr, known := p.dialable()
	if !known {
		addr = netip.AddrPortFrom(p.addr.Addr(), 0)
	}
	s.tell(copies.Sighting{
		ID: p.id, Addr: addr, Web: p.via == engine.WebRTC, Complete: p.sighted.complete,
		Traded: p.gave || s.tookPiece(p),
	})
}

// tookPiece reports whether a peer was sent as much as a piece.
func (s *sightings) tookPiece(p *peer) bool {
	c := s.storage.content.Load()
	return c != nil && p.up.Load() >= min(c.Layout.PieceLength, c.Layout.Size)
}
