package files

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// copyBuffer is the size of a piece of body that is read and written at once.
const copyBuffer = 64 << 10

// Answer is an http.ResponseWriter that delays status and headers until the first byte of the file. Until then, the
// response can be replaced by a loading page or a 504. It also counts what is sent.
type Answer struct {
	w       http.ResponseWriter
	isHead  bool
	buffers *sync.Pool
	start   time.Time
	conn    *conn // nil in tests without a connection

	// src is the file that is sent; nil for generated pages, which are sent at once.
	src *source
	// override replaces a status of 200.
	statusOverride int
	// noRanges reports whether the body differs from the file, so that ranges of it are not served.
	noRanges bool
	// sniff determines the type by the file's first bytes, if its name does not.
	sniff func(start []byte) string
	// charset is the charset that the site's owner has set for a text; empty if its bytes decide.
	charset string

	status      int
	sent        bool
	pending     []byte // what precedes the file's first byte: the head of a multipart body
	bytes       int64
	firstByteAt time.Time
}

// Answer returns the Answer to a request.
func (s *Server) Answer(w http.ResponseWriter, r *http.Request) *Answer {
	a := &Answer{w: w, isHead: r.Method == http.MethodHead, buffers: &s.buffers, start: time.Now()}
	a.conn, _ = r.Context().Value(connKey{}).(*conn)
	return a
}

// Header implements http.ResponseWriter.
func (a *Answer) Header() http.Header { return a.w.Header() }

// WriteHeader implements http.ResponseWriter.
func (a *Answer) WriteHeader(status int) {
	a.status = status
	if a.src == nil {
		a.send()
	}
}

