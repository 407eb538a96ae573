package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/copies"
)

// sightingInterval is how often a connected peer is reported again.
const sightingInterval = time.Hour

// sightings reports which peers have which part of the torrent, for counting copies.
type sightings struct {
	storage *storage
	report  func(copies.Sighting)
}

// sighted is what was reported of a peer last.
type sighted struct {
	// declared reports whether the peer has said which pieces it has.
	declared bool
	complete bool
	at       time.Time
}

// handleAvailability reports a peer that has just said which pieces it has, or has become a seed. It must be called
// before the connection is closed because both sides are complete.
func (s *sightings) handleAvailability(p *peer, now time.Time) {
	if first := !p.sighted.declared; first || !p.sighted.complete && p.isSeed() {
		p.sighted.declared = true
		s.reportPeer(p, now)
	}
}

// handlePeerGone reports a peer that has disconnected.
func (s *sightings) handlePeerGone(p *peer, now time.Time) { s.reportPeer(p, now) }

// tick reports connected peers again.
func (s *sightings) tick(peers members, now time.Time) {
	for p := range peers {
		if now.Sub(p.sighted.at) >= sightingInterval {
			s.reportPeer(p, now)
		}
	}
}

func (s *sightings) reportPeer(p *peer, now time.Time) {
	if !p.sighted.declared || p.via == engine.WebSeed {
		return
	}
	p.sighted.complete, p.sighted.at = p.isSeed(), now
	addr, known := p.dialAddr()
	if !known {
		addr = netip.AddrPortFrom(p.addr.Addr(), 0)
	}
	s.report(copies.Sighting{
		ID: p.id, Addr: addr, Web: p.via == engine.WebRTC, Complete: p.sighted.complete,
		Traded: p.sentVerified || s.receivedPiece(p),
	})
}

// receivedPiece reports whether a peer was sent as many bytes as a piece has.
func (s *sightings) receivedPiece(p *peer) bool {
	c := s.storage.content.Load()
	return c != nil && p.up.Load() >= min(c.Layout.PieceLength, c.Layout.Size)
}
