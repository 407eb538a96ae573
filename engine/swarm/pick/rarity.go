package pick

import (
	"math/bits"
	"math/rand/v2"
)

const (
	// maxRarestTried is how many of the rarest pieces are tried for a peer that does not have all pieces.
	maxRarestTried = 256
	// maxOthersTried is how many of its pieces are compared if it has none of those.
	maxOthersTried = 32
)

// rarity orders the pieces that are not requested yet, the rarest first, equal ones at random.
type rarity struct {
	random *rand.Rand
	// copies holds how many peers have each piece, without peers that have all; nil if there are none.
	copies []uint16
	// order holds the pieces sorted by copies: those with k copies end before ends[k]. place is the index of each in
	// order, plus one. All are nil until the order is needed.
	order, place, ends []int32
}

// reset frees the order, which is computed again when it is needed.
func (o *rarity) reset() { o.order, o.place, o.ends = nil, nil, nil }

func (o *rarity) count(piece int) int {
	if o.copies == nil {
		return 0
	}
	return int(o.copies[piece])
}

// sort computes the order of the pieces in free.
func (o *rarity) sort(free bitset, pieces int) {
	most, n := 0, 0
	free.each(func(i int) {
		most = max(most, o.count(i))
		n++
	})
	o.order, o.place, o.ends = make([]int32, n), make([]int32, pieces), make([]int32, most+1)
	free.each(func(i int) { o.ends[o.count(i)]++ })
	for k := 1; k <= most; k++ {
		o.ends[k] += o.ends[k-1]
	}
	next := make([]int32, most+1)
	copy(next[1:], o.ends)
	free.each(func(i int) {
		k := o.count(i)
		o.put(i, next[k])
		next[k]++
	})
	for k := range o.ends {
		start := o.start(k)
		o.random.Shuffle(int(o.ends[k]-start), func(i, j int) { o.swap(start+int32(i), start+int32(j)) })
	}
}

func (o *rarity) start(k int) int32 {
	if k == 0 {
		return 0
	}
	return o.ends[k-1]
}

func (o *rarity) put(piece int, at int32) {
	o.order[at], o.place[piece] = int32(piece), at+1
}

func (o *rarity) swap(i, j int32) {
	a, b := o.order[i], o.order[j]
	o.put(int(a), j)
	o.put(int(b), i)
}

// shuffle moves a piece to a random position among its equals.
func (o *rarity) shuffle(piece, k int) {
	start := o.start(k)
	o.swap(o.place[piece]-1, start+o.random.Int32N(o.ends[k]-start))
}

// grow extends ends for pieces with k copies.
func (o *rarity) grow(k int) {
	for len(o.ends) <= k {
		o.ends = append(o.ends, int32(len(o.order)))
	}
}

// insert adds a piece to the order.
func (o *rarity) insert(piece int) {
	if o.order == nil {
		return
	}
	k := o.count(piece)
	o.grow(k)
	hole := int32(len(o.order))
	o.order = append(o.order, 0)
	for j := len(o.ends) - 1; j > k; j-- {
		// The first piece with j copies becomes the last of them.
		if first := o.ends[j-1]; first != hole {
			o.put(int(o.order[first]), hole)
			hole = first
		}
		o.ends[j]++
	}
	o.ends[k]++
	o.put(piece, hole)
	o.shuffle(piece, k)
}

// remove removes a piece from the order.
func (o *rarity) remove(piece int) {
	if o.order == nil || o.place[piece] == 0 {
		return
	}
	hole := o.place[piece] - 1
	for j := o.count(piece); j < len(o.ends); j++ {
		// The last piece with j copies fills the hole, where those with one more then begin.
		last := o.ends[j] - 1
		if last != hole {
			o.put(int(o.order[last]), hole)
			hole = last
		}
		o.ends[j]--
	}
	o.place[piece] = 0
	o.order = o.order[:len(o.order)-1]
}

// add records one more copy of a piece.
func (o *rarity) add(piece, pieces int) {
	if o.copies == nil {
		o.copies = make([]uint16, pieces)
	}
	k := int(o.copies[piece])
	o.copies[piece]++
	if o.order == nil || o.place[piece] == 0 {
		return
	}
	o.grow(k + 1)
	o.swap(o.place[piece]-1, o.ends[k]-1)
	o.ends[k]--
	o.shuffle(piece, k+1)
}

// addAll records one more, or with less one less, copy of each piece in b.
func (o *rarity) addAll(b bitset, pieces int, less bool) {
	if o.copies == nil {
		o.copies = make([]uint16, pieces)
	}
	b.each(func(i int) {
		if less {
			o.copies[i]--
		} else {
			o.copies[i]++
		}
	})
	o.reset()
}

// pick returns the rarest of the free pieces that are in has, nil for all; -1 if there is none.
func (o *rarity) pick(free, has bitset, pieces int) int {
	if o.order == nil {
		o.sort(free, pieces)
	}
	for i, piece := range o.order {
		if has == nil || has.has(int(piece)) {
			return int(piece)
		}
		if i == maxRarestTried {
			break
		}
	}
	if len(o.order) <= maxRarestTried {
		return -1
	}
	best, tried, n := -1, 0, len(free)
	from := o.random.IntN(n)
	for i := range n {
		at := (from + i) % n
		for w := free[at] & has[at]; w != 0; w &= w - 1 {
			piece := at<<6 + bits.TrailingZeros64(w)
			if best < 0 || o.count(piece) < o.count(best) {
				best = piece
			}
			tried++
		}
		if tried >= maxOthersTried {
			break
		}
	}
	return best
}
