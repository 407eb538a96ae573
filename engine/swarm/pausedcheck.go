package swarm

import (
	"context"
	"sync"
)

// pausedCheck hashes the data of a torrent that is not in its swarm. A paused torrent is served as far as it is here,
// so unverified pieces are hashed without peers. The zero value is ready to use. It is not safe for concurrent use.
type pausedCheck struct {
	stop func() // cancels the running check and waits for its end; nil if none is running
}

// start hashes the unverified pieces in the background until ctx ends or cancel is called. Each running check takes
// one of slots.
func (l *pausedCheck) start(ctx context.Context, wg *sync.WaitGroup, c *content, slots chan struct{}) {
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
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			return
		}
		data.Verify(func(p int) bool {
			if done, known := data.Piece(p); known {
				return done
			}
			return m.verifyPiece(data, p)
		}, func() bool { return ctx.Err() != nil })
	})
}

// cancel ends the check, so that pieces do not change while the swarm hashes the rest. It takes at most as long as
// hashing one piece.
func (l *pausedCheck) cancel() {
	if l.stop != nil {
		l.stop()
		l.stop = nil
	}
}
