package files

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"wtptui/engine"
)

// listener gives connections that do not wait for ever for a client that has stopped reading.
type listener struct {
	net.Listener
	unread time.Duration
}

// Listener returns a listener whose connections are cut when a client takes nothing of what is sent to it for as long as
// unread.
func Listener(ln net.Listener, unread time.Duration) net.Listener { return listener{ln, unread} }

// connKey is the context key of a request's *conn.
type connKey struct{}

// ConnContext is for http.Server: requests of connections of a Listener's are answered in fewer, larger pieces.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, unread: l.unread}, nil
}

// conn is a browser's connection. Each portion that is written has unread to be taken; a client that takes nothing
// for so long is cut off, and its request ends. Only the goroutine that answers the connection's requests writes.
type conn struct {
	net.Conn
	unread time.Duration
	set    time.Time // when the deadline was set

	// holding keeps what is written in held, for one write of header and body: each write wakes the client.
	holding bool
	held    []byte
}

// maxHeld bounds what a connection holds back, in bytes.
const maxHeld = 24 << 10

// hold keeps back what is written from now on, until release. It is for answers that are at hand as a whole.
func (c *conn) hold() { c.holding = true }

// release writes what was held back.
func (c *conn) release() error {
	c.holding = false
	if len(c.held) == 0 {
		return nil
	}
	held := c.held
	c.held = held[:0]
	return c.write(held)
}

// NetConn returns the connection that is written to.
func (c *conn) NetConn() net.Conn { return c.Conn }

// CloseWrite tells the client that nothing more comes. net/http uses it so that the last answer is not lost when
// there is something left to read.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// How much of a file is given to the system at once, in bytes: as much as a browser takes in a moment, and much less
// for a slow reader, whose progress shows only from one portion to the next.
const (
	sendPortion = 1 << 20
	slowPortion = 32 << 10
)

// postpone moves the deadline. That it may be a second old saves setting it for each of many small writes.
func (c *conn) postpone() error {
	now := time.Now()
	if now.Sub(c.set) < min(time.Second, c.unread/8) {
		return nil
	}
	c.set = now
	return c.SetWriteDeadline(now.Add(c.unread))
}

// Write implements io.Writer.
func (c *conn) Write(p []byte) (int, error) {
	if c.holding && len(c.held)+len(p) <= maxHeld {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	if err := c.release(); err != nil {
		return 0, err
	}
	if err := c.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *conn) write(p []byte) error {
	if err := c.postpone(); err != nil {
		return err
	}
	_, err := c.Conn.Write(p)
	return err
}

// ReadFrom implements io.ReaderFrom, which net/http calls for a body whose length it knows. Of a section of a file it
// has the system send what it can without copying it through this program (sendfile, TransmitFile).
func (c *conn) ReadFrom(src io.Reader) (int64, error) {
	s, ok := src.(*section)
	tcp, isTCP := c.Conn.(*net.TCPConn)
	if err := c.release(); err != nil {
		return 0, err
	}
	if !ok || !isTCP {
		return io.Copy(onlyWriter{c}, src)
	}
	var total int64
	size := int64(sendPortion)
	for s.left > 0 {
		// A piece that turns out to be damaged stops being sent.
		if !s.whole.Complete() {
			return total, errNotWhole
		}
		if err := c.postpone(); err != nil {
			return total, err
		}
		portion := io.LimitedReader{R: s.file, N: min(s.left, size)}
		n, err := tcp.ReadFrom(&portion)
		total += n
		s.left -= n
		if size = sendPortion; time.Since(c.set) > time.Second {
			size = slowPortion
		}
		switch {
		case err != nil:
			return total, err
		case portion.N > 0:
			return total, io.ErrUnexpectedEOF // The file is shorter than it was.
		}
	}
	return total, nil
}

var errNotWhole = errors.New("localserve: the file is not complete any more")

// onlyWriter hides all other methods, so that io.Copy writes.
type onlyWriter struct{ io.Writer }

// section is a part of a complete file on the disk.
type section struct {
	file  *os.File
	whole engine.Completer
	left  int64
}

// Read implements io.Reader, for whoever cannot have the system send it.
func (s *section) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	n, err := s.file.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if errors.Is(err, io.EOF) && s.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if n > 0 && !s.whole.Complete() {
		return 0, errNotWhole
	}
	return n, err
}
