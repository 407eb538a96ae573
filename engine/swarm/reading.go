package swarm

import (
	"sync/atomic"
	"time"

	"wtptui/engine"
)

// raised is how much of a file's start is fetched first when it is raised, in bytes: all of a style sheet or a picture,
// and as much of a video as its player wants to see before it decides what to read.
const raised = 4 << 20

// reading is what people read of a torrent: what they wait for, and when and where from it comes.
type reading struct {
	content   *content
	presence  *presence
	readiness *readiness
	faults    *faults
	// why says why a part that is not here does not come; err is what reading it gave.
	why func(err error) error

	wants    wants
	arrivals arrivalTimes
	origins  origins
	telling  atomic.Int32 // how often what is wanted may have changed since peers was told last
}

func newReading(h *handle) *reading {
	r := &reading{
		content: h.content, presence: h.presence, readiness: &h.readiness, faults: h.faults, why: h.whyMissing,
	}
	r.wants.now = time.Now
	r.arrivals.trust(time.Now())
	h.faults.changed = r.wants.wake
	return r
}

// Raise implements Torrent.
func (r *reading) Raise(files []int, u engine.Urgency) {
	m := r.content.meta.Load()
	if m == nil {
		return
	}
	r.arrivals.ask(time.Now())
	for _, index := range files {
		if index < 0 || index >= len(m.layout.Files) {
			continue
		}
		if f := m.layout.Files[index]; f.Length > 0 {
			r.wants.raise(u, m.pieceAt(f.Offset), m.pieceAt(f.Offset+min(f.Length, raised)-1))
		}
	}
	r.tellWants()
}

// pieceAt is the piece that has the torrent's byte at an offset.
func (m *meta) pieceAt(offset int64) int { return int(offset / m.PieceLength) }

// block notes that n bytes of a piece have come that were missing.
func (r *reading) block(piece, n int, from string) {
	r.arrivals.block(time.Now(), n)
	r.origins.add(piece, engine.Clean(from))
}

// verified notes that a piece turned out to be right.
func (r *reading) verified(piece int) {
	r.arrivals.verified(time.Now())
	if r.wants.complete(piece) {
		r.tellWants()
	}
}

// tellWants tells peers what is wanted first now. One goroutine does it at a time, also for those that come meanwhile;
// nobody waits.
func (r *reading) tellWants() {
	if r.telling.Add(1) > 1 {
		return
	}
	for {
		seen := r.telling.Load()
		if peers := r.presence.peers.Load(); peers != nil && r.readiness.isReady() {
			if want, changed := r.wants.latest(); changed {
				peers.SetWant(want)
			}
		}
		if r.telling.CompareAndSwap(seen, 0) {
			return
		}
	}
}

// allowDownload starts or stops the fetching of data; what is here is still served.
func (r *reading) allowDownload(allow bool) {
	allow = allow && !r.faults.inPlace
	if peers := r.presence.peers.Load(); peers != nil {
		peers.AllowFetch(allow)
	}
	if !allow {
		r.wants.wake() // What they wait for does not come now.
	}
}

// Arrived implements Torrent.
func (r *reading) Arrived(index int, length int64) (came, all int64) {
	m, data, peers := r.content.meta.Load(), r.content.data.Load(), r.presence.peers.Load()
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
		came += peers.ReceivedBytes(missing)
	}
	return came, all
}

// LastArrival implements Torrent.
func (r *reading) LastArrival() time.Time { return r.arrivals.at() }
