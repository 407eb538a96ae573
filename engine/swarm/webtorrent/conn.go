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
	// chunk is the size of the messages that Write makes, in bytes: what every browser takes.
	chunk = 16 << 10
	// mostBuffered and leastBuffered are how many bytes may wait to be sent or acknowledged on one connection before Write
	// waits: the former keeps a line with a long way busy. On all connections it is allBuffered, as long as each can have
	// the latter.
	mostBuffered  = 704 << 10
	leastBuffered = 64 << 10
	allBuffered   = 8 << 20
	// busyMessage is the size in bytes from which a message counts as content. Smaller ones, keep-alives and haves
	// among them, come on idle connections too.
	busyMessage = 1 << 10
)

// buffers is what connections share of the room for what waits to be sent. The zero value is ready.
type buffers struct{ conns atomic.Int64 }

// each is how many bytes may wait on one connection.
func (b *buffers) each() uint64 {
	return uint64(min(max(allBuffered/max(b.conns.Load(), 1), leastBuffered), mostBuffered))
}

// channel is what a Conn needs of a detached data channel.
type channel interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	BufferedAmount() uint64
	SetBufferedAmountLowThreshold(uint64)
	OnBufferedAmountLow(func())
}

// Conn is a data channel as a stream of bytes. It implements net.Conn, deadlines included.
type Conn struct {
	ch            channel
	local, remote Addr
	infohash      [20]byte
	buffers       *buffers
	end           func() // lets go of the peer connection; it does not wait
	closing       sync.Once
	done          chan struct{} // closed by Close
	lastBusy      atomic.Int64  // when content was last sent or received, Unix time in nanoseconds

	readDeadline deadline
	reading      sync.Mutex
	unread       []byte // the rest of a message that did not fit; part of large
	large        []byte

	writeDeadline deadline
	writing       sync.Mutex
	room          chan struct{} // has a value when Write should look again
	greeting      []byte        // what the torrent client is expected to write first and what is not to be sent
}

var _ net.Conn = (*Conn)(nil)

func newConn(ch channel, local, remote Addr, infohash [20]byte, b *buffers, end func()) *Conn {
	c := &Conn{
		ch: ch, local: local, remote: remote, infohash: infohash, buffers: b, end: end,
		done: make(chan struct{}), room: make(chan struct{}, 1),
	}
	// The channel's own deadlines cost a goroutine each time they are set, so it is only told of one that has passed.
	c.readDeadline.wake = func() { _ = ch.SetReadDeadline(time.Unix(1, 0)) }
	c.writeDeadline.wake = c.look
	c.lastBusy.Store(time.Now().UnixNano())
	b.conns.Add(1)
	ch.OnBufferedAmountLow(c.look)
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
		case c.closed():
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
			c.busy(n)
			return n, nil
		case errors.Is(err, io.ErrShortBuffer):
			if err := c.readLarge(); err != nil {
				return 0, err
			}
		case errors.Is(err, sctp.ErrReadDeadlineExceeded):
			// It is sticky, and it may have been a deadline that was moved just now.
			_ = c.ch.SetReadDeadline(time.Time{})
		case err != nil:
			return 0, c.readError(err)
		}
	}
}

// readLarge reads a message that does not fit where it was wanted. How large it is can only be found out by trying.
func (c *Conn) readLarge() error {
	if c.large == nil {
		c.large = make([]byte, chunk)
	}
	for {
		n, err := c.ch.Read(c.large)
		switch {
		case err == nil:
			c.busy(n)
			c.unread = c.large[:n]
			return nil
		case errors.Is(err, sctp.ErrReadDeadlineExceeded):
			return nil // Read looks again.
		case !errors.Is(err, io.ErrShortBuffer):
			return c.readError(err)
		case len(c.large) >= maxReceived:
			return fmt.Errorf("webtorrent: a message of more than %d bytes", maxReceived)
		}
		c.large = make([]byte, 4*len(c.large))
	}
}

// readError tells whether a connection was closed by us or by the peer.
func (c *Conn) readError(err error) error {
	if c.closed() {
		return net.ErrClosed
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	return fmt.Errorf("webtorrent: read: %w", err)
}

// Write implements net.Conn. It returns when everything is on its way or waits in a bounded buffer.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	n, err := c.swallow(p)
	if err != nil {
		return 0, err
	}
	for n < len(p) {
		if err := c.waitForRoom(); err != nil {
			return n, err
		}
		m, err := c.ch.Write(p[n:min(n+chunk, len(p))])
		n += m
		if err != nil {
			if c.closed() {
				return n, net.ErrClosed
			}
			return n, fmt.Errorf("webtorrent: write: %w", err)
		}
		c.busy(m)
	}
	return n, nil
}

// swallow takes what was said already in the torrent client's name from the beginning of p.
func (c *Conn) swallow(p []byte) (int, error) {
	n := min(len(p), len(c.greeting))
	if string(p[:n]) != string(c.greeting[:n]) {
		return 0, errors.New("webtorrent: the torrent client's handshake is not what Config told peers")
	}
	c.greeting = c.greeting[n:]
	return n, nil
}

// waitForRoom waits until the buffer has room for another chunk.
func (c *Conn) waitForRoom() error {
	for {
		limit := c.buffers.each()
		switch {
		case c.closed():
			return net.ErrClosed
		case c.writeDeadline.exceeded():
			return os.ErrDeadlineExceeded
		case c.ch.BufferedAmount() < limit:
			return nil
		}
		c.ch.SetBufferedAmountLowThreshold(limit / 2)
		if c.ch.BufferedAmount() <= limit/2 {
			continue // It had become less before anybody would have told.
		}
		select {
		case <-c.room:
		case <-c.done:
		}
	}
}

// look makes a Write that waits for room look again.
func (c *Conn) look() {
	select {
	case c.room <- struct{}{}:
	default:
	}
}

func (c *Conn) busy(n int) {
	if n >= busyMessage {
		c.lastBusy.Store(time.Now().UnixNano())
	}
}

// idleSince is when content was last sent or received.
func (c *Conn) idleSince() time.Time { return time.Unix(0, c.lastBusy.Load()) }

func (c *Conn) closed() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Close implements net.Conn. It does not wait, and what was not sent yet is lost.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		close(c.done)
		c.buffers.conns.Add(-1)
		c.readDeadline.stop()
		c.writeDeadline.stop()
		_ = c.ch.SetReadDeadline(time.Unix(1, 0)) // ends a Read that waits
		c.end()
	})
	return nil
}

// LocalAddr and RemoteAddr implement net.Conn. Both are of type Addr.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Infohash is the torrent that the connection is about.
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
