package wire

import "sync"

// buffers is a pool of empty buffers with a capacity of about size bytes. A connection has one only while it needs it.
type buffers struct {
	size int
	pool sync.Pool
}

// The buffers for queued messages, and for what is being written if it contains blocks.
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

// put puts a buffer back into the pool, unless it has grown to more than twice its size.
func (p *buffers) put(b *[]byte) {
	if cap(*b) <= 2*p.size {
		*b = (*b)[:0]
		p.pool.Put(b)
	}
}
