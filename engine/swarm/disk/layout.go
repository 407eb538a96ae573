package disk

import "sort"

// Layout maps the pieces of a torrent to files.
type Layout struct {
	// PieceLength is the length of all pieces but the last one, in bytes.
	PieceLength int64
	// Pieces is the number of pieces.
	Pieces int
	// Files follow each other without a gap. The index of a file is its name on disk.
	Files []File
}

// File is the position of one file in the torrent.
type File struct {
	// Offset and Length are in bytes from the beginning of the first piece.
	Offset, Length int64
	// Hidden files (BEP 47 padding) are zeros by definition and are not on disk.
	Hidden bool
}

// segment is the part of a file that lies in a range of the torrent.
type segment struct {
	file   int
	offset int64 // in the file
	length int64
}

// PieceRange returns the offset and length of a piece.
func (l *Layout) PieceRange(piece int) (offset, length int64) {
	offset = int64(piece) * l.PieceLength
	return offset, max(0, min(l.PieceLength, l.size()-offset))
}

func (l *Layout) size() int64 {
	if len(l.Files) == 0 {
		return 0
	}
	last := l.Files[len(l.Files)-1]
	return last.Offset + last.Length
}

// allContent returns the length of all files that are not hidden.
func (l *Layout) allContent() int64 {
	var n int64
	for _, f := range l.Files {
		if !f.Hidden {
			n += f.Length
		}
	}
	return n
}

// segments returns the parts of files in a range of the torrent, in order.
func (l *Layout) segments(offset, length int64) []segment {
	end := offset + length
	var segs []segment
	i := sort.Search(len(l.Files), func(i int) bool { return l.Files[i].Offset+l.Files[i].Length > offset })
	for ; i < len(l.Files) && l.Files[i].Offset < end; i++ {
		f := l.Files[i]
		from, to := max(offset, f.Offset), min(end, f.Offset+f.Length)
		if from < to {
			segs = append(segs, segment{i, from - f.Offset, to - from})
		}
	}
	return segs
}

// pieces returns the range of pieces [first, last) that contain bytes of a file from offset on.
func (l *Layout) pieces(file int, offset int64) (first, last int) {
	f := l.Files[file]
	if offset >= f.Length || l.PieceLength == 0 {
		return 0, 0
	}
	first = int((f.Offset + offset) / l.PieceLength)
	last = int((f.Offset + f.Length + l.PieceLength - 1) / l.PieceLength)
	return first, min(last, l.Pieces)
}

// content returns how many bytes of a piece belong to files that are not hidden.
func (l *Layout) content(piece int) int64 {
	offset, length := l.PieceRange(piece)
	var n int64
	for _, s := range l.segments(offset, length) {
		if !l.Files[s.file].Hidden {
			n += s.length
		}
	}
	return n
}
