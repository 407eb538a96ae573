package swarm

import "sync"

// readiness says whether it has been decided what becomes of a torrent: it is served, or refused with an error.
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

// settle lets those go on who wait for Ready.
func (r *readiness) settle(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	select {
	case <-r.ready:
	default:
		close(r.ready)
	}
}

// unsettle takes back what was decided, for those who wait for Ready from now on.
func (r *readiness) unsettle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err, r.ready = nil, make(chan struct{})
}
