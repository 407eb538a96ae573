package netsim

import "slices"

const chunkSize = 16 << 10

type chunk [chunkSize]byte

// byteQueue holds the bytes of a flow that were written and not read yet, wherever in the network they are.
type byteQueue struct {
	chunks []*chunk
	start  int // where in the first chunk the bytes begin
	size   int
}

func (n *Net) newChunk() *chunk {
	if last := len(n.chunks) - 1; last >= 0 {
		c := n.chunks[last]
		n.chunks = n.chunks[:last]
		return c
	}
	return new(chunk)
}

func (q *byteQueue) push(n *Net, p []byte) {
	for len(p) > 0 {
		end := q.start + q.size
		if end == len(q.chunks)*chunkSize {
			q.chunks = append(q.chunks, n.newChunk())
		}
		copied := copy(q.chunks[end/chunkSize][end%chunkSize:], p)
		q.size += copied
		p = p[copied:]
	}
}

// pop moves bytes from the front to p. There must be as many.
func (q *byteQueue) pop(n *Net, p []byte) {
	used := 0
	for len(p) > 0 {
		copied := copy(p, q.chunks[used][q.start:])
		p = p[copied:]
		q.size -= copied
		q.start += copied
		if q.start == chunkSize {
			q.start = 0
			used++
		}
	}
	if q.size == 0 && q.start > 0 {
		q.start = 0
		used++
	}
	n.chunks = append(n.chunks, q.chunks[:used]...)
	q.chunks = slices.Delete(q.chunks, 0, used)
}

// drop gives up all bytes.
func (q *byteQueue) drop(n *Net) {
	n.chunks = append(n.chunks, q.chunks...)
	*q = byteQueue{}
}
