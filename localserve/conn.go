package localserve

import (
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
}

// sendPortion is how much of a file is given to the system at once: small enough for the slowest reader to take within
// Config.Unread, large enough to cost nothing.
const sendPortion = 256 << 10

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
	if err := c.postpone(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// ReadFrom implements io.ReaderFrom, which net/http calls for a body whose length it knows. Of a section of a file it
// has the system send what it can without copying it through this program (sendfile, TransmitFile).
func (c *conn) ReadFrom(src io.Reader) (int64, error) {
	s, ok := src.(*section)
	tcp, isTCP := c.Conn.(*net.TCPConn)
	if !ok || !isTCP {
		return io.Copy(onlyWriter{c}, src)
	}
	var total int64
	for s.left > 0 {
		// A piece that turns out to be damaged stops being sent.
		if !s.whole.Complete() {
			return total, errNotWhole
		}
		if err := c.postpone(); err != nil {
			return total, err
		}
		portion := io.LimitedReader{R: s.file, N: min(s.left, sendPortion)}
		n, err := tcp.ReadFrom(&portion)
		total += n
		s.left -= n
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
