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

// Answer is a http.ResponseWriter that commits itself late: status and headers go out with the first byte of the
// file. Until then the answer can still become another one, a loading page or a 504. It also keeps count.
type Answer struct {
	w       http.ResponseWriter
	head    bool
	buffers *sync.Pool
	start   time.Time
	conn    *conn // nil in tests without a connection

	// src is where a file's bytes come from; nil for pages of our own, which are there at once.
	src *source
	// override replaces a status of 200.
	override int
	// noRanges reports whether what is sent is not the file as it is: a range of it would be another one's.
	noRanges bool
	// sniff decides the type by the file's first bytes, if its name does not.
	sniff func(start []byte) string
	// charset is what a text is said to be in, instead of what its bytes tell; empty for those.
	charset string

	status  int
	sent    bool
	pending []byte // what precedes the file's first byte: the head of a multipart body
	bytes   int64
	first   time.Time
}

// Answer begins the answer to a request.
func (s *Server) Answer(w http.ResponseWriter, r *http.Request) *Answer {
	a := &Answer{w: w, head: r.Method == http.MethodHead, buffers: &s.buffers, start: time.Now()}
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
		if a.src != nil && !a.src.began.Load() {
			a.pending = append(a.pending, p...)
			return len(p), nil
		}
		a.settleType(p)
		a.send()
		if err := a.flushPending(); err != nil {
			return 0, err
		}
	}
	n, err := a.w.Write(p)
	a.bytes += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom: it is how http.ServeContent copies. A read that gives less than it could means
// that the rest is still on its way, so what is here goes out first.
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

// maxWhole is the longest body that is sent in one piece with its header, in bytes.
const maxWhole = maxHeld - 4<<10

// whole sends a file that is here, and small enough to go out at once, in one piece with its header. It reports false
// if that is not possible.
func (a *Answer) whole(l *io.LimitedReader) (n int64, sent bool, err error) {
	src, ok := l.R.(*source)
	if !ok || a.sent || a.conn == nil || l.N > maxWhole || !src.complete() {
		return 0, false, nil
	}
	buf := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(buf)
	body := (*buf)[:l.N]
	if _, err := io.ReadFull(src, body); err != nil {
		return 0, true, err
	}
	l.N = 0
	a.conn.hold()
	written, err := a.Write(body)
	return int64(written), true, err
}

// Release lets go what was held back, when all else is done: only then the client sees the end.
func (a *Answer) Release() {
	if a.conn != nil && a.conn.holding {
		_ = a.flush() // A client that is gone misses nothing.
		_ = a.conn.release()
	}
}

// flush sends what was written so far, if anything was.
func (a *Answer) flush() error {
	if !a.sent {
		return nil
	}
	return http.NewResponseController(a.w).Flush()
}

// minSection is from how many bytes on it pays to have the system send a file.
const minSection = 64 << 10

// sendFile has the system send the part of a complete file that r is limited to, if r is that.
func (a *Answer) sendFile(r io.Reader) (n int64, sent bool, err error) {
	l, ok := r.(*io.LimitedReader)
	if !ok {
		return 0, false, nil
	}
	if page, ok := l.R.(*rewritten); ok {
		return a.sendPage(l, page)
	}
	if l.N < minSection || a.conn == nil || a.sniff != nil && !a.sent {
		return a.whole(l)
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
	// With its header gone, net/http leaves all of the body to the connection.
	if err := a.flush(); err != nil {
		return 0, true, err
	}
	n, err = to.ReadFrom(part)
	a.bytes += n
	l.N -= n
	return n, true, err
}

// sendPage sends the part of a rewritten page that l is limited to, if all of that is at hand.
func (a *Answer) sendPage(l *io.LimitedReader, page *rewritten) (n int64, sent bool, err error) {
	part, err := page.next(l.N)
	if part == nil {
		return 0, err != nil, err
	}
	l.N = 0
	a.src.began.Store(true)
	if !a.sent && a.conn != nil && len(part) <= maxWhole {
		a.conn.hold()
	}
	for len(part) > 0 && err == nil {
		var m int
		m, err = a.Write(part[:min(len(part), sendPortion/2)])
		n += int64(m)
		part = part[m:]
	}
	return n, true, err
}

// exhausted reports whether a reader is known to have no more: the last flush is left to net/http.
func exhausted(r io.Reader) bool {
	l, ok := r.(*io.LimitedReader)
	return ok && l.N <= 0
}

// finish sends what has no body (HEAD, 304, an empty file) or none from the file (416). If the file could not be read,
// for err or what the source says, and nothing is sent yet, it takes everything back and returns the reason. If
// something is sent, net/http cuts the connection, as less was written than Content-Length says.
func (a *Answer) finish(err error) error {
	if a.sent {
		return nil
	}
	if err == nil {
		err = a.src.err
	}
	if err != nil {
		a.src, a.status, a.override, a.pending, a.noRanges, a.charset = nil, 0, 0, nil, false, ""
		for _, k := range []string{"Accept-Ranges", "Cache-Control", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Etag", "Vary"} {
			a.Header().Del(k)
		}
		return err
	}
	if a.head && a.sniff != nil {
		// HEAD reads no data, and no type is better than a wrong one.
		a.Header().Del("Content-Type")
	}
	a.send()
	return a.flushPending()
}

func (a *Answer) send() {
	a.sent, a.first = true, time.Now()
	if a.src != nil {
		a.src.patience.sent()
	}
	if a.status == http.StatusOK && a.override != 0 {
		a.status = a.override
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
		// For a range that nobody can make sense of, http.ServeContent leaves it out.
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

// settleType sniffs the type if p are the first bytes of the file, and enough of them.
func (a *Answer) settleType(p []byte) {
	if a.sniff == nil || int64(len(p)) < min(a.src.size, sniffLen) {
		return
	}
	h := a.Header()
	if a.status == http.StatusOK || strings.HasPrefix(h.Get("Content-Range"), "bytes 0-") {
		h.Set("Content-Type", a.sniff(p[:min(len(p), sniffLen)]))
	}
}

// Record says how the request went.
func (a *Answer) Record(r *http.Request) engine.Request {
	path := r.URL.Path
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	now := time.Now()
	if !a.sent {
		a.first = now
	}
	return engine.Request{
		At: engine.At(a.start), Method: r.Method, Path: engine.Clean(path), Page: pageOf(r), Status: a.status, Bytes: a.bytes,
		Cut:  a.sent && a.src != nil && a.src.failure() != nil && r.Context().Err() == nil,
		Wait: a.first.Sub(a.start).Nanoseconds(), Took: now.Sub(a.start).Nanoseconds(),
	}
}
