package swarm

import (
	"iter"
	"maps"
	"slices"
	"sync"

	"wtptui/engine"
)

// registry knows the torrents that are added.
type registry struct {
	mu       sync.Mutex
	closed   bool
	torrents map[infohash]*handle
	left     transferred // what torrents that are gone have transferred
}

// add fails with Kind Conflict when the torrent is there already.
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

// close lets no torrent be added any more. It reports false when that was so before.
func (r *registry) close() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.closed
	r.closed = true
	return !was
}

// get gives a torrent, nil if it has not been added.
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

func (r *registry) forget(h *handle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.torrents[h.hash] == h {
		delete(r.torrents, h.hash)
		r.left.add(h.traffic.sum())
	}
}

// transferred is what all torrents have transferred, those included that are gone.
func (r *registry) transferred() transferred {
	r.mu.Lock()
	sum, all := r.left, slices.Collect(maps.Values(r.torrents))
	r.mu.Unlock()
	for _, h := range all {
		sum.add(h.traffic.sum())
	}
	return sum
}

// inSwarms are the torrents that are in their swarms.
func (r *registry) inSwarms() iter.Seq[*handle] {
	return func(yield func(*handle) bool) {
		for _, h := range r.all() {
			if h.peers.Load() != nil && !yield(h) {
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
	peers := h.peers.Load()
	return peers != nil && peers.HasPeerID(peerID)
}
