package swarm

import (
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"sync"
	"sync/atomic"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// verifiers is how many pieces Verify hashes at the same time, and how many paused torrents are hashed at the same
// time.
const verifiers = 2

// Pieces implements Torrent.
func (h *handle) Pieces() engine.Pieces {
	m, data := h.meta.Load(), h.data.Load()
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
	if lt := h.lib.Load(); lt != nil && lt.Info() != nil {
		for _, run := range lt.PieceStateRuns() {
			add(pieceState(run.PieceState), run.Length)
		}
		p.Copies = copies(lt, m.Pieces)
		return p
	}
	for i := range m.Pieces {
		switch done, known := data.Piece(i); {
		case done:
			add(engine.PieceComplete, 1)
		case !known:
			add(engine.PieceChecking, 1)
		default:
			add(engine.PieceMissing, 1)
		}
	}
	return p
}

// copies counts the connected peers that have each piece; nil when there are none.
func copies(lt *torrent.Torrent, pieces int) []engine.CopyRun {
	conns := lt.PeerConns()
	if len(conns) == 0 {
		return nil
	}
	have := make([]int, pieces)
	for _, pc := range conns {
		// Of a peer that said that it has everything there are more bits than pieces.
		for it := pc.PeerPieces().Iterator(); it.HasNext(); {
			i := int(it.Next())
			if i >= pieces {
				break
			}
			have[i]++
		}
	}
	var runs []engine.CopyRun
	for _, n := range have {
		if last := len(runs) - 1; last >= 0 && runs[last].Copies == n {
			runs[last].Count++
		} else {
			runs = append(runs, engine.CopyRun{Copies: n, Count: 1})
		}
	}
	return runs
}

func pieceState(s torrent.PieceState) engine.PieceState {
	switch {
	case s.Checking || s.Marking || !s.Ok:
		return engine.PieceChecking
	case s.Complete:
		return engine.PieceComplete
	case s.Partial:
		return engine.PiecePartial
	}
	return engine.PieceMissing
}

// FileProgress implements Torrent. It is in the order of Info's files.
func (h *handle) FileProgress() []int64 {
	m, data := h.meta.Load(), h.data.Load()
	if m == nil || data == nil {
		return nil
	}
	all := data.FileProgress()
	progress := make([]int64, len(m.Files))
	for i, f := range m.Files {
		progress[i] = all[f.Index]
	}
	return progress
}

// Verify implements Torrent.
func (h *handle) Verify(ctx context.Context) error {
	m, data := h.meta.Load(), h.data.Load()
	if m == nil || data == nil {
		return notReady("verify")
	}
	h.verifying.Add(1)
	defer h.verifying.Add(-1)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(h.ctx, func() { cancel(errDropped) })
	defer stop()
	var err error
	if lt := h.lib.Load(); lt != nil {
		if err = awaitFiles(ctx, lt); err == nil {
			err = verifyJoined(ctx, lt, allPieces(m.Pieces))
		}
	} else {
		data.Verify(func(p int) bool { return m.right(data, p) }, func() bool { return ctx.Err() != nil })
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

// verifyJoined lets the library hash pieces, a few at a time.
func verifyJoined(ctx context.Context, lt *torrent.Torrent, pieces []int) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for range verifiers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(pieces); i = int(next.Add(1)) - 1 {
				if err := lt.Piece(pieces[i]).VerifyDataContext(ctx); err != nil {
					once.Do(func() { first = err })
					return
				}
			}
		})
	}
	wg.Wait()
	return first
}

// right hashes a piece of a torrent that is not in its swarm.
func (m *meta) right(data *disk.Torrent, piece int) bool {
	sum := sha1.New()
	if _, err := data.CopyPiece(sum, piece); err != nil {
		return false
	}
	want := m.hashes[piece*sha1.Size : (piece+1)*sha1.Size]
	return subtle.ConstantTimeCompare(sum.Sum(nil), want) == 1
}
