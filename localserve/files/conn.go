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

// listener returns connections that are closed if their client has stopped reading.
type listener struct {
	net.Listener
	writeTimeout time.Duration
}

// Listener returns a listener whose connections are closed if a client does not read any of what is sent to it for the
// duration unread.
func Listener(ln net.Listener, unread time.Duration) net.Listener { return listener{ln, unread} }

// connKey is the context key of a request's *conn.
type connKey struct{}

// ConnContext is for http.Server: it allows Answers to use features of a Listener's connections.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, writeTimeout: l.writeTimeout}, nil
}

// conn is a client's connection. If the client does not read anything of a portion within writeTimeout, the connection
// is closed, which ends its request. Only the goroutine that answers the connection's requests writes.
type conn struct {
	net.Conn
	writeTimeout  time.Duration
	deadlineSetAt time.Time // when the deadline was set

	// buffering makes Write append to buffered, so that header and body are sent in one write: each write wakes the
	// client up.
	buffering bool
	buffered  []byte
}

// maxBuffered is the maximum size of buffered, in bytes.
const maxBuffered = 24 << 10

// startBuffering buffers what is written until flushBuffer is called. It is for responses that are available as a
// whole.
func (c *conn) startBuffering() { c.buffering = true }

// flushBuffer writes what was buffered.
func (c *conn) flushBuffer() error {
	c.buffering = false
	if len(c.buffered) == 0 {
		return nil
	}
	pending := c.buffered
	c.buffered = pending[:0]
	return c.write(pending)
}

// NetConn returns the underlying connection.
func (c *conn) NetConn() net.Conn { return c.Conn }

// CloseWrite closes the write side. net/http uses it so that the last response is not lost if there is unread data.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// How much of a file is passed to the system at a time, in bytes: usually as much as a browser reads in a moment, but
// much less for a slow reader, whose progress can only be seen between portions.
const (
	sendPortion = 1 << 20
	slowPortion = 32 << 10
)

// extendWriteDeadline sets the write deadline. For many small writes, it does so at most once a second.
func (c *conn) extendWriteDeadline() error {
	now := time.Now()
	if now.Sub(c.deadlineSetAt) < min(time.Second, c.writeTimeout/8) {
		return nil
	}
	c.deadlineSetAt = now
	return c.SetWriteDeadline(now.Add(c.writeTimeout))
}

// Write implements io.Writer.
func (c *conn) Write(p []byte) (int, error) {
	if c.buffering && len(c.buffered)+len(p) <= maxBuffered {
		c.buffered = append(c.buffered, p...)
		return len(p), nil
	}
	if err := c.flushBuffer(); err != nil {
		return 0, err
	}
	if err := c.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *conn) write(p []byte) error {
	if err := c.extendWriteDeadline(); err != nil {
		return err
	}
	_, err := c.Conn.Write(p)
	return err
}

// ReadFrom implements io.ReaderFrom, which net/http calls for a body of known length. The system sends sections of
// files without copying them through this program where it can (sendfile, TransmitFile).
func (c *conn) ReadFrom(src io.Reader) (int64, error) {
	s, ok := src.(*section)
	tcp, isTCP := c.Conn.(*net.TCPConn)
	if err := c.flushBuffer(); err != nil {
		return 0, err
	}
	if !ok || !isTCP {
		return io.Copy(onlyWriter{c}, src)
	}
	var total int64
	size := int64(sendPortion)
	for s.remaining > 0 {
		// If a piece turns out to be damaged, the rest is not sent.
		if !s.completer.Complete() {
			return total, errNotComplete
		}
		if err := c.extendWriteDeadline(); err != nil {
			return total, err
		}
		portion := io.LimitedReader{R: s.file, N: min(s.remaining, size)}
		n, err := tcp.ReadFrom(&portion)
		total += n
		s.remaining -= n
		if size = sendPortion; time.Since(c.deadlineSetAt) > time.Second {
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

var errNotComplete = errors.New("localserve: the file is not complete any more")

// onlyWriter hides all other methods, so that io.Copy calls Write.
type onlyWriter struct{ io.Writer }

// section is a part of a complete file on the disk.
type section struct {
	file      *os.File
	completer engine.Completer
	remaining int64
}

// Read implements io.Reader, for connections on which the system cannot send the file.
func (s *section) Read(p []byte) (int, error) {
	if s.remaining <= 0 {
		return 0, io.EOF
	}
	n, err := s.file.Read(p[:min(int64(len(p)), s.remaining)])
	s.remaining -= int64(n)
	if errors.Is(err, io.EOF) && s.remaining > 0 {
		err = io.ErrUnexpectedEOF
	}
	if n > 0 && !s.completer.Complete() {
		return 0, errNotComplete
	}
	return n, err
}
