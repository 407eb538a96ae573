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
	// stallTimeout is how long a server may send nothing.
	stallTimeout = 10 * time.Second
	// lateTimeout is how long others wait for a server of which it is not known whether it works.
	lateTimeout = 2 * time.Second
	// maxDrain is how many bytes are read in vain so that the connection can be used again, and drainTimeout for how long.
	maxDrain     = 64 << 10
	drainTimeout = time.Second
)

var errStalled = errors.New("the server sends nothing")

// work fetches until there is nothing to fetch.
func (c *Conn) work() {
	for f := c.take(); f != nil; f = c.take() {
		err := c.fetch(f)
		if err != nil && !c.hasEnded() {
			c.cfg.Log.Debug("a mirror has failed", "url", c.cfg.URL, "file", f.file, "err", err)
			c.cfg.Report(err)
		}
		f.abort(nil)
		c.update(func(q *queue) { q.ended(f, err, time.Now()) })
	}
}

// take returns the next fetch. If there is none, the worker must end.
func (c *Conn) take() (f *fetch) {
	c.update(func(q *queue) {
		if q.workers <= q.limit {
			f = q.take(c.ctx)
		}
		if f == nil {
			q.workers--
		}
	})
	return f
}

// fetch does what a fetch is for. It returns nil if nothing of it is wanted any more.
func (c *Conn) fetch(f *fetch) *fault {
	if f.file == zeros {
		c.buffer(f)
		c.deliver(f)
		return nil
	}
	b := &body{conn: c, ctx: f.ctx}
	b.stall = time.AfterFunc(stallTimeout, func() { f.abort(errStalled) })
	defer b.stall.Stop()
	late := time.AfterFunc(lateTimeout, func() { c.update(func(q *queue) { q.late(f) }) })
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
	c.update(func(q *queue) { q.responded() })
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
		c.deliver(f)
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

// buffer returns where the next part of a fetch is to be read to; nil if it is to be skipped. It reports false if
// nothing of the fetch is wanted any more.
func (c *Conn) buffer(f *fetch) (buf []byte, wanted bool) {
	c.update(func(q *queue) {
		if wanted = !f.unwanted(); wanted {
			buf = q.buffer(f)
		}
	})
	return buf, wanted
}

// deliver notes that the next part of a fetch has been read, and waits until its block, if that is complete, has been
// taken by Read.
func (c *Conn) deliver(f *fetch) {
	var m wire.Message
	complete := false
	c.update(func(q *queue) { m, complete = q.read(f) })
	if !complete {
		return
	}
	select {
	case c.pieces <- m:
	case <-c.ctx.Done():
		wire.Free(m.Data)
	}
}

// body is the body of a response, with a limited rate and a limited time without a byte.
type body struct {
	conn  *Conn
	ctx   context.Context
	src   io.Reader
	stall *time.Timer // runs while something is read
}

// read fills a buffer.
func (b *body) read(p []byte) error {
	if err := b.throttle(len(p)); err != nil {
		return err
	}
	for len(p) > 0 {
		b.stall.Reset(stallTimeout)
		n, err := b.src.Read(p)
		b.stall.Stop()
		if p = p[n:]; err != nil && len(p) > 0 {
			return err
		}
	}
	return nil
}

// skip reads what is not wanted.
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

// drain reads what remains, so that the connection can be used again. It matters to nobody if that fails.
func (b *body) drain() {
	b.stall.Reset(drainTimeout)
	_, _ = io.CopyN(io.Discard, b.src, maxDrain)
}

// throttle waits until so many bytes may be read.
func (b *body) throttle(n int) error {
	b.stall.Stop()
	for _, l := range b.conn.options.Down.Limiters() {
		if err := b.pass(l, n); err != nil {
			return err
		}
	}
	return nil
}

// pass waits until so many bytes may pass a limiter.
func (b *body) pass(l *rate.Limiter, n int) error {
	for n > 0 && l.Limit() != rate.Inf {
		some := max(1, min(n, l.Burst()))
		if l.Limit() > 0 && l.WaitN(b.ctx, some) == nil {
			n -= some
			continue
		}
		select { // Nothing may be read at all, for now.
		case <-b.ctx.Done():
			return context.Cause(b.ctx)
		case <-time.After(time.Second):
		}
	}
	return nil
}

// fault returns what follows from an error of the connection to the server; nil if that was ended from here.
func (b *body) fault(err error) *fault {
	cause := context.Cause(b.ctx)
	switch {
	case b.conn.hasEnded(), errors.Is(cause, errUnwanted):
		return nil
	case cause != nil:
		err = cause
	}
	return &fault{err: err, everywhere: true}
}
