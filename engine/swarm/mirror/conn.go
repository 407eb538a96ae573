package mirror

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"wtptui/engine/swarm/wire"
)

// maxRedirects is how many redirects of a request are followed.
const maxRedirects = 5

// Config describes a mirror and its torrent.
type Config struct {
	// URL is an element of the torrent's url-list.
	URL string
	// Name is the torrent's name. Dir reports whether the torrent has a list of files; otherwise it is a single file.
	Name string
	Dir  bool
	// Files holds all files in the order of the torrent, padding and empty ones included. It is not modified, so
	// mirrors may share it.
	Files []File
	// Transport sends the requests, redirected ones included. It decides which addresses may be dialed.
	Transport http.RoundTripper
	UserAgent string
	// Report is called with the error of a failed request, or nil when one is answered well. It may be nil, is called
	// by many goroutines, and must not block.
	Report func(err error)
	// Log may be nil.
	Log *slog.Logger
}

// File is a file of a torrent.
type File struct {
	// Path is relative to the torrent's folder. Names are not escaped.
	Path           []string
	Offset, Length int64 // bytes
	// Padding files contain zeros and are not on the mirror (BEP 47).
	Padding bool
}

// Addr is the address of a mirror: its URL.
type Addr string

// Network implements net.Addr.
func (a Addr) Network() string { return "http" }

// String implements net.Addr.
func (a Addr) String() string { return string(a) }

// Conn is the connection to a mirror; it behaves like a peer that has everything and wants nothing. Read must be
// called from one goroutine; all other methods may be called from any. It has goroutines only while something is
// requested.
type Conn struct {
	cfg     Config
	urls    urls
	client  http.Client
	options wire.Options

	ctx     context.Context
	cancel  context.CancelCauseFunc
	workers sync.WaitGroup
	pieces  chan wire.Message // unbuffered: received blocks wait in their workers
	notify  chan struct{}     // capacity one; notified when queue.out has messages

	mu     sync.Mutex
	queue  queue
	closed bool
	timer  *time.Timer // calls tick; nil until something was due
}

// New returns a mirror. An invalid URL makes Read fail.
func New(cfg Config) *Conn {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Report == nil {
		cfg.Report = func(error) {}
	}
	c := &Conn{
		cfg: cfg, pieces: make(chan wire.Message), notify: make(chan struct{}, 1),
		client: http.Client{Transport: cfg.Transport, CheckRedirect: checkRedirect},
		queue:  queue{content: content{files: cfg.Files}, limit: maxFetches},
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	var err error
	if c.urls, err = newURLs(cfg.URL, cfg.Name, cfg.Dir); err != nil {
		c.closeWith(err)
	}
	return c
}

func checkRedirect(_ *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	return nil
}

// Theirs returns a handshake with the fast extension, and an ID that depends on the URL only.
func (c *Conn) Theirs() wire.Handshake {
	h := wire.Handshake{Fast: true}
	sum := sha256.Sum256([]byte(c.cfg.URL))
	copy(h.PeerID[copy(h.PeerID[:], "-WS0000-"):], sum[:])
	return h
}

// Obfuscated returns false.
func (c *Conn) Obfuscated() bool { return false }

// RemoteAddr returns an Addr.
func (c *Conn) RemoteAddr() net.Addr { return Addr(c.cfg.URL) }

// Start makes Read return HaveAll and Unchoke. It must be called once, before Send.
func (c *Conn) Start(o wire.Options) {
	c.options = o
	c.update(func(q *queue) {
		q.out = append(q.out, wire.Message{Type: wire.HaveAll}, wire.Message{Type: wire.Unchoke})
		for i, f := range c.cfg.Files {
			if c.urls.dir && !f.Padding && f.Length > 0 && !isValidPath(f.Path) {
				q.health.excludeFileForever(i)
			}
		}
	})
}

// SetLayout sets the torrent's layout. Requests are rejected before.
func (c *Conn) SetLayout(l wire.Layout) {
	c.update(func(q *queue) {
		q.layout = l
		if len(q.health.files) > 0 {
			q.announcePieces()
		}
	})
}

// Read returns the next message: first HaveAll and Unchoke, then exactly one answer to each request, and changes of
// the offered pieces.
func (c *Conn) Read() (wire.Message, error) {
	for {
		if c.isClosed() {
			return wire.Message{}, context.Cause(c.ctx)
		}
		if m, ok := c.next(); ok {
			return m, nil
		}
		select {
		case m := <-c.pieces:
			return m, nil
		case <-c.notify:
		case <-c.ctx.Done():
		}
	}
}

// next returns a queued message.
func (c *Conn) next() (m wire.Message, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &c.queue.out
	if len(*out) == 0 {
		*out = nil
		return m, false
	}
	m = (*out)[0]
	(*out)[0] = wire.Message{}
	*out = (*out)[1:]
	return m, true
}

// Send queues requests and handles cancels. It never waits, and ignores all other messages.
func (c *Conn) Send(all ...wire.Message) {
	c.update(func(q *queue) {
		for _, m := range all {
			switch m.Type {
			case wire.Request:
				q.add(m.Block)
			case wire.Cancel:
				q.cancel(m.Block)
			default:
			}
		}
	})
}

// Serve does nothing and returns true: a mirror requests nothing.
func (c *Conn) Serve(wire.Block) bool { return true }

// ServeInfo does nothing and returns true.
func (c *Conn) ServeInfo(int) bool { return true }

// Unserve returns false: nothing is served.
func (c *Conn) Unserve(wire.Block) bool { return false }

// UnserveAll returns nil.
func (c *Conn) UnserveAll() []wire.Block { return nil }

// Close cancels all requests. A waiting Read returns an error.
func (c *Conn) Close() { c.closeWith(net.ErrClosed) }

func (c *Conn) closeWith(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.cancel(err)
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *Conn) isClosed() bool { return c.ctx.Err() != nil }

// Wait waits until the connection is closed and its goroutines have ended.
func (c *Conn) Wait() {
	<-c.ctx.Done()
	c.workers.Wait()
}

// update calls change, and then notifies Read, starts workers, and sets the timer as needed. It does nothing if the
// connection is closed.
func (c *Conn) update(change func(q *queue)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	q := &c.queue
	change(q)
	if len(q.out) > 0 {
		select {
		case c.notify <- struct{}{}:
		default:
		}
	}
	for i := 0; i < len(q.waiting) && q.workers < q.limit; i++ {
		q.workers++
		c.workers.Go(c.runWorker)
	}
	if q.health.changed {
		q.health.changed = false
		c.setTimer(q.health.next())
	}
}

// setTimer sets when tick is called; the zero time is never.
func (c *Conn) setTimer(at time.Time) {
	switch {
	case at.IsZero():
		if c.timer != nil {
			c.timer.Stop()
		}
	case c.timer == nil:
		c.timer = time.AfterFunc(time.Until(at), c.tick)
	default:
		c.timer.Reset(time.Until(at))
	}
}

func (c *Conn) tick() {
	c.update(func(q *queue) { q.tick(time.Now()) })
}
