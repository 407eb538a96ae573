package swarm

import (
	"sync/atomic"
	"time"

	"wtptui/engine"
)

// maxRaisedBytes is how much of the start of a raised file is fetched first, in bytes: all of a style sheet or
// picture, and as much of a video as its player reads before it seeks.
const maxRaisedBytes = 4 << 20

// reading holds what readers of a torrent wait for, and when and from which peers data arrives.
type reading struct {
	content   *content
	presence  *presence
	readiness *readiness
	faults    *faults
	// missingReason returns why a missing part does not arrive; err is the error of reading it.
	missingReason func(err error) error

	wants          wantList
	arrivals       arrivalTimes
	sources        pieceSources
	pendingUpdates atomic.Int32 // number of changes since the swarm was updated
}

func newReading(h *handle) *reading {
	r := &reading{
		content: h.content, presence: h.presence, readiness: &h.readiness, faults: h.faults, missingReason: h.missingReason,
	}
	r.wants.now = time.Now
	r.arrivals.startTrust(time.Now())
	h.faults.onChange = r.wants.wakeAll
	return r
}

// Prefetch implements Torrent.
func (r *reading) Prefetch(files []int, u engine.Urgency) {
	m := r.content.meta.Load()
	if m == nil {
		return
	}
	r.arrivals.recordRead(time.Now())
	for _, index := range files {
		if index < 0 || index >= len(m.layout.Files) {
			continue
		}
		if f := m.layout.Files[index]; f.Length > 0 {
			r.wants.raise(u, m.pieceAt(f.Offset), m.pieceAt(f.Offset+min(f.Length, maxRaisedBytes)-1))
		}
	}
	r.updateWants()
}

// pieceAt returns the piece that contains the torrent's byte at an offset.
func (m *meta) pieceAt(offset int64) int { return int(offset / m.PieceLength) }

// recordBlock records that n missing bytes of a piece have arrived from a peer.
func (r *reading) recordBlock(piece, n int, from string) {
	r.arrivals.recordBlock(time.Now(), n)
	r.sources.record(piece, engine.Clean(from))
}

// recordVerified records that a piece was verified.
func (r *reading) recordVerified(piece int) {
	r.arrivals.recordVerified(time.Now())
	if r.wants.markComplete(piece) {
		r.updateWants()
	}
}

// updateWants passes the wanted pieces to the swarm. One goroutine does it at a time, also for changes that others
// make meanwhile; the others do not wait.
func (r *reading) updateWants() {
	if r.pendingUpdates.Add(1) > 1 {
		return
	}
	for {
		pending := r.pendingUpdates.Load()
		if peers := r.presence.swarm.Load(); peers != nil && r.readiness.isReady() {
			if want, changed := r.wants.takeUpdate(); changed {
				peers.SetWant(want)
			}
		}
		if r.pendingUpdates.CompareAndSwap(pending, 0) {
			return
		}
	}
}

// setDownloadAllowed starts or stops fetching data. What is here is still served.
func (r *reading) setDownloadAllowed(allow bool) {
	allow = allow && !r.faults.inPlace
	if peers := r.presence.swarm.Load(); peers != nil {
		peers.AllowFetch(allow)
	}
	if !allow {
		r.wants.wakeAll() // The data that they wait for does not arrive now.
	}
}

// ArrivedBytes implements Torrent.
func (r *reading) ArrivedBytes(index int, length int64) (received, all int64) {
	m, data, peers := r.content.meta.Load(), r.content.data.Load(), r.presence.swarm.Load()
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
			received += size
		} else {
			missing = append(missing, p)
		}
	}
	if peers != nil && len(missing) > 0 {
		received += peers.ReceivedBytes(missing)
	}
	return received, all
}

// LastArrival implements Torrent.
func (r *reading) LastArrival() time.Time { return r.arrivals.lastArrival() }
