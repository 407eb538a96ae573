package control

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/engine"
)

// rates are the bytes a second that a client may take on the average, compressed; 0 means as much as there is, and not
// compressed, which is for this machine.
type rates struct{ watch, detail int }

// remoteRates is for a line to another machine: 20 kB/s, with something left for what a person does.
var remoteRates = rates{watch: 11_000, detail: 6_000}

// pingInterval is how long nothing may come over a line before it is asked for a sign of life, and how long that may
// take.
const pingInterval = 15 * time.Second

// remoteHelloTimeout is how long the first exchange may take over a line, which may be narrow, and at its end a busy
// machine: somebody is there already.
const remoteHelloTimeout = 30 * time.Second

// DialOver is Dial over a connection that leads to the socket of another machine (see Pipe). It takes conn over, and
// closes it with the client. Everything goes over this one connection, compressed, and slowly enough for a narrow line:
// snapshots of Watch are then up to seconds apart while much changes, and Detail may return a cached value.
func DialOver(ctx context.Context, conn net.Conn) (*Client, error) {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	only := &singleConn{Conn: conn, closed: make(chan struct{})}
	ctx, cancel := context.WithTimeout(ctx, remoteHelloTimeout)
	defer cancel()
	c, err := newClient(ctx, &http.Transport{
		DialContext:        only.dial,
		Protocols:          &protocols,
		HTTP2:              &http.HTTP2Config{SendPingTimeout: pingInterval, PingTimeout: pingInterval},
		DisableCompression: true, // See Client.send.
	}, remoteRates)
	if err != nil {
		only.Close()
		return nil, err
	}
	c.conn = only
	return c, nil
}

// singleConn is a connection that cannot be made again.
type singleConn struct {
	net.Conn

	dialed atomic.Bool
	once   sync.Once
	closed chan struct{}
}

// dial returns the connection the first time. After that it fails, but not before the connection is closed: a transport
// lets a request use a connection of HTTP/2 a moment before it offers it to others, and a request that comes in between
// dials, and takes what is offered then if it comes first.
func (c *singleConn) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if !c.dialed.Swap(true) {
		return c, nil
	}
	select {
	case <-c.closed:
		return nil, errors.New("the connection is lost")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close closes the connection for both sides.
func (c *singleConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// Pipe connects in and out to the socket at path until either side ends, so that a program at the other end of a line
// can talk to it. It writes Greeting once it is connected. Its errors are those of Dial.
func Pipe(ctx context.Context, path string, in io.Reader, out io.Writer) error {
	const op = "control: pipe"
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return wrapError(ctx, op, "", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(out, Greeting); err != nil {
		return wrapError(ctx, op, "", err)
	}
	go func() {
		// It ends with the other end of in, or with the program: a read of standard input cannot be interrupted.
		_, _ = io.Copy(conn, in)
		conn.Close()
	}()
	_, err = io.Copy(out, conn)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return wrapError(ctx, op, "", err)
	}
	return nil
}

// Greeting is the line that Pipe writes first. What comes before it, such as a message of the day, is ignored.
const Greeting = "wtptui control\n"

// maxGreetingPreamble bounds what comes before the Greeting, in bytes.
const maxGreetingPreamble = 64 << 10

// AwaitGreeting reads up to the Greeting and not a byte further.
func AwaitGreeting(r io.Reader) error {
	var line []byte
	one := make([]byte, 1)
	for range maxGreetingPreamble {
		if _, err := io.ReadFull(r, one); err != nil {
			return err
		}
		if line = append(line, one[0]); one[0] != '\n' {
			continue
		}
		if string(line) == Greeting {
			return nil
		}
		line = line[:0]
	}
	return errors.New("something else than wtptui talks there")
}

// gzipBody is a compressed body.
type gzipBody struct {
	io.Closer
	compressed *countingReader
	reader     *gzip.Reader // nil until something is read: the sender may wait
	err        error
}

func decompress(body io.ReadCloser) *gzipBody {
	return &gzipBody{Closer: body, compressed: &countingReader{reader: body}}
}

func (b *gzipBody) Read(p []byte) (int, error) {
	if b.reader == nil && b.err == nil {
		b.reader, b.err = gzip.NewReader(b.compressed)
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.reader.Read(p)
}

// countingReader counts what is read through it.
type countingReader struct {
	reader io.Reader
	n      int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.n += n
	return n, err
}

// detailCache keeps the last detail that came over a narrow line. Its zero value is ready.
type detailCache struct {
	mu      sync.Mutex
	host    string
	detail  engine.Detail
	expires time.Time
}

func (d *detailCache) recent(host string, now time.Time) (engine.Detail, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.detail, d.host == host && now.Before(d.expires)
}

func (d *detailCache) put(host string, detail engine.Detail, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.host, d.detail, d.expires = host, detail, until
}

// clear is for when a person has changed something and wants to see it.
func (d *detailCache) clear() { d.put("", engine.Detail{}, time.Time{}) }
