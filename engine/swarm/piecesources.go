package swarm

import (
	"slices"
	"sync"
)

// Limits of pieceSources.
const (
	maxSourcePieces    = 512 // pieces
	maxSourcesPerPiece = 8   // peers
)

// pieceSources records which peers the newest pieces came from, to explain why a page was slow. The zero value is
// ready to use.
type pieceSources struct {
	mu    sync.Mutex
	peers map[int][]string // by piece
	order []int            // pieces, oldest first
}

func (o *pieceSources) record(piece int, peer string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.peers[piece]
	switch {
	case slices.Contains(known, peer) || len(known) >= maxSourcesPerPiece:
		return
	case !ok:
		if o.peers == nil {
			o.peers = make(map[int][]string)
		}
		if len(o.order) >= maxSourcePieces {
			delete(o.peers, o.order[0])
			o.order = slices.Delete(o.order, 0, 1)
		}
		o.order = append(o.order, piece)
	}
	o.peers[piece] = append(known, peer)
}

// appendPeers appends the peers of a piece to list, without duplicates and up to maxSourcesPerPiece.
func (o *pieceSources) appendPeers(piece int, list []string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, peer := range o.peers[piece] {
		if len(list) < maxSourcesPerPiece && !slices.Contains(list, peer) {
			list = append(list, peer)
		}
	}
	return list
}
