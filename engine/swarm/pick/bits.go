package pick

import "math/bits"

// bitset is a set of pieces.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) clear(i int)    { b[i>>6] &^= 1 << (i & 63) }

// common returns the number of bits that are set in both.
func (b bitset) common(other bitset) int {
	n := 0
	for i, w := range b {
		n += bits.OnesCount64(w & other[i])
	}
	return n
}

// each calls f for each set bit.
func (b bitset) each(f func(i int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			f(i<<6 + bits.TrailingZeros64(w))
		}
	}
}

// parseBits parses a bitfield message: the first piece is the highest bit of the first byte. Spare bits are ignored,
// and missing bytes count as zero.
func parseBits(raw []byte, n int) (b bitset, count int) {
	b = newBitset(n)
	for i, v := range raw {
		// Reversed, the first piece of the byte is its lowest bit, as it is in a bitset.
		if i>>3 < len(b) {
			b[i>>3] |= uint64(bits.Reverse8(v)) << (8 * (i & 7))
		}
	}
	if n&63 != 0 && len(b) > 0 {
		b[len(b)-1] &= 1<<(n&63) - 1
	}
	for _, w := range b {
		count += bits.OnesCount64(w)
	}
	return b, count
}
