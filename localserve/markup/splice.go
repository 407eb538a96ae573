package markup

import (
	"errors"
	"fmt"
	"io"
	"sort"
)

// Splice reads a complete file with edits applied. It implements io.ReadSeeker. Each Read reads the file in large
// pieces, however many edits they contain.
type Splice struct {
	file       io.ReadSeeker
	edits      []Edit
	editStarts []int64 // offset of each edit's text in the result
	size       int64   // of the result
	pos        int64   // where the next Read begins
	filePos    int64   // position of the file; -1 if unknown
}

// NewSplice returns a Splice of a file of a size with edits, which must be sorted by offset.
func NewSplice(file io.ReadSeeker, size int64, edits []Edit) *Splice {
	s := &Splice{file: file, edits: edits, editStarts: make([]int64, len(edits)), filePos: -1}
	for i, e := range edits {
		s.editStarts[i] = e.Offset + s.size
		s.size += e.delta()
	}
	s.size += size
	return s
}

// delta returns by how much an edit makes a file longer.
func (e Edit) delta() int64 { return int64(len(e.Text) - e.Length) }

// Size returns the size of the file with its edits, in bytes.
func (s *Splice) Size() int64 { return s.size }

// Seek implements io.Seeker.
func (s *Splice) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.pos
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("markup: seek before the start of a file")
	}
	s.pos = offset
	return offset, nil
}

// Read implements io.Reader.
func (s *Splice) Read(p []byte) (n int, err error) {
	if s.pos >= s.size {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.size-s.pos)]
	for n < len(p) {
		var m int
		i := s.nextEdit()
		if i < len(s.edits) && s.editStarts[i] <= s.pos {
			m = copy(p[n:], s.edits[i].Text[s.pos-s.editStarts[i]:])
		} else if m, err = s.readEdited(p[n:], i); err != nil {
			return n, err
		}
		n += m
		s.pos += int64(m)
	}
	return n, nil
}

// nextEdit returns the index of the first edit whose text does not end before pos.
func (s *Splice) nextEdit() int {
	return sort.Search(len(s.edits), func(i int) bool { return s.editStarts[i]+int64(len(s.edits[i].Text)) > s.pos })
}

// fileOffset returns the offset in the file that corresponds to pos, which is in no edit and before edit i.
func (s *Splice) fileOffset(i int) int64 {
	if i == 0 {
		return s.pos
	}
	before := s.edits[i-1]
	return before.Offset + int64(before.Length) + s.pos - s.editStarts[i-1] - int64(len(before.Text))
}

// readEdited reads from a position that is in no edit, up to the end of p or to the next edit that does not fit in or
// makes the file shorter. It reads the file into the end of p, and then moves the bytes to their positions: a position
// is never behind bytes that were not moved yet.
func (s *Splice) readEdited(p []byte, first int) (n int, err error) {
	end, length := int64(len(p)), int64(len(p)) // of the file's bytes
	last := first
	for ; last < len(s.edits) && s.editStarts[last] < s.pos+end; last++ {
		e := s.edits[last]
		if e.delta() < 0 || s.editStarts[last]+int64(len(e.Text)) > s.pos+end {
			length -= end - (s.editStarts[last] - s.pos)
			end = s.editStarts[last] - s.pos
			break
		}
		length -= e.delta()
	}
	offset := s.fileOffset(first)
	if s.filePos != offset {
		if _, err := s.file.Seek(offset, io.SeekStart); err != nil {
			return 0, fmt.Errorf("markup: seek: %w", err)
		}
	}
	s.filePos = -1
	in := p[end-length : end]
	if _, err := io.ReadFull(s.file, in); err != nil {
		return 0, err
	}
	s.filePos = offset + length
	for _, e := range s.edits[first:last] {
		n += copy(p[n:], in[:e.Offset-offset])
		n += copy(p[n:], e.Text)
		in = in[e.Offset-offset+int64(e.Length):]
		offset = e.Offset + int64(e.Length)
	}
	n += copy(p[n:end], in)
	return n, nil
}
