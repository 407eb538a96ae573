package swarm

import (
	"iter"
	"maps"
	"slices"
	"sync"

	"wtptui/engine"
)

// registry holds the added torrents.
type registry struct {
	mu         sync.Mutex
	closed     bool
	torrents   map[infohash]*handle
	removedSum transferred // of removed torrents
}

// add adds a torrent. The error is of Kind Conflict if it has been added already.
func (r *registry) add(h *handle) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return errClientClosed("add")
	case r.torrents[h.hash] != nil:
		return opError("add", engine.Conflict, "the torrent has been added already", nil)
	}
	r.torrents[h.hash] = h
	return nil
}

// close makes add fail from now on. It returns false if it was called before.
func (r *registry) close() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	wasClosed := r.closed
	r.closed = true
	return !wasClosed
}

// get returns a torrent, nil if it has not been added.
func (r *registry) get(hash infohash) *handle {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.torrents[hash]
}

func (r *registry) all() []*handle {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.AppendSeq(make([]*handle, 0, len(r.torrents)), maps.Values(r.torrents))
}

func (r *registry) remove(h *handle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.torrents[h.hash] == h {
		delete(r.torrents, h.hash)
		r.removedSum.add(h.traffic.sum())
	}
}

// transferred returns what all torrents have transferred, removed ones included.
func (r *registry) transferred() transferred {
	r.mu.Lock()
	sum, all := r.removedSum, slices.Collect(maps.Values(r.torrents))
	r.mu.Unlock()
	for _, h := range all {
		sum.add(h.traffic.sum())
	}
	return sum
}

// joined returns the torrents that are in their swarms.
func (r *registry) joined() iter.Seq[*handle] {
	return func(yield func(*handle) bool) {
		for _, h := range r.all() {
			if h.swarm.Load() != nil && !yield(h) {
				return
			}
		}
	}
}

// hasPeer reports whether a peer of a torrent is connected.
func (r *registry) hasPeer(hash, peerID infohash) bool {
	h := r.get(hash)
	if h == nil {
		return false
	}
	peers := h.swarm.Load()
	return peers != nil && peers.HasPeerID(peerID)
}
