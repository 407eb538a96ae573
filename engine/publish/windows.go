package publish

import (
	"errors"
	"io"
)

// windows reads a file in pieces that overlap, so that whatever begins in one of them is seen with 2·lookBack bytes
// before it and 2·lookAhead bytes from it on: UTF-16 has two for each.
type windows struct {
	from io.Reader
	buf  []byte
	n    int
	// first and until bound where a secret begins that is to be looked for in this window and in no other.
	first, until int
	last         bool
}

// minWindow is the least that a buffer of windows must hold, in bytes, to get on at all.
const minWindow = 2*lookBack + 2*lookAhead + 1

func newWindows(from io.Reader, buf []byte) *windows { return &windows{from: from, buf: buf} }

// next reads the next window; false after the last one, or with an error.
func (w *windows) next() (bool, error) {
	if w.last {
		return false, nil
	}
	if w.n > 0 {
		keep := w.until - 2*lookBack
		w.first = w.until - keep
		w.n = copy(w.buf, w.buf[keep:w.n])
	}
	read, err := io.ReadFull(w.from, w.buf[w.n:])
	w.n += read
	w.last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !w.last {
		return false, err
	}
	w.until = w.n
	if !w.last {
		w.until = w.n - 2*lookAhead
	}
	return true, nil
}

func (w *windows) text() []byte { return w.buf[:w.n] }
