package swarm

import (
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// maxPausedChecks is how many paused torrents are hashed at the same time.
const maxPausedChecks = 2

// Pieces implements Torrent.
func (r *reading) Pieces() engine.Pieces {
	m, data := r.content.meta.Load(), r.content.data.Load()
	if m == nil {
		return engine.Pieces{}
	}
	p := engine.Pieces{Length: m.PieceLength, Count: m.Pieces}
	add := func(s engine.PieceState, n int) {
		if last := len(p.Runs) - 1; last >= 0 && p.Runs[last].State == s {
			p.Runs[last].Count += n
		} else if n > 0 {
			p.Runs = append(p.Runs, engine.PieceRun{State: s, Count: n})
		}
	}
	var partial map[int]bool
	if peers := r.presence.swarm.Load(); peers != nil {
		partial = peers.PartialPieces()
		p.Copies = encodeCopyRuns(peers.PieceCounts())
	}
	for i := range m.Pieces {
		switch done, known := data.Piece(i); {
		case done:
			add(engine.PieceComplete, 1)
		case !known:
			add(engine.PieceChecking, 1)
		case partial[i]:
			add(engine.PiecePartial, 1)
		default:
			add(engine.PieceMissing, 1)
		}
	}
	return p
}

// encodeCopyRuns run-length encodes the numbers of copies.
func encodeCopyRuns(copies []int) []engine.CopyRun {
	var runs []engine.CopyRun
	for _, n := range copies {
		if last := len(runs) - 1; last >= 0 && runs[last].Copies == n {
			runs[last].Count++
		} else {
			runs = append(runs, engine.CopyRun{Copies: n, Count: 1})
		}
	}
	return runs
}

// verification hashes all of a torrent's data again on request.
type verification struct {
	content  *content
	presence *presence
	ctx      context.Context // ends with the torrent
	running  atomic.Int32    // number of running verifications
}

// Verify implements Torrent.
func (v *verification) Verify(ctx context.Context) error {
	m, data := v.content.meta.Load(), v.content.data.Load()
	if m == nil || data == nil {
		return notReady("verify")
	}
	v.running.Add(1)
	defer v.running.Add(-1)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(v.ctx, func() { cancel(errDropped) })
	defer stop()
	var err error
	if peers := v.presence.swarm.Load(); peers != nil {
		err = peers.Check(ctx, allPieces(m.Pieces))
	} else {
		data.Verify(func(p int) bool { return m.verifyPiece(data, p) }, func() bool { return ctx.Err() != nil })
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return opError("verify", engine.Unavailable, "", err)
	}
	return nil
}

func allPieces(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// verifyPiece hashes a piece of a torrent that is not in its swarm, and reports whether it is right.
func (m *meta) verifyPiece(data *disk.Torrent, piece int) bool {
	sum := sha1.New()
	if _, err := data.CopyPiece(sum, piece); err != nil {
		return false
	}
	want := m.hashes[piece*sha1.Size : (piece+1)*sha1.Size]
	return subtle.ConstantTimeCompare(sum.Sum(nil), want) == 1
}