// Write implements http.ResponseWriter.
func (a *Answer) Write(p []byte) (int, error) {
	if !a.sent {
		if a.src != nil && !a.src.hasData.Load() {
			a.pending = append(a.pending, p...)
			return len(p), nil
		}
		a.sniffType(p)
		a.send()
		if err := a.flushPending(); err != nil {
			return 0, err
		}
	}
	n, err := a.w.Write(p)
	a.bytes += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom, which http.ServeContent uses. A short read means that the rest has not arrived
// yet, so what is here is flushed first.
func (a *Answer) ReadFrom(r io.Reader) (int64, error) {
	if n, sent, err := a.sendFile(r); sent {
		return n, err
	}
	buf := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(buf)
	var total int64
	for {
		n, err := r.Read(*buf)
		if n > 0 {
			written, werr := a.Write((*buf)[:n])
			total += int64(written)
			if werr != nil {
				return total, werr
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return total, nil
		case err != nil:
			return total, err
		case n < len(*buf) && a.sent && !exhausted(r):
			if err := a.flush(); err != nil {
				return total, err
			}
		}
	}
}

// maxWholeBody is the maximum size of a body that is sent in one write with its header, in bytes.
const maxWholeBody = maxBuffered - 4<<10

// sendWhole sends a file that is complete and small in one write with its header. sent is false if that is not
// possible.
func (a *Answer) sendWhole(l *io.LimitedReader) (n int64, sent bool, err error) {
	src, ok := l.R.(*source)
	if !ok || a.sent || a.conn == nil || l.N > maxWholeBody || !src.complete() {
		return 0, false, nil
	}
	buf := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(buf)
	body := (*buf)[:l.N]
	if _, err := io.ReadFull(src, body); err != nil {
		return 0, true, err
	}
	l.N = 0
	a.conn.startBuffering()
	written, err := a.Write(body)
	return int64(written), true, err
}

// Release flushes what was buffered. It is called when everything else is done, since the client sees the end of the
// response then.
func (a *Answer) Release() {
	if a.conn != nil && a.conn.buffering {
		_ = a.flush() // An error means that the client is gone.
		_ = a.conn.flushBuffer()
	}
}

// flush flushes the response if its header was sent.
func (a *Answer) flush() error {
	if !a.sent {
		return nil
	}
	return http.NewResponseController(a.w).Flush()
}

// minSection is the minimum number of bytes for which the system sends a file.
const minSection = 64 << 10

// sendFile has the system send the part of a complete file that r is limited to, if possible; sent reports whether the
// body was sent in one way or another.
func (a *Answer) sendFile(r io.Reader) (n int64, sent bool, err error) {
	l, ok := r.(*io.LimitedReader)
	if !ok {
		return 0, false, nil
	}
	if page, ok := l.R.(*rewrittenPage); ok {
		return a.sendPage(l, page)
	}
	if l.N < minSection || a.conn == nil || a.sniff != nil && !a.sent {
		return a.sendWhole(l)
	}
	src, isFile := l.R.(*source)
	to, canSend := a.w.(io.ReaderFrom)
	if !isFile || !canSend {
		return 0, false, nil
	}
	part, ok := src.section(l.N)
	if !ok {
		return 0, false, nil
	}
	defer part.file.Close()
	if !a.sent {
		a.send()
	}
	// After its header was flushed, net/http passes the whole body to the connection.
	if err := a.flush(); err != nil {
		return 0, true, err
	}
	n, err = to.ReadFrom(part)
	a.bytes += n
	l.N -= n
	return n, true, err
}

// sendPage sends the part of a rewritten page that l is limited to, if the page can be kept in memory.
func (a *Answer) sendPage(l *io.LimitedReader, page *rewrittenPage) (n int64, sent bool, err error) {
	part, err := page.nextBytes(l.N)
	if part == nil {
		return 0, err != nil, err
	}
	l.N = 0
	a.src.hasData.Store(true)
	if !a.sent && a.conn != nil && len(part) <= maxWholeBody {
		a.conn.startBuffering()
	}
	for len(part) > 0 && err == nil {
		var m int
		m, err = a.Write(part[:min(len(part), sendPortion/2)])
		n += int64(m)
		part = part[m:]
	}
	return n, true, err
}

// exhausted reports whether a reader is known to be at its end: the last flush is left to net/http.
func exhausted(r io.Reader) bool {
	l, ok := r.(*io.LimitedReader)
	return ok && l.N <= 0
}

// finish sends a response without a body (HEAD, 304, an empty file) or without a body from the file (416). If the file
// could not be read, because of err or the error of the source, and nothing was sent yet, it resets the response and
// returns the error. If something was sent, net/http cuts the connection, since less was written than Content-Length.
func (a *Answer) finish(err error) error {
	if a.sent {
		return nil
	}
	if err == nil {
		err = a.src.err
	}
	if err != nil {
		a.src, a.status, a.statusOverride, a.pending, a.noRanges, a.charset = nil, 0, 0, nil, false, ""
		for _, k := range []string{"Accept-Ranges", "Cache-Control", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Etag", "Vary"} {
			a.Header().Del(k)
		}
		return err
	}
	if a.isHead && a.sniff != nil {
		// HEAD reads no data, and no type is better than a wrong one.
		a.Header().Del("Content-Type")
	}
	a.send()
	return a.flushPending()
}

func (a *Answer) send() {
	a.sent, a.firstByteAt = true, time.Now()
	if a.src != nil {
		a.src.waitCtx.firstByteSent()
	}
	if a.status == http.StatusOK && a.statusOverride != 0 {
		a.status = a.statusOverride
	}
	h := a.Header()
	if ctype := h.Get("Content-Type"); a.charset != "" && takesCharset(ctype) {
		base, _, _ := strings.Cut(ctype, ";")
		h.Set("Content-Type", base+"; charset="+a.charset)
	}
	if a.noRanges {
		h.Set("Accept-Ranges", "none")
	}
	if a.status == http.StatusRequestedRangeNotSatisfiable && h.Get("Content-Range") == "" {
		// http.ServeContent omits it for a malformed range.
		h.Set("Content-Range", "bytes */"+strconv.FormatInt(a.src.size, 10))
	}
	a.w.WriteHeader(a.status)
}

func (a *Answer) flushPending() error {
	n, err := a.w.Write(a.pending)
	a.bytes += int64(n)
	a.pending = nil
	return err
}

// sniffType determines the type if p is the beginning of the file, and long enough.
func (a *Answer) sniffType(p []byte) {
	if a.sniff == nil || int64(len(p)) < min(a.src.size, sniffLen) {
		return
	}
	h := a.Header()
	if a.status == http.StatusOK || strings.HasPrefix(h.Get("Content-Range"), "bytes 0-") {
		h.Set("Content-Type", a.sniff(p[:min(len(p), sniffLen)]))
	}
}

// Record returns the request with its result, for the site's statistics.
func (a *Answer) Record(r *http.Request) engine.Request {
	path := r.URL.Path
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	now := time.Now()
	if !a.sent {
		a.firstByteAt = now
	}
	return engine.Request{
		At: engine.At(a.start), Method: r.Method, Path: engine.Clean(path), Page: pageOf(r), Status: a.status, Bytes: a.bytes,
		Cut:  a.sent && a.src != nil && a.src.failure() != nil && r.Context().Err() == nil,
		Wait: a.firstByteAt.Sub(a.start).Nanoseconds(), Took: now.Sub(a.start).Nanoseconds(),
	}
}
