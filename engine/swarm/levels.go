package swarm

import "github.com/anacrolix/torrent"

// levels is how many of the pieces that are wanted most get each of the library's levels, from the highest one on. What
// is not among them is fetched like the rest of the torrent.
type levels [4]int

var priorities = [len(levels{})]torrent.PiecePriority{
	torrent.PiecePriorityNow, torrent.PiecePriorityNext, torrent.PiecePriorityReadahead, torrent.PiecePriorityHigh,
}

// levelsFor deals out the levels. Within a level the library has an order of its own, so the first three are as narrow
// as the rate allows: a quarter of a second each, but one piece at least. The last one is wide enough for all that is
// asked of the peers at the same time, so that none of them is idle or fetches what nobody waits for.
func levelsFor(rate int64, peers int, pieceLength int64) levels {
	pieces := func(bytes int64) int { return int(max(1, (bytes+pieceLength-1)/pieceLength)) }
	few := min(pieces(rate/4), mostOrdered/4)
	all := min(pieces(max(2*rate, int64(peers)*firstPipeline*blockSize)), mostOrdered)
	return levels{few, few, few, max(1, all-3*few)}
}

// priority is that of the piece at a place in the order.
func (l levels) priority(place int) torrent.PiecePriority {
	for i, n := range l {
		if place < n {
			return priorities[i]
		}
		place -= n
	}
	return torrent.PiecePriorityNormal
}
