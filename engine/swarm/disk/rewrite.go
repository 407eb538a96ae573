package disk

// After a flush has failed nobody can tell what is on the disk: the system may have given up what it could not write,
// may still show it to whoever reads, and does not try again. So what was not kept by then is neither served nor
// recorded until it has been written once more and hashed from what was written.

// Rewrite is called when the disk may work again after a flush has failed. It writes again all that may be lost, and
// returns the pieces that have to be hashed then. When it fails it is to be called again later.
func (t *Torrent) Rewrite() (unchecked []int, err error) {
	pieces, suspect := t.unsafe()
	if !suspect {
		return nil, nil
	}
	for _, p := range pieces {
		if err := t.rewritePiece(p); err != nil {
			return nil, err
		}
	}
	t.files.renew() // before any piece is complete again
	return t.rewritten(), nil
}

// rewritePiece writes what the files hold of a piece in its place. Nobody else writes meanwhile.
func (t *Torrent) rewritePiece(piece int) error {
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for _, s := range t.layout.segments(offset, length) {
		for ; s.length > 0 && !t.layout.Files[s.file].Hidden; s = s.skip(int64(len(*buf))) {
			if err := t.life.alone(func() error { return t.files.rewrite(s, *buf) }); err != nil {
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
