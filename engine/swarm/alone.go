package swarm

import "context"

// A paused torrent is served as far as it is here, so data that nobody has verified yet is hashed without its swarm.

// checkAlone hashes in the background what is on disk and not verified, until endAlone. life must be held, and the
// torrent not be in its swarm.
func (h *handle) checkAlone() {
	m, data := h.meta.Load(), h.data.Load()
	if data == nil || data.Progress().Unchecked == 0 {
		return
	}
	ctx, cancel := context.WithCancel(h.ctx)
	ended := make(chan struct{})
	h.alone = func() {
		cancel()
		<-ended
	}
	h.wg.Go(func() {
		defer close(ended)
		defer cancel()
		select {
		case h.c.checking <- struct{}{}: // a few at a time
			defer func() { <-h.c.checking }()
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

// endAlone leaves the rest to the swarm, which must not find that pieces change while it looks at them. It takes as
// long as hashing a piece. life must be held.
func (h *handle) endAlone() {
	if h.alone != nil {
		h.alone()
		h.alone = nil
	}
}
