package disk

// Source is a file of another torrent that may have the same bytes as one here. The zero Source is none.
type Source struct {
	Torrent *Torrent
	File    int
}

// Take makes up a piece from verified bytes of other torrents' files and keeps it if right says that it is the piece:
// nobody need be asked for it then. from has a source for each file of the layout, as long as the file. buf is for the
// piece's bytes and at least as long. It reports whether the piece is complete now; an error is one of writing.
func (t *Torrent) Take(piece int, from []Source, buf []byte, right func([]byte) bool) (bool, error) {
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
