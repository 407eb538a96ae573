package disk

// Source is a file of another torrent that may have the same bytes as a file of this one. The zero Source is none.
type Source struct {
	Torrent *Torrent
	File    int
}

// CopyFrom assembles a piece from verified bytes of other torrents' files, and writes it if right returns true. from
// holds a source, as long as the file, for each file of the layout. buf is a buffer that is at least as long as the
// piece. It reports whether the piece is complete now. An error is a write error.
func (t *Torrent) CopyFrom(piece int, from []Source, buf []byte, right func([]byte) bool) (bool, error) {
	if done, _ := t.Piece(piece); done {
		return true, nil
	}
	offset, length := t.layout.PieceRange(piece)
	buf = buf[:length]
	rest := buf
	for _, s := range t.layout.segments(offset, length) {
		part := rest[:s.length]
		rest = rest[s.length:]
		if t.layout.Files[s.file].Hidden {
			clear(part)
			continue
		}
		src := from[s.file]
		if src.Torrent == nil {
			return false, nil
		}
		if n, _ := src.Torrent.ReadAt(part, src.Torrent.layout.Files[src.File].Offset+s.offset); n < len(part) {
			return false, nil // It is not complete itself.
		}
	}
	if !right(buf) {
		return false, nil
	}
	if _, err := t.WriteAt(buf, offset); err != nil {
		return false, err
	}
	t.Complete(piece)
	return true, nil
}
