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

// rates are the maximum average rates of a client in bytes per second, compressed. 0 means unlimited and uncompressed,
// as on this machine.
type rates struct{ watch, detail int }

// remoteRates are for another machine: together less than 20 kB/s, so that requests of a person still fit on a slow
// link.
var remoteRates = rates{watch: 11_000, detail: 6_000}

// pingInterval is how long a remote connection may be idle before it is pinged, and how long the response may take.
const pingInterval = 15 * time.Second

// remoteHelloTimeout is how long the first request to another machine may take, over a slow link to a busy machine.
// Pipe has connected to its socket by then.
const remoteHelloTimeout = 30 * time.Second

// DialOver is Dial over a connection to the socket of another machine (see Pipe). It takes ownership of conn, and
// closes it with the client. All requests share this connection, compressed and limited for slow links: while much
// changes, snapshots of Watch are up to seconds apart, and Detail may return a cached value.
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

// singleConn is a connection that can be dialed only once.
type singleConn struct {
	net.Conn

	dialed atomic.Bool
	once   sync.Once
	closed chan struct{}
}

// dial returns the connection the first time. Later calls wait until the connection is closed, and fail then: an
// HTTP/2 transport dials once more if a second request comes just before the first connection can be shared, and uses
// the shared one as soon as it can.
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

// Close closes the connection, and makes waiting dials fail.
func (c *singleConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// Pipe connects in and out to the socket at path until either side closes, so that a program on another machine can
// talk to it. It writes Greeting once it is connected. Its errors are those of Dial.
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

// Greeting is the first line that Pipe writes. AwaitGreeting ignores what comes before it, such as a message of the
// day.
const Greeting = "wtptui control\n"

// maxGreetingPreamble is how many bytes may come before the Greeting.
const maxGreetingPreamble = 64 << 10

// AwaitGreeting reads up to the end of the Greeting, and not a byte further.
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

// gzipBody decompresses a response body.
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

// countingReader counts the bytes that are read through it.
type countingReader struct {
	reader io.Reader
	n      int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.n += n
	return n, err
}

// detailCache caches the last detail that came over a remote connection. Its zero value is ready to use.
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

// clear empties the cache, after the person has changed something.
func (d *detailCache) clear() { d.put("", engine.Detail{}, time.Time{}) }
