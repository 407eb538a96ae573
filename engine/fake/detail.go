package fake

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// Detail implements engine.Engine.
func (e *Engine) Detail(ctx context.Context, host string) (engine.Detail, error) {
	if err := e.checkUsable(ctx, "detail"); err != nil {
		return engine.Detail{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := e.world.findSite("detail", host)
	if err != nil {
		return engine.Detail{}, err
	}
	d := engine.Detail{
		Site:     e.world.view(s),
		Files:    slices.Clone(s.files),
		Peers:    slices.Clone(s.peers),
		Trackers: slices.Clone(s.trackers),
		Pieces:   s.pieces(),
		Requests: slices.Clone(s.requests),
		Domain:   s.resolveName(e.world.now),
		Versions: slices.Clone(s.versions),
		Log:      slices.Clone(s.log),

		Published: e.world.folders.lastPublication(host),
	}
	if s.State == engine.Seeding {
		d.CheckedAt = s.AddedAt
		if last := e.world.now.Add(-12 * 24 * time.Hour); d.CheckedAt.Std().Before(last) {
			d.CheckedAt = engine.At(last)
		}
	}
	if s.Size >= 0 {
		d.Name = s.name
	}
	return d, nil
}

// pieces returns the states of the pieces: they are complete from the front, and a few after those are being fetched.
func (s *site) pieces() engine.Pieces {
	if s.Size < 0 {
		return engine.Pieces{}
	}
	p := engine.Pieces{Length: pieceLength, Count: int((s.Size + pieceLength - 1) / pieceLength)}
	have := int(s.Completed / pieceLength)
	if s.Completed == s.Size {
		have = p.Count
	}
	add := func(state engine.PieceState, n int) {
		if n > 0 {
			p.Runs = append(p.Runs, engine.PieceRun{State: state, Count: n})
		}
	}
	add(engine.PieceComplete, have)
	partial := 0
	if s.DownRate > 0 {
		partial = min(4, p.Count-have)
	}
	add(engine.PiecePartial, partial)
	add(engine.PieceMissing, p.Count-have-partial)
	p.Copies = s.copies(p.Count)
	return p
}

// copies returns how many peers have each piece. An incomplete peer has its pieces from the front as well.
func (s *site) copies(count int) []engine.CopyRun {
	if len(s.peers) == 0 || count == 0 {
		return nil
	}
	ends := make([]int, 0, len(s.peers)+1) // how many pieces each peer has
	for i := range s.peers {
		ends = append(ends, int(s.peers[i].Done*float64(count)))
	}
	slices.Sort(ends)
	ends = append(ends, count)
	var runs []engine.CopyRun
	at := 0
	for i, end := range ends {
		if end > at {
			runs = append(runs, engine.CopyRun{Copies: len(s.peers) - i, Count: end - at})
			at = end
		}
	}
	return runs
}
