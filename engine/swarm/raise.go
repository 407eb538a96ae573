package swarm

import (
	"time"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
)

// raised is how much of a file's start is fetched first when it is raised, in bytes: all of a style sheet or a picture,
// and as much of a video as its player wants to see before it decides what to read.
const raised = 4 << 20

// Raise implements Torrent.
func (h *handle) Raise(files []int, u engine.Urgency) {
	m, data, lt := h.meta.Load(), h.data.Load(), h.lib.Load()
	if m == nil || data == nil || lt == nil || lt.Info() == nil || !h.isReady() {
		return
	}
	priority := torrent.PiecePriorityHigh
	if u < engine.UrgencyLink {
		priority = torrent.PiecePriorityReadahead
	}
	seen := make(map[int]bool)
	for _, index := range files {
		if index < 0 || index >= len(m.layout.Files) {
			continue
		}
		f := m.layout.Files[index]
		if f.Length == 0 || m.PieceLength == 0 {
			continue
		}
		last := (f.Offset + min(f.Length, raised) - 1) / m.PieceLength
		for p := int(f.Offset / m.PieceLength); p <= int(last); p++ {
			if done, _ := data.Piece(p); done || seen[p] {
				continue
			}
			seen[p] = true
			// Files share pieces: one that is wanted sooner for another file stays so.
			if lt.PieceState(p).Priority < priority {
				lt.Piece(p).SetPriority(priority)
			}
		}
	}
}

// Have implements Torrent.
func (h *handle) Have(index int) int64 {
	data := h.data.Load()
	if data == nil {
		return 0
	}
	all := data.FileProgress()
	if index < 0 || index >= len(all) {
		return 0
	}
	return all[index]
}

// LastArrival implements Torrent.
func (h *handle) LastArrival() time.Time {
	data := h.data.Load()
	if data == nil {
		return time.Time{}
	}
	return data.LastWrite()
}
