package swarm

import (
	"context"
	"sync"
)

// loneCheck hashes the data of a torrent that is not in its swarm: a paused torrent is served as far as it is here, so
// what nobody has verified yet is hashed without peers. The zero value is ready; it is not safe for concurrent use.
type loneCheck struct {
	stop func() // ends the check that is under way, and waits for it; nil when none is
}

// begin hashes in the background what is on disk and not verified, until ctx or end. Not more checks are under way at
// the same time than checking has room for.
func (l *loneCheck) begin(ctx context.Context, wg *sync.WaitGroup, c *content, checking chan struct{}) {
	m, data := c.meta.Load(), c.data.Load()
	if data == nil || data.Progress().Unchecked == 0 {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	l.stop = func() {
		cancel()
		<-ended
	}
	wg.Go(func() {
		defer close(ended)
		defer cancel()
		select {
		case checking <- struct{}{}: // a few at a time
			defer func() { <-checking }()
		case <-ctx.Done():
			return
		}
		data.Verify(func(p int) bool {
			if done, known := data.Piece(p); known {
				return done
			}
			return m.right(data, p)
		}, func() bool { return ctx.Err() != nil })
	})
}

// end leaves the rest to the swarm, which must not find that pieces change while it looks at them. It takes as long as
// hashing a piece.
func (l *loneCheck) end() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
}
