package wire

import "sync"

// buffers are empty buffers with room for about size bytes, of which a peer has one only while it needs it.
type buffers struct {
	size int
	pool sync.Pool
}

// The buffers for what waits to be written, and for what is being written if there are blocks in it.
var (
	messageBuffers = buffers{size: 2 << 10}
	blockBuffers   = buffers{size: BlockSize + 2<<10}
	batchBuffers   = buffers{size: maxBatch*BlockSize + 2<<10}
)

func (p *buffers) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, p.size)
	return &b
}

// put takes a buffer back, unless it has become much larger.
func (p *buffers) put(b *[]byte) {
	if cap(*b) <= 2*p.size {
		*b = (*b)[:0]
		p.pool.Put(b)
	}
}
