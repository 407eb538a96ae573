package mirror

import (
	"sort"

	"wtptui/engine/swarm/wire"
)

// zeros is the file of a part that is not fetched at all.
const zeros = -1

// part is what a file contributes to a block.
type part struct {
	req        *request
	at         int // in the block
	file       int // index of Config.Files, or zeros
	start, end int64
}

func (p *part) length() int { return int(p.end - p.start) }

// content is how a torrent's bytes are divided into files and pieces.
type content struct {
	files  []File
	layout wire.Layout
}

// split returns the parts of a block, without padding; a single one of zeros if there is nothing else. It reports false
// if the block is not part of the torrent.
func (c *content) split(r *request) ([]part, bool) {
	b := r.block
	if b.Piece < 0 || b.Piece >= c.layout.Pieces || b.Begin < 0 || b.Length <= 0 || b.Length > wire.BlockSize ||
		int64(b.Begin)+int64(b.Length) > c.layout.PieceLength {
		return nil, false
	}
	var parts []part
	begin := int64(b.Piece)*c.layout.PieceLength + int64(b.Begin)
	pos, end := begin, begin+int64(b.Length)
	for i := c.fileAt(pos); pos < end; i++ {
		if i >= len(c.files) || c.files[i].Offset > pos {
			return nil, false
		}
		f := &c.files[i]
		last := min(end, f.Offset+f.Length)
		if last <= pos {
			continue
		}
		if !f.Padding {
			parts = append(parts, part{req: r, at: int(pos - begin), file: i, start: pos - f.Offset, end: last - f.Offset})
		}
		pos = last
	}
	if len(parts) == 0 {
		parts = []part{{req: r, file: zeros}}
	}
	return parts, true
}

// fileAt returns the first file that ends after a position.
func (c *content) fileAt(pos int64) int {
	return sort.Search(len(c.files), func(i int) bool { return c.files[i].Offset+c.files[i].Length > pos })
}

// pieces returns a bit for each piece, the first one the highest of the first byte: those that need none of the files
// that are left out. count is how many they are.
func (c *content) pieces(leftOut func(yield func(file int) bool)) (bits []byte, count int) {
	n := c.layout.Pieces
	bits = make([]byte, (n+7)/8)
	for i := range n {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	count = n
	for i := range leftOut {
		f := &c.files[i]
		if f.Length <= 0 {
			continue
		}
		last := min((f.Offset+f.Length-1)/c.layout.PieceLength, int64(n)-1)
		for p := f.Offset / c.layout.PieceLength; p <= last; p++ {
			if mask := byte(0x80 >> (p % 8)); bits[p/8]&mask != 0 {
				bits[p/8] &^= mask
				count--
			}
		}
	}
	return bits, count
}
