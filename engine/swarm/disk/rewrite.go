package disk

import (
	"errors"
	"io"
	"maps"
	"slices"
)

// After a flush has failed nobody can tell what is on the disk: the system may have given up what it could not write,
// may still show it to whoever reads, and does not try again. So what was not kept by then is neither served nor
// recorded until it has been written once more and hashed from what was written.

// suspectUnkept is called when a flush has failed.
func (t *Torrent) suspectUnkept() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.suspect = true
	t.dirty = nil
	for p, s := range t.states {
		if s == complete && !t.kept[p] {
			t.doubt(p)
		}
	}
}

// doubt has a piece hashed again after Rewrite. mu must be held.
func (t *Torrent) doubt(piece int) {
	if t.states[piece] != unknown {
		t.set(piece, unknown)
	}
	t.change(piece, false)
	t.written[piece] = struct{}{}
	t.damaged = append(t.damaged, piece)
	t.store.flush.urge(t)
}

// Rewrite is called when the disk may work again after a flush has failed. It writes again all that may be lost, and
// returns the pieces that have to be hashed then. When it fails it is to be called again later.
func (t *Torrent) Rewrite() (unchecked []int, err error) {
	t.mu.Lock()
	suspect, pieces := t.suspect, slices.Sorted(maps.Keys(t.written))
	t.mu.Unlock()
	if !suspect {
		return nil, nil
	}
	for _, p := range pieces {
		if err := t.rewritePiece(p); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.suspect, t.newFiles = false, true
	for p, s := range t.states {
		if s == unknown {
			unchecked = append(unchecked, p)
		}
	}
	return unchecked, nil
}

// rewritePiece writes what the files hold of a piece in its place.
func (t *Torrent) rewritePiece(piece int) error {
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for _, s := range t.layout.segments(offset, length) {
		for ; s.length > 0 && !t.layout.Files[s.file].Hidden; s = s.skip(int64(len(*buf))) {
			if err := t.rewriteSegment(s, *buf); err != nil {
				return err
			}
		}
	}
	return nil
}

// skip returns what is behind the first n bytes.
func (s segment) skip(n int64) segment {
	n = min(n, s.length)
	return segment{s.file, s.offset + n, s.length - n}
}

// rewriteSegment does as much as there is room for in buf. Nobody else writes meanwhile.
func (t *Torrent) rewriteSegment(s segment, buf []byte) error {
	t.io.Lock()
	defer t.io.Unlock()
	if t.isClosed() {
		return errClosed
	}
	t.mu.Lock()
	s.length = min(s.length, int64(len(buf)), t.sizes[s.file]-s.offset)
	t.mu.Unlock()
	if s.length <= 0 {
		return nil // Nothing has been written there.
	}
	err := t.readFile(s, buf[:s.length])
	if errors.Is(err, io.EOF) {
		return nil // The file has become shorter, or is gone: its pieces are missing.
	}
	if err != nil {
		return err
	}
	return t.writeFile(s, buf[:s.length])
}
