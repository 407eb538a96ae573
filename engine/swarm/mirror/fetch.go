package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"wtptui/engine/swarm/wire"
)

const (
	// idleTimeout is how long a server may send nothing.
	idleTimeout = 10 * time.Second
	// suspectTimeout is how long requests wait for a server that has not proven yet to work.
	suspectTimeout = 2 * time.Second
	// maxDrain is how many unwanted bytes are read so that the connection can be reused, and drainTimeout for how
	// long.
	maxDrain     = 64 << 10
	drainTimeout = time.Second
)

var errIdle = errors.New("the server sends nothing")

// runWorker fetches until there is nothing to fetch.
func (c *Conn) runWorker() {
	for f := c.nextFetch(); f != nil; f = c.nextFetch() {
		err := c.fetch(f)
		if err != nil && !c.isClosed() {
			c.cfg.Log.Debug("a mirror has failed", "url", c.cfg.URL, "file", f.file, "err", err)
			c.cfg.Report(err)
		}
		f.abort(nil)
		c.update(func(q *queue) { q.finishFetch(f, err, time.Now()) })
	}
}

// nextFetch returns the next fetch. If there is none, the worker must end.
func (c *Conn) nextFetch() (f *fetch) {
	c.update(func(q *queue) {
		if q.workers <= q.limit {
			f = q.nextFetch(c.ctx)
		}
		if f == nil {
			q.workers--
		}
	})
	return f
}

// fetch executes a fetch. It returns nil if it succeeds or nothing of it is wanted any more.
func (c *Conn) fetch(f *fetch) *fault {
	if f.file == zeros {
		c.buffer(f)
		c.finishPart(f)
		return nil
	}
	b := &body{conn: c, ctx: f.ctx}
	b.idleTimer = time.AfterFunc(idleTimeout, func() { f.abort(errIdle) })
	defer b.idleTimer.Stop()
	late := time.AfterFunc(suspectTimeout, func() { c.update(func(q *queue) { q.handleLate(f) }) })
	defer late.Stop()

	resp, err := c.get(f)
	if err != nil {
		return b.fault(err)
	}
	defer func() { _ = resp.Body.Close() }()
	late.Stop()
	file := &c.cfg.Files[f.file]
	skip, wrong := checkResponse(resp, f.start, f.end, file.Length, time.Now())
	if wrong != nil {
		return wrong
	}
	c.cfg.Report(nil)
	c.update(func(q *queue) { q.handleResponse() })
	b.src = resp.Body
	if err := b.skip(skip); err != nil {
		return b.fault(err)
	}
	for range f.parts {
		buf, wanted := c.buffer(f)
		if !wanted {
			return nil
		}
		if buf == nil {
			err = b.skip(int64(f.parts[f.done].length()))
		} else {
			err = b.read(buf)
		}
		if err != nil {
			return b.fault(err)
		}
		c.finishPart(f)
	}
	if resp.StatusCode == http.StatusPartialContent || file.Length-f.end <= maxDrain {
		b.drain()
	}
	return nil
}

// get sends the request.
func (c *Conn) get(f *fetch) (*http.Response, error) {
	url, ok := c.urls.file(c.cfg.Files[f.file].Path)
	if !ok {
		return nil, errors.New("no URL can name the file")
	}
	req, err := http.NewRequestWithContext(f.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", f.start, f.end-1))
	req.Header.Set("Accept-Encoding", "identity")
	if c.cfg.UserAgent != "" {
		req.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	return c.client.Do(req)
}

// buffer returns the buffer for the next part of a fetch; nil if it must be skipped. It returns false if nothing of
// the fetch is wanted any more.
func (c *Conn) buffer(f *fetch) (buf []byte, wanted bool) {
	c.update(func(q *queue) {
		if wanted = !f.isUnwanted(); wanted {
			buf = q.buffer(f)
		}
	})
	return buf, wanted
}

// finishPart records that the next part of a fetch has been read. If that completes a block, it waits until Read has
// returned it.
func (c *Conn) finishPart(f *fetch) {
	var m wire.Message
	complete := false
	c.update(func(q *queue) { m, complete = q.finishPart(f) })
	if !complete {
		return
	}
	select {
	case c.pieces <- m:
	case <-c.ctx.Done():
		wire.Free(m.Data)
	}
}

// body is the body of a response, with a limited rate and an idle timeout.
type body struct {
	conn      *Conn
	ctx       context.Context
	src       io.Reader
	idleTimer *time.Timer // runs during a read
}

// read fills a buffer.
func (b *body) read(p []byte) error {
	if err := b.throttle(len(p)); err != nil {
		return err
	}
	for len(p) > 0 {
		b.idleTimer.Reset(idleTimeout)
		n, err := b.src.Read(p)
		b.idleTimer.Stop()
		if p = p[n:]; err != nil && len(p) > 0 {
			return err
		}
	}
	return nil
}

// skip reads n unwanted bytes.
func (b *body) skip(n int64) error {
	var p []byte
	for ; n > 0; n -= int64(len(p)) {
		if p == nil {
			p = make([]byte, wire.BlockSize)
		}
		p = p[:min(int64(len(p)), n)]
		if err := b.read(p); err != nil {
			return err
		}
	}
	return nil
}

// drain reads the rest, so that the connection can be reused. Errors do not matter.
func (b *body) drain() {
	b.idleTimer.Reset(drainTimeout)
	_, _ = io.CopyN(io.Discard, b.src, maxDrain)
}

// throttle waits until n bytes may be read.
func (b *body) throttle(n int) error {
	b.idleTimer.Stop()
	for _, l := range b.conn.options.Down.Limiters() {
		if err := b.waitFor(l, n); err != nil {
			return err
		}
	}
	return nil
}

// waitFor waits until n bytes may pass a limiter.
func (b *body) waitFor(l *rate.Limiter, n int) error {
	for n > 0 && l.Limit() != rate.Inf {
		some := max(1, min(n, l.Burst()))
		if l.Limit() > 0 && l.WaitN(b.ctx, some) == nil {
			n -= some
			continue
		}
		select { // Nothing may be read for now.
		case <-b.ctx.Done():
			return context.Cause(b.ctx)
		case <-time.After(time.Second):
		}
	}
	return nil
}

// fault converts an error of the connection to the server; nil if it was canceled here.
func (b *body) fault(err error) *fault {
	cause := context.Cause(b.ctx)
	switch {
	case b.conn.isClosed(), errors.Is(cause, errUnwanted):
		return nil
	case cause != nil:
		err = cause
	}
	return &fault{err: err, everywhere: true}
}
