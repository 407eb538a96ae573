package sites

import (
	"fmt"
	"strings"

	"wtptui/engine"
)

// isOwn says that a person published the site here: what is on this machine may be all there is of it. mu must be held.
func (e *Engine) isOwn(s *site) bool {
	p, published := e.published[s.row.Host]
	return published && s.row.Mine && !strings.HasPrefix(p.Dir, shipped)
}

// ownSite gives the site of that host if a person published it here, and says how many copies others have.
func (e *Engine) ownSite(host string) (s *site, copies string) {
	e.mu.Lock()
	s = e.sites[host]
	if s == nil || !e.isOwn(s) {
		e.mu.Unlock()
		return nil, ""
	}
	t := s.torrent
	e.mu.Unlock()
	if t == nil {
		return s, describeCopies(nil)
	}
	return s, describeCopies(t.Peers())
}

// describeCopies counts the complete copies among the peers, those that browsers can reach apart from the others: a site
// that only torrent clients have cannot be opened by most people.
func describeCopies(peers []engine.Peer) string {
	web, tcp := 0, 0
	for _, p := range peers {
		switch {
		case p.Done < 1:
		case p.Via == engine.WebRTC:
			web++
		default:
			tcp++
		}
	}
	if web+tcp == 0 {
		return "nobody else who is connected now has a complete copy"
	}
	return fmt.Sprintf("of those connected now, %d with a complete copy can be reached by browsers, and %d by torrent clients only", web, tcp)
}
