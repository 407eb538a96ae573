package webtorrent

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/sctp"
)

const (
	// chunkSize is the size in bytes of the messages that Write sends: every browser accepts it.
	chunkSize = 16 << 10
	// maxBuffered and minBuffered are how many bytes may be unsent or unacknowledged on one connection before Write
	// waits: the former keeps a link with a long round trip busy. The limit of all connections is maxTotalBuffered, as
	// long as each can have minBuffered.
	maxBuffered      = 704 << 10
	minBuffered      = 64 << 10
	maxTotalBuffered = 8 << 20
	// minContentMessage is the size in bytes from which a message counts as content. Smaller ones, such as keep-alives
	// and haves, are also sent on idle connections.
	minContentMessage = 1 << 10
)

// buffers divides the buffer space among connections. The zero value is ready to use.
type buffers struct{ conns atomic.Int64 }

// limitPerConn returns how many bytes may be buffered on one connection.
func (b *buffers) limitPerConn() uint64 {
	return uint64(min(max(maxTotalBuffered/max(b.conns.Load(), 1), minBuffered), maxBuffered))
}

// channel is the part of a detached data channel that a Conn needs.
type channel interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	BufferedAmount() uint64
	SetBufferedAmountLowThreshold(uint64)
	OnBufferedAmountLow(func())
}

// Conn is a data channel as a byte stream. It implements net.Conn, deadlines included.
type Conn struct {
	ch            channel
	local, remote Addr
	infohash      [20]byte
	buffers       *buffers
	release       func() // releases the peer connection; it does not block
	closing       sync.Once
	done          chan struct{} // closed by Close
	lastBusy      atomic.Int64  // when content was last sent or received, in Unix nanoseconds

	readDeadline deadline
	reading      sync.Mutex
	unread       []byte // the rest of a message that did not fit into Read's buffer; part of large
	large        []byte

	writeDeadline deadline
	writing       sync.Mutex
	writeReady    chan struct{} // notified when Write should check again
	greeting      []byte        // what the torrent client is expected to write first, which is not sent again
}

var _ net.Conn = (*Conn)(nil)

func newConn(ch channel, local, remote Addr, infohash [20]byte, b *buffers, end func()) *Conn {
	c := &Conn{
		ch: ch, local: local, remote: remote, infohash: infohash, buffers: b, release: end,
		done: make(chan struct{}), writeReady: make(chan struct{}, 1),
	}
	// Setting the channel's own deadline costs a goroutine each time, so it is only set to one that has passed.
	c.readDeadline.wake = func() { _ = ch.SetReadDeadline(time.Unix(1, 0)) }
	c.writeDeadline.wake = c.notifyWriter
	c.lastBusy.Store(time.Now().UnixNano())
	b.conns.Add(1)
	ch.OnBufferedAmountLow(c.notifyWriter)
	return c
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	for {
		switch {
		case c.isClosed():
			return 0, net.ErrClosed
		case c.readDeadline.exceeded():
			return 0, os.ErrDeadlineExceeded
		case len(c.unread) > 0:
			n := copy(p, c.unread)
			c.unread = c.unread[n:]
			return n, nil
		}
		n, err := c.ch.Read(p)
		switch {
		case err == nil && n > 0:
			c.recordContent(n)
			return n, nil
		case errors.Is(err, io.ErrShortBuffer):
			if err := c.readLarge(); err != nil {
				return 0, err
			}
		case errors.Is(err, sctp.ErrReadDeadlineExceeded):
			// The error is sticky, and the deadline may have been moved just now.
			_ = c.ch.SetReadDeadline(time.Time{})
		case err != nil:
			return 0, c.readError(err)
		}
	}
}

// readLarge reads a message that does not fit into Read's buffer. Its size can only be found by trying.
func (c *Conn) readLarge() error {
	if c.large == nil {
		c.large = make([]byte, chunkSize)
	}
	for {
		n, err := c.ch.Read(c.large)
		switch {
		case err == nil:
			c.recordContent(n)
			c.unread = c.large[:n]
			return nil
		case errors.Is(err, sctp.ErrReadDeadlineExceeded):
			return nil // Read checks again.
		case !errors.Is(err, io.ErrShortBuffer):
			return c.readError(err)
		case len(c.large) >= maxReceived:
			return fmt.Errorf("webtorrent: a message of more than %d bytes", maxReceived)
		}
		c.large = make([]byte, 4*len(c.large))
	}
}

// readError returns net.ErrClosed if we have closed the connection, io.EOF if the peer has.
func (c *Conn) readError(err error) error {
	if c.isClosed() {
		return net.ErrClosed
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("webtorrent: read: %w", err)
}

// Write implements net.Conn. It returns when everything is sent or in a bounded buffer.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	n, err := c.skipGreeting(p)
	if err != nil {
		return 0, err
	}
	for n < len(p) {
		if err := c.waitForRoom(); err != nil {
			return n, err
		}
		m, err := c.ch.Write(p[n:min(n+chunkSize, len(p))])
		n += m
		if err != nil {
			if c.isClosed() {
				return n, net.ErrClosed
			}
			return n, fmt.Errorf("webtorrent: write: %w", err)
		}
		c.recordContent(m)
	}
	return n, nil
}

// skipGreeting compares the start of p with the handshake that was sent already, and returns how many bytes to skip.
func (c *Conn) skipGreeting(p []byte) (int, error) {
	n := min(len(p), len(c.greeting))
	if string(p[:n]) != string(c.greeting[:n]) {
		return 0, errors.New("webtorrent: the torrent client's handshake is not what Config told peers")
	}
	c.greeting = c.greeting[n:]
	return n, nil
}

// waitForRoom waits until the buffer has space for another chunk.
func (c *Conn) waitForRoom() error {
	for {
		limit := c.buffers.limitPerConn()
		switch {
		case c.isClosed():
			return net.ErrClosed
		case c.writeDeadline.exceeded():
			return os.ErrDeadlineExceeded
		case c.ch.BufferedAmount() < limit:
			return nil
		}
		c.ch.SetBufferedAmountLowThreshold(limit / 2)
		if c.ch.BufferedAmount() <= limit/2 {
			continue // It was drained before the callback could be called.
		}
		select {
		case <-c.writeReady:
		case <-c.done:
		}
	}
}

// notifyWriter makes a waiting Write check again.
func (c *Conn) notifyWriter() {
	select {
	case c.writeReady <- struct{}{}:
	default:
	}
}

func (c *Conn) recordContent(n int) {
	if n >= minContentMessage {
		c.lastBusy.Store(time.Now().UnixNano())
	}
}

// idleSince returns when content was last sent or received.
func (c *Conn) idleSince() time.Time { return time.Unix(0, c.lastBusy.Load()) }

func (c *Conn) isClosed() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Close implements net.Conn. It does not wait; unsent data is lost.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		close(c.done)
		c.buffers.conns.Add(-1)
		c.readDeadline.stop()
		c.writeDeadline.stop()
		_ = c.ch.SetReadDeadline(time.Unix(1, 0)) // ends a waiting Read
		c.release()
	})
	return nil
}

// LocalAddr and RemoteAddr implement net.Conn. Both are of type Addr.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Infohash returns the torrent that the connection belongs to.
func (c *Conn) Infohash() [20]byte { return c.infohash }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	c.readDeadline.set(t)
	c.writeDeadline.set(t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.readDeadline.set(t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeDeadline.set(t)
	return nil
}
