package disk

// After a failed flush nobody knows what is on the disk: the system may have dropped data that it could not write, may
// still return it to readers, and does not try again. So data that was not kept by then is neither served nor recorded
// until it has been written again and hashed from what was written.

// Rewrite must be called when the disk may work again after a failed flush. It writes all data again that may be lost,
// and returns the pieces that must be hashed then. If it returns an error, it must be called again later.
func (t *Torrent) Rewrite() (unchecked []int, err error) {
	pieces, suspect := t.piecesToRewrite()
	if !suspect {
		return nil, nil
	}
	for _, p := range pieces {
		if err := t.rewritePiece(p); err != nil {
			return nil, err
		}
	}
	t.files.markNamesUnsynced() // before any piece is complete again
	return t.markRewritten(), nil
}

// rewritePiece writes the content of a piece again. No other goroutine writes meanwhile.
func (t *Torrent) rewritePiece(piece int) error {
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for _, s := range t.layout.segments(offset, length) {
		for ; s.length > 0 && !t.layout.Files[s.file].Hidden; s = s.skip(int64(len(*buf))) {
			if err := t.life.exclusive(func() error { return t.files.rewrite(s, *buf) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// skip returns the segment without its first n bytes.
func (s segment) skip(n int64) segment {
	n = min(n, s.length)
	return segment{s.file, s.offset + n, s.length - n}
}
