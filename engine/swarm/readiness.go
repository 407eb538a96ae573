package swarm

import "sync"

// readiness holds whether it has been decided what happens with a torrent: it is served, or refused with an error.
type readiness struct {
	mu    sync.Mutex
	ready chan struct{} // closed when it has been decided
	err   error
}

// Ready implements Torrent.
func (r *readiness) Ready() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}

// Err implements Torrent.
func (r *readiness) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *readiness) isReady() bool {
	select {
	case <-r.Ready():
		return true
	default:
		return false
	}
}

// decide sets the error, nil if the torrent is served, and closes the Ready channel.
func (r *readiness) decide(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	select {
	case <-r.ready:
	default:
		close(r.ready)
	}
}

// reset clears the decision. Ready returns a new channel from now on.
func (r *readiness) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.ready = nil, make(chan struct{})
}
