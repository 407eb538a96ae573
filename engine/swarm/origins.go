package swarm

import (
	"slices"
	"sync"
)

// Bounds of origins.
const (
	maxOrigins        = 512 // pieces
	maxOriginsOfPiece = 8   // peers
)

// origins remembers which peers the newest pieces came from, for the person who wonders why a page was slow. Its zero
// value is ready.
type origins struct {
	mu    sync.Mutex
	peers map[int][]string // by piece
	order []int            // pieces, oldest first
}

func (o *origins) add(piece int, peer string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.peers[piece]
	switch {
	case slices.Contains(known, peer) || len(known) >= maxOriginsOfPiece:
		return
	case !ok:
		if o.peers == nil {
			o.peers = make(map[int][]string)
		}
		if len(o.order) >= maxOrigins {
			delete(o.peers, o.order[0])
			o.order = slices.Delete(o.order, 0, 1)
		}
		o.order = append(o.order, piece)
	}
	o.peers[piece] = append(known, peer)
}

// of adds the peers of a piece to a list that holds each once, and eight at most.
func (o *origins) of(piece int, list []string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, peer := range o.peers[piece] {
		if len(list) < maxOriginsOfPiece && !slices.Contains(list, peer) {
			list = append(list, peer)
		}
	}
	return list
}
