package publish

import (
	"bytes"
	"encoding/binary"
	"iter"
	"sync"
)

// anchors returns the index of those of secretShapes.
var anchors = sync.OnceValue(func() *anchorIndex { return indexAnchors(secretShapes) })

// anchorIndex finds many texts at once. It checks three bytes at every second offset only: each anchor is indexed by
// two adjacent trigrams, one of which begins at an even distance.
type anchorIndex struct {
	// bits has a bit for the hash of each trigram. It fits into the processor's cache; few offsets of a text pass it.
	bits     [1 << 16 / 64]uint64
	trigrams map[uint32][]anchor
	longest  int
}

// anchor is one of the texts of a shape, and the offset of an indexed trigram in it.
type anchor struct {
	text   []byte
	offset int
	shape  int
}

// tokenBytes are the bytes that can follow an anchor of three bytes.
const tokenBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./"

func indexAnchors(shapes []secretShape) *anchorIndex {
	x := &anchorIndex{trigrams: map[uint32][]anchor{}}
	for i, s := range shapes {
		for _, text := range s.anchors {
			a := anchor{text: []byte(text), shape: i, offset: rarestOffset(text)}
			x.longest = max(x.longest, len(text))
			x.add(text[a.offset:], a)
			a.offset++
			if len(text) > 3 {
				x.add(text[a.offset:], a)
				continue
			}
			for _, next := range tokenBytes {
				x.add(text[a.offset:]+string(next), a)
			}
		}
	}
	return x
}

func (x *anchorIndex) add(text string, a anchor) {
	trigram := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16
	h := hashTrigram(trigram)
	x.bits[h/64] |= 1 << (h % 64)
	x.trigrams[trigram] = append(x.trigrams[trigram], a)
}

// hashTrigram hashes the lower three bytes of x.
func hashTrigram(x uint32) uint32 { return ((x << 8) * 0x9E3779B1) >> 16 }

// rarestOffset returns the offset of the four bytes of a text that are probably the rarest in other texts.
func rarestOffset(text string) int {
	best, fewest := 0, 0
	for at := 0; at+4 <= len(text); at++ {
		weight := 0
		for _, b := range []byte(text[at : at+4]) {
			switch {
			case 'a' <= b && b <= 'z':
				weight += 8
			case bytes.IndexByte([]byte(" ./:_-"), b) >= 0:
				weight += 4
			default:
				weight++
			}
		}
		if at == 0 || weight < fewest {
			best, fewest = at, weight
		}
	}
	return best
}

// find yields offset and shape of the anchors that begin at or after text[from] and before text[until].
func (x *anchorIndex) find(text []byte, from, until int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		text := text[:min(len(text), until+x.longest+4)]
		for i := x.nextCandidate(text, from); i >= 0; i = x.nextCandidate(text, i+2) {
			for _, a := range x.trigrams[binary.LittleEndian.Uint32(text[i:])&0xffffff] {
				at := i - a.offset
				if at >= from && at < until && bytes.HasPrefix(text[at:], a.text) && !yield(at, a.shape) {
					return
				}
			}
		}
	}
}

// nextCandidate returns the first offset at or after i, of every second one, at which an indexed trigram may be; -1
// for none.
func (x *anchorIndex) nextCandidate(text []byte, i int) int {
	bits := &x.bits
	rest := text[min(i, len(text)):]
	for ; len(rest) >= 8; rest = rest[6:] { // Three at a time are faster.
		word := binary.LittleEndian.Uint64(rest)
		at := len(text) - len(rest)
		if h := hashTrigram(uint32(word)); bits[h/64]&(1<<(h%64)) != 0 {
			return at
		}
		if h := hashTrigram(uint32(word >> 16)); bits[h/64]&(1<<(h%64)) != 0 {
			return at + 2
		}
		if h := hashTrigram(uint32(word >> 32)); bits[h/64]&(1<<(h%64)) != 0 {
			return at + 4
		}
	}
	for ; len(rest) >= 4; rest = rest[2:] {
		if h := hashTrigram(binary.LittleEndian.Uint32(rest)); bits[h/64]&(1<<(h%64)) != 0 {
			return len(text) - len(rest)
		}
	}
	return -1
}
