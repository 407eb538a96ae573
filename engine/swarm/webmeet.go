package swarm

import (
	"github.com/anacrolix/torrent"

	"wtptui/engine"
)

// meetAgain is for a torrent whose info has just become known. A browser that was met before and does not know it
// either would wait for it forever: it asks only peers whose extended handshake (BEP 10) told its size, and the library
// says that once, at the beginning. So it is met anew.
func (h *handle) meetAgain() {
	w := h.web.Load()
	uninformed := h.c.conns.uninformed(h)
	if w == nil || len(uninformed) == 0 {
		return
	}
	for _, pc := range uninformed {
		_ = pc.Close()
	}
	w.Announce()
}

// uninformed are the browsers among a torrent's peers that do not know its info.
func (s *connections) uninformed(h *handle) []*torrent.PeerConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*torrent.PeerConn
	for pc, conn := range s.open {
		if conn.torrent == h && conn.via == engine.WebRTC && !conn.informed {
			all = append(all, pc)
		}
	}
	return all
}
