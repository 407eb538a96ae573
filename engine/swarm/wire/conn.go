package wire

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"
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

	options Options
	layout  atomic.Pointer[Layout]

	// What only Read uses.
	r      *bufio.Reader
	down   allowance
	hellos int
	hello  HelloMsg // what the peer has told so far

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
	Up, Down *rate.Limiter
	// Next chooses which of the blocks that wait is sent next, by its place in the order in which the peer has asked for
	// them. The writer calls it, once for each block; it must not wait. It may be nil: the first one is then.
	Next func(waiting []Block) int
	// Sent is told how many bytes of blocks have left. It may be nil.
	Sent func(bytes int)
	// Unread counts the bytes that wait to be sent, over all connections that share it. It may be nil.
	Unread *atomic.Int64
}

func newConn(s *stream) *Conn {
	c := &Conn{conn: s, r: bufio.NewReaderSize(s, readBuffer), ended: make(chan struct{})}
	c.layout.Store(&unknown)
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
	c.options = o
	c.conn.timed = true
	c.down.limiter = o.Down
	c.out.total = o.Unread
	c.out.next = o.Next
	c.wg.Go(c.write)
}

// Theirs returns the peer's handshake.
func (c *Conn) Theirs() Handshake { return c.theirs }

// Obfuscated reports whether what goes over the connection is encrypted (MSE).
func (c *Conn) Obfuscated() bool { return c.conn.cipher != nil }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// SetLayout says how many pieces there are. What was read before may name others; see Layout.Check.
func (c *Conn) SetLayout(l Layout) { c.layout.Store(&l) }

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
