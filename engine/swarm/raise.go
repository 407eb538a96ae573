package swarm

import (
	"time"

	"wtptui/engine"
)

// raised is how much of a file's start is fetched first when it is raised, in bytes: all of a style sheet or a picture,
// and as much of a video as its player wants to see before it decides what to read.
const raised = 4 << 20

// Raise implements Torrent.
func (h *handle) Raise(files []int, u engine.Urgency) {
	m := h.meta.Load()
	if m == nil {
		return
	}
	h.arrivals.ask(time.Now())
	for _, index := range files {
		if index < 0 || index >= len(m.layout.Files) {
			continue
		}
		if f := m.layout.Files[index]; f.Length > 0 {
			h.wants.raise(u, m.pieceAt(f.Offset), m.pieceAt(f.Offset+min(f.Length, raised)-1))
		}
	}
	h.tellWants()
}

// pieceAt is the piece that has the torrent's byte at an offset.
func (m *meta) pieceAt(offset int64) int { return int(offset / m.PieceLength) }

// arrived is called when a piece has been verified.
func (h *handle) arrived(piece int) {
	h.arrivals.verified(time.Now())
	if h.wants.complete(piece) {
		h.tellWants()
	}
}

// tellWants tells peers what is wanted first now. One goroutine does it at a time, also for those that come meanwhile;
// nobody waits.
func (h *handle) tellWants() {
	if h.telling.Add(1) > 1 {
		return
	}
	for {
		seen := h.telling.Load()
		if peers := h.peers.Load(); peers != nil && h.isReady() {
			if want, changed := h.wants.latest(); changed {
				peers.Want(want)
			}
		}
		if h.telling.CompareAndSwap(seen, 0) {
			return
		}
	}
}

// Have implements Torrent.
func (h *handle) Have(index int) int64 {
	m, data := h.meta.Load(), h.data.Load()
	if data == nil || index < 0 || index >= len(m.layout.Files) {
		return 0
	}
	return data.FileHave(index)
}

// Arrived implements Torrent.
func (h *handle) Arrived(index int, length int64) (came, all int64) {
	m, data, peers := h.meta.Load(), h.data.Load(), h.peers.Load()
	if data == nil || index < 0 || index >= len(m.layout.Files) || m.layout.Files[index].Length == 0 {
		return 0, 0
	}
	f := m.layout.Files[index]
	first, last := m.pieceAt(f.Offset), m.pieceAt(f.Offset+min(f.Length, max(length, 1))-1)
	var missing []int
	for p := first; p <= last; p++ {
		_, size := m.layout.PieceRange(p)
		all += size
		if done, _ := data.Piece(p); done {
			came += size
		} else {
			missing = append(missing, p)
		}
	}
	if peers != nil && len(missing) > 0 {
		came += peers.Arrived(missing)
	}
	return came, all
}

// LastArrival implements Torrent.
func (h *handle) LastArrival() time.Time { return h.arrivals.at() }
