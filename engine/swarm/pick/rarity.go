package pick

import (
	"math/bits"
	"math/rand/v2"
)

const (
	// rarestTried is how many of the rarest pieces are looked at for a peer that does not have all.
	rarestTried = 256
	// othersTried is how many pieces that it does have are compared otherwise.
	othersTried = 32
)

// rarity orders the pieces that nobody is asked for yet, the rarest first, equal ones at random.
type rarity struct {
	random *rand.Rand
	// copies is how many peers have each piece, without those that have all; nil if there are none.
	copies []uint16
	// order has the pieces by their copies: those with k end before ends[k]. place is where each one is in it, plus one.
	// All are nil while nobody has asked for the order.
	order, place, ends []int32
}

// forget frees the order; it is made anew when it is needed.
func (o *rarity) forget() { o.order, o.place, o.ends = nil, nil, nil }

func (o *rarity) of(piece int) int {
	if o.copies == nil {
		return 0
	}
	return int(o.copies[piece])
}

// sort makes the order of the pieces in free.
func (o *rarity) sort(free bitset, pieces int) {
	most, n := 0, 0
	free.each(func(i int) {
		most = max(most, o.of(i))
		n++
	})
	o.order, o.place, o.ends = make([]int32, n), make([]int32, pieces), make([]int32, most+1)
	free.each(func(i int) { o.ends[o.of(i)]++ })
	for k := 1; k <= most; k++ {
		o.ends[k] += o.ends[k-1]
	}
	next := make([]int32, most+1)
	copy(next[1:], o.ends)
	free.each(func(i int) {
		k := o.of(i)
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

// mix moves a piece to a random place among its equals.
func (o *rarity) mix(piece, k int) {
	start := o.start(k)
	o.swap(o.place[piece]-1, start+o.random.Int32N(o.ends[k]-start))
}

// grow makes room for pieces with k copies.
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
	k := o.of(piece)
	o.grow(k)
	hole := int32(len(o.order))
	o.order = append(o.order, 0)
	for j := len(o.ends) - 1; j > k; j-- {
		// The first of those with j copies makes room and becomes the last of them.
		if first := o.ends[j-1]; first != hole {
			o.put(int(o.order[first]), hole)
			hole = first
		}
		o.ends[j]++
	}
	o.ends[k]++
	o.put(piece, hole)
	o.mix(piece, k)
}

// remove takes a piece out of the order.
func (o *rarity) remove(piece int) {
	if o.order == nil || o.place[piece] == 0 {
		return
	}
	hole := o.place[piece] - 1
	for j := o.of(piece); j < len(o.ends); j++ {
		// The last of those with j copies fills the hole, which is then where those with one more begin.
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

// more notes one more copy of a piece.
func (o *rarity) more(piece, pieces int) {
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
	o.mix(piece, k+1)
}

// moreOf notes one more, or one less, copy of many pieces.
func (o *rarity) moreOf(b bitset, pieces int, less bool) {
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
	o.forget()
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
		if i == rarestTried {
			break
		}
	}
	if len(o.order) <= rarestTried {
		return -1
	}
	best, tried, n := -1, 0, len(free)
	from := o.random.IntN(n)
	for i := range n {
		at := (from + i) % n
		for w := free[at] & has[at]; w != 0; w &= w - 1 {
			piece := at<<6 + bits.TrailingZeros64(w)
			if best < 0 || o.of(piece) < o.of(best) {
				best = piece
			}
			tried++
		}
		if tried >= othersTried {
			break
		}
	}
	return best
}
