package wire

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// readBuffer is small: blocks are read past it, directly into their final buffers.
const readBuffer = 2 << 10

// Errors that end a connection.
var (
	ErrClosed = errors.New("wire: the connection was closed")
	// ErrNotReading reports that too many bytes wait for a peer that does not read them.
	ErrNotReading = errors.New("wire: the peer does not read what it is sent")
)

// Conn is a connection that has shaken hands. Read and SetLayout must each be called from one goroutine; the other
// methods may be called from many.
type Conn struct {
	conn   *stream
	theirs Handshake
	peer   peerFeatures

	in     reader
	out    queue
	ended  chan struct{} // closed by Close
	once   sync.Once
	mu     sync.Mutex
	reason error // why it was closed
	wg     sync.WaitGroup
}

// Options holds the sources of what is sent, and the limits.
type Options struct {
	// Block reads a verified block of the torrent into p, which has the block's length. The writer calls it.
	Block func(b Block, p []byte) error
	// Info returns the info dictionary, nil if it is unknown.
	Info func() []byte
	// Up and Down limit the rates of content: blocks in both directions, and sent parts of the info dictionary. They
	// may be shared and changed at any time; nil is no limit.
	Up, Down *Limit
	// Next returns the index of the waiting block to send next. waiting is in the order of the requests. The writer
	// calls it once for each block; it must not block. If it is nil, the first block is sent.
	Next func(waiting []Block) int
	// Sent is called with the number of bytes of blocks that were sent. It may be nil.
	Sent func(bytes int)
	// Unread counts the bytes that wait to be sent on all connections that share it. It may be nil.
	Unread *atomic.Int64
}

func newConn(s *stream) *Conn {
	c := &Conn{conn: s, ended: make(chan struct{})}
	c.in.Reader, c.in.peer, c.in.ended = bufio.NewReaderSize(s, readBuffer), &c.peer, c.ended
	c.in.layout.Store(&unknown)
	c.out.wake = make(chan struct{}, 1)
	return c
}

// setTheirs sets the peer's handshake.
func (c *Conn) setTheirs(theirs Handshake) {
	c.theirs = theirs
	c.peer.fast, c.peer.extended, c.peer.dht = theirs.Fast, theirs.Extended, theirs.DHT
}

// Start starts sending. It must be called once, before Read and all methods that send.
func (c *Conn) Start(o Options) {
	c.conn.timed = true
	c.in.down.limit = o.Down
	c.out.total = o.Unread
	c.out.next = o.Next
	w := newWriter(c, o)
	c.wg.Go(func() {
		if err := w.run(c.ended); err != nil {
			c.closeWith(err)
		}
	})
}

// Theirs returns the peer's handshake.
func (c *Conn) Theirs() Handshake { return c.theirs }

// Obfuscated reports whether the connection is encrypted (MSE).
func (c *Conn) Obfuscated() bool { return c.conn.cipher != nil }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// SetLayout sets the torrent's layout. Messages that were read before may not fit it; see Layout.Check.
func (c *Conn) SetLayout(l Layout) { c.in.layout.Store(&l) }

// Read returns the next message that is understood here. An error closes the connection.
func (c *Conn) Read() (Message, error) {
	m, err := c.in.next()
	if err != nil {
		err = c.closeReason(err)
		c.closeWith(err)
	}
	return m, err
}

// Send queues the messages that the peer understands, and never waits. If too many bytes are queued, it closes the
// connection. The messages' data still belongs to the caller.
func (c *Conn) Send(all ...Message) {
	if !c.out.add(&c.peer, all) {
		c.closeWith(ErrNotReading)
	}
}

// Serve queues a block to be read and sent after the blocks queued before. It returns false, and does not queue it, if
// too many are queued.
func (c *Conn) Serve(b Block) bool { return c.out.pushJob(job{block: b}) }

// ServeInfo queues a part of the info dictionary, unless it is queued already. It returns false, and does not queue
// it, if too many blocks and parts are queued.
func (c *Conn) ServeInfo(piece int) bool {
	return c.out.pushJob(job{block: Block{Piece: piece}, info: true})
}

// Unserve removes a block from the queue. It returns false if the block is not queued: it may be in flight.
func (c *Conn) Unserve(b Block) bool { return c.out.removeJob(job{block: b}) }

// UnserveAll removes all blocks from the queue and returns them. What is sent after it follows the blocks in flight.
func (c *Conn) UnserveAll() []Block { return c.out.removeBlocks() }

// Close closes the connection; Read returns soon.
func (c *Conn) Close() { c.closeWith(ErrClosed) }

// closeWith closes the connection for a reason. Only the first reason counts.
func (c *Conn) closeWith(reason error) {
	c.once.Do(func() {
		c.mu.Lock()
		c.reason = reason
		c.mu.Unlock()
		close(c.ended)
		_ = c.conn.Close()
	})
}

// closeReason returns why the connection was closed, or else err.
func (c *Conn) closeReason(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return c.reason
	}
	return err
}

// Wait waits until nothing is sent any more, after Close.
func (c *Conn) Wait() { c.wg.Wait() }
