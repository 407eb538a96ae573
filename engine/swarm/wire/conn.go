package wire

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// readBuffer is small: the bytes of a block are read past it, to where they stay.
const readBuffer = 2 << 10

// Errors that end a connection.
var (
	ErrClosed = errors.New("wire: the connection was closed")
	// ErrNotReading says that the peer has not read what waits for it, which has become too much.
	ErrNotReading = errors.New("wire: the peer does not read what it is sent")
)

// Conn is a connection that has shaken hands. Read and SetLayout belong to one goroutine each, the other methods may be
// called from many.
type Conn struct {
	conn   *stream
	theirs Handshake
	peer   abilities

	in     reader
	out    queue
	ended  chan struct{} // closed by Close
	once   sync.Once
	mu     sync.Mutex
	reason error // why it was closed
	wg     sync.WaitGroup
}

// Options say where what is sent comes from, and what bounds it.
type Options struct {
	// Block reads a verified block of the torrent into p, which is as long as that. The writer calls it.
	Block func(b Block, p []byte) error
	// Info returns the info dictionary; nil while it is not known.
	Info func() []byte
	// Up and Down bound the rates of content: blocks both ways, and parts of the info dictionary that are sent. They
	// may be shared and be changed at any time; nil is no bound.
	Up, Down *Limit
	// Next chooses which of the blocks that wait is sent next, by its place in the order in which the peer has asked for
	// them. The writer calls it, once for each block; it must not wait. It may be nil: the first one is then.
	Next func(waiting []Block) int
	// Sent is told how many bytes of blocks have left. It may be nil.
	Sent func(bytes int)
	// Unread counts the bytes that wait to be sent, over all connections that share it. It may be nil.
	Unread *atomic.Int64
}

func newConn(s *stream) *Conn {
	c := &Conn{conn: s, ended: make(chan struct{})}
	c.in.Reader, c.in.peer, c.in.ended = bufio.NewReaderSize(s, readBuffer), &c.peer, c.ended
	c.in.layout.Store(&unknown)
	c.out.more = make(chan struct{}, 1)
	return c
}

// setTheirs takes the peer's handshake.
func (c *Conn) setTheirs(theirs Handshake) {
	c.theirs = theirs
	c.peer.fast, c.peer.extended, c.peer.dht = theirs.Fast, theirs.Extended, theirs.DHT
}

// Start begins to send. It is called once, before Read and all methods that send.
func (c *Conn) Start(o Options) {
	c.conn.timed = true
	c.in.down.limit = o.Down
	c.out.total = o.Unread
	c.out.next = o.Next
	w := newWriter(c, o)
	c.wg.Go(func() {
		if err := w.run(c.ended); err != nil {
			c.end(err)
		}
	})
}

// Theirs returns the peer's handshake.
func (c *Conn) Theirs() Handshake { return c.theirs }

// Obfuscated reports whether what goes over the connection is encrypted (MSE).
func (c *Conn) Obfuscated() bool { return c.conn.cipher != nil }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// SetLayout says how many pieces there are. What was read before may name others; see Layout.Check.
func (c *Conn) SetLayout(l Layout) { c.in.layout.Store(&l) }

// Read returns the next message that means something. An error ends the connection.
func (c *Conn) Read() (Message, error) {
	m, err := c.in.next()
	if err != nil {
		err = c.why(err)
		c.end(err)
	}
	return m, err
}

// Send queues messages as far as the peer understands them, and never waits. The connection of a peer that lets too
// much gather is ended. The data in the messages stay the caller's.
func (c *Conn) Send(all ...Message) {
	if !c.out.add(&c.peer, all) {
		c.end(ErrNotReading)
	}
}

// Serve queues a block to be read and sent after those before it. It reports false, and does not, when too many wait.
func (c *Conn) Serve(b Block) bool { return c.out.serve(job{block: b}) }

// ServeInfo queues a part of the info dictionary, unless it waits already. It reports false, and does not, when too
// many blocks and parts wait.
func (c *Conn) ServeInfo(piece int) bool {
	return c.out.serve(job{block: Block{Piece: piece}, info: true})
}

// Unserve takes a block out of the queue. It reports false when that is not in it: it may be on its way.
func (c *Conn) Unserve(b Block) bool { return c.out.unserve(job{block: b}) }

// UnserveAll takes all blocks out of the queue and returns them. What is sent after it comes after the blocks that are
// on their way.
func (c *Conn) UnserveAll() []Block { return c.out.unserveBlocks() }

// Close ends the connection; Read returns soon.
func (c *Conn) Close() { c.end(ErrClosed) }

// end closes the connection for a reason, of which the first one counts.
func (c *Conn) end(reason error) {
	c.once.Do(func() {
		c.mu.Lock()
		c.reason = reason
		c.mu.Unlock()
		close(c.ended)
		_ = c.conn.Close()
	})
}

// why is why the connection has ended; err unless that was decided here.
func (c *Conn) why(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return c.reason
	}
	return err
}

// Wait returns when nothing is sent any more, after Close.
func (c *Conn) Wait() { c.wg.Wait() }
