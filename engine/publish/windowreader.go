package publish

import (
	"errors"
	"io"
)

// windowReader reads a file in overlapping windows, so that a secret that begins in one of them is seen with
// 2·lookBack bytes before it and 2·lookAhead bytes from it on: UTF-16 has two bytes for each character.
type windowReader struct {
	from io.Reader
	buf  []byte
	n    int
	// Secrets that begin from first to before until are searched in this window, and in no other.
	first, until int
	last         bool
}

// minWindow is the minimum size of the buffer, in bytes.
const minWindow = 2*lookBack + 2*lookAhead + 1

func newWindowReader(from io.Reader, buf []byte) *windowReader {
	return &windowReader{from: from, buf: buf}
}

// next reads the next window. It returns false after the last one, or with an error.
func (w *windowReader) next() (bool, error) {
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

func (w *windowReader) text() []byte { return w.buf[:w.n] }
