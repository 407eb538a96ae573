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

// Response is an http.ResponseWriter that delays status and headers until the first byte of the file. Until then, the
// response can be replaced by a loading page or a 504. It also counts what is sent.
type Response struct {
	writer  http.ResponseWriter
	isHead  bool
	buffers *sync.Pool
	start   time.Time
	conn    *conn // nil in tests without a connection

	// source is the file that is sent; nil for generated pages, which are sent at once.
	source *source
	// statusOverride replaces a status of 200; 0 for none.
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

// NewResponse returns the Response to a request.
func (s *Server) NewResponse(w http.ResponseWriter, r *http.Request) *Response {
	resp := &Response{writer: w, isHead: r.Method == http.MethodHead, buffers: &s.buffers, start: time.Now()}
	resp.conn, _ = r.Context().Value(connKey{}).(*conn)
	return resp
}

// Header implements http.ResponseWriter.
func (resp *Response) Header() http.Header { return resp.writer.Header() }

// WriteHeader implements http.ResponseWriter.
func (resp *Response) WriteHeader(status int) {
	resp.status = status
	if resp.source == nil {
		resp.send()
	}
}

// Write implements http.ResponseWriter.
func (resp *Response) Write(p []byte) (int, error) {
	if !resp.sent {
		if resp.source != nil && !resp.source.hasData.Load() {
			resp.pending = append(resp.pending, p...)
			return len(p), nil
		}
		resp.sniffType(p)
		resp.send()
		if err := resp.flushPending(); err != nil {
			return 0, err
		}
	}
	n, err := resp.writer.Write(p)
	resp.bytes += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom, which http.ServeContent uses. A short read means that the rest has not arrived
// yet, so what is here is flushed first.
func (resp *Response) ReadFrom(r io.Reader) (int64, error) {
	if n, sent, err := resp.sendFile(r); sent {
		return n, err
	}
	buf := resp.buffers.Get().(*[]byte)
	defer resp.buffers.Put(buf)
	var total int64
	for {
		n, err := r.Read(*buf)
		if n > 0 {
			written, werr := resp.Write((*buf)[:n])
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
		case n < len(*buf) && resp.sent && !exhausted(r):
			if err := resp.flush(); err != nil {
				return total, err
			}
		}
	}
}

// maxWholeBody is the maximum size of a body that is sent in one write with its header, in bytes.
const maxWholeBody = maxBuffered - 4<<10

// sendWhole sends a file that is complete and small in one write with its header. sent is false if that is not
// possible.
func (resp *Response) sendWhole(l *io.LimitedReader) (n int64, sent bool, err error) {
	src, ok := l.R.(*source)
	if !ok || resp.sent || resp.conn == nil || l.N > maxWholeBody || !src.complete() {
		return 0, false, nil
	}
	buf := resp.buffers.Get().(*[]byte)
	defer resp.buffers.Put(buf)
	body := (*buf)[:l.N]
	if _, err := io.ReadFull(src, body); err != nil {
		return 0, true, err
	}
	l.N = 0
	resp.conn.startBuffering()
	written, err := resp.Write(body)
	return int64(written), true, err
}

// FlushBuffered flushes what was buffered. It is called when everything else is done, since the client sees the end of
// the response then.
func (resp *Response) FlushBuffered() {
	if resp.conn != nil && resp.conn.buffering {
		_ = resp.flush() // An error means that the client is gone.
		_ = resp.conn.flushBuffer()
	}
}

// flush flushes the response if its header was sent.
func (resp *Response) flush() error {
	if !resp.sent {
		return nil
	}
	return http.NewResponseController(resp.writer).Flush()
}

// minSection is the minimum number of bytes for which the system sends a file.
const minSection = 64 << 10

// sendFile has the system send the part of a complete file that r is limited to, if possible; sent reports whether the
// body was sent in one way or another.
func (resp *Response) sendFile(r io.Reader) (n int64, sent bool, err error) {
	l, ok := r.(*io.LimitedReader)
	if !ok {
		return 0, false, nil
	}
	if page, ok := l.R.(*rewrittenPage); ok {
		return resp.sendPage(l, page)
	}
	if l.N < minSection || resp.conn == nil || resp.sniff != nil && !resp.sent {
		return resp.sendWhole(l)
	}
	src, isFile := l.R.(*source)
	to, canSend := resp.writer.(io.ReaderFrom)
	if !isFile || !canSend {
		return 0, false, nil
	}
	part, ok := src.section(l.N)
	if !ok {
		return 0, false, nil
	}
	defer part.file.Close()
	if !resp.sent {
		resp.send()
	}
	// After its header was flushed, net/http passes the whole body to the connection.
	if err := resp.flush(); err != nil {
		return 0, true, err
	}
	n, err = to.ReadFrom(part)
	resp.bytes += n
	l.N -= n
	return n, true, err
}

// sendPage sends the part of a rewritten page that l is limited to, if the page can be kept in memory.
func (resp *Response) sendPage(l *io.LimitedReader, page *rewrittenPage) (n int64, sent bool, err error) {
	part, err := page.nextBytes(l.N)
	if part == nil {
		return 0, err != nil, err
	}
	l.N = 0
	resp.source.hasData.Store(true)
	if !resp.sent && resp.conn != nil && len(part) <= maxWholeBody {
		resp.conn.startBuffering()
	}
	for len(part) > 0 && err == nil {
		var m int
		m, err = resp.Write(part[:min(len(part), sendPortion/2)])
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
func (resp *Response) finish(err error) error {
	if resp.sent {
		return nil
	}
	if err == nil {
		err = resp.source.err
	}
	if err != nil {
		resp.source, resp.status, resp.statusOverride, resp.pending, resp.noRanges, resp.charset = nil, 0, 0, nil, false, ""
		for _, k := range []string{
			"Accept-Ranges", "Cache-Control", "Content-Encoding", "Content-Length", "Content-Range",
			"Content-Type", "Etag", "Vary",
		} {
			resp.Header().Del(k)
		}
		return err
	}
	if resp.isHead && resp.sniff != nil {
		// HEAD reads no data, and no type is better than a wrong one.
		resp.Header().Del("Content-Type")
	}
	resp.send()
	return resp.flushPending()
}

func (resp *Response) send() {
	resp.sent, resp.firstByteAt = true, time.Now()
	if resp.source != nil {
		resp.source.waitCtx.firstByteSent()
	}
	if resp.status == http.StatusOK && resp.statusOverride != 0 {
		resp.status = resp.statusOverride
	}
	h := resp.Header()
	if ctype := h.Get("Content-Type"); resp.charset != "" && takesCharset(ctype) {
		base, _, _ := strings.Cut(ctype, ";")
		h.Set("Content-Type", base+"; charset="+resp.charset)
	}
	if resp.noRanges {
		h.Set("Accept-Ranges", "none")
	}
	if resp.status == http.StatusRequestedRangeNotSatisfiable && h.Get("Content-Range") == "" {
		// http.ServeContent omits it for a malformed range.
		h.Set("Content-Range", "bytes */"+strconv.FormatInt(resp.source.size, 10))
	}
	resp.writer.WriteHeader(resp.status)
}

func (resp *Response) flushPending() error {
	n, err := resp.writer.Write(resp.pending)
	resp.bytes += int64(n)
	resp.pending = nil
	return err
}

// sniffType determines the type if p is the beginning of the file, and long enough.
func (resp *Response) sniffType(p []byte) {
	if resp.sniff == nil || int64(len(p)) < min(resp.source.size, sniffLen) {
		return
	}
	h := resp.Header()
	if resp.status == http.StatusOK || strings.HasPrefix(h.Get("Content-Range"), "bytes 0-") {
		h.Set("Content-Type", resp.sniff(p[:min(len(p), sniffLen)]))
	}
}

// RequestRecord returns the request with its result, for the site's statistics.
func (resp *Response) RequestRecord(r *http.Request) engine.Request {
	path := r.URL.Path
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	now := time.Now()
	if !resp.sent {
		resp.firstByteAt = now
	}
	return engine.Request{
		At: engine.At(resp.start), Method: r.Method, Path: engine.Clean(path), Page: pageOf(r), Status: resp.status,
		Bytes: resp.bytes,
		Cut:   resp.sent && resp.source != nil && resp.source.failure() != nil && r.Context().Err() == nil,
		Wait:  resp.firstByteAt.Sub(resp.start).Nanoseconds(), Took: now.Sub(resp.start).Nanoseconds(),
	}
}
