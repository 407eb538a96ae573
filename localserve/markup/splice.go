package markup

import (
	"errors"
	"fmt"
	"io"
	"sort"
)

// Splice reads a file that is here as a whole with edits applied. It implements io.ReadSeeker; what is read at once is
// read from the file at once, however many edits are in it.
type Splice struct {
	file   io.ReadSeeker
	edits  []Edit
	starts []int64 // where in what is read each edit's text begins
	size   int64   // of what is read
	pos    int64   // where the next Read begins
	at     int64   // where the file is; -1 if that is not known
}

// NewSplice returns a Splice of a file of a size with edits, which are in the order of their offsets.
func NewSplice(file io.ReadSeeker, size int64, edits []Edit) *Splice {
	s := &Splice{file: file, edits: edits, starts: make([]int64, len(edits)), at: -1}
	for i, e := range edits {
		s.starts[i] = e.Offset + s.size
		s.size += e.growth()
	}
	s.size += size
	return s
}

// growth is by how much an edit makes a file longer.
func (e Edit) growth() int64 { return int64(len(e.Text) - e.Length) }

// Size returns how long the file is with its edits, in bytes.
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
		if i < len(s.edits) && s.starts[i] <= s.pos {
			m = copy(p[n:], s.edits[i].Text[s.pos-s.starts[i]:])
		} else if m, err = s.readEdited(p[n:], i); err != nil {
			return n, err
		}
		n += m
		s.pos += int64(m)
	}
	return n, nil
}

// nextEdit returns the first edit whose text is not before pos.
func (s *Splice) nextEdit() int {
	return sort.Search(len(s.edits), func(i int) bool { return s.starts[i]+int64(len(s.edits[i].Text)) > s.pos })
}

// fileOffset is where in the file pos is, which is in no edit and before edit i.
func (s *Splice) fileOffset(i int) int64 {
	if i == 0 {
		return s.pos
	}
	before := s.edits[i-1]
	return before.Offset + int64(before.Length) + s.pos - s.starts[i-1] - int64(len(before.Text))
}

// readEdited reads from a place that is in no edit, up to the end of p or to the next edit that does not fit in or
// makes the file shorter. The file's bytes are read into the end of p; from there they move to where they belong, which
// is never behind what has not moved yet.
func (s *Splice) readEdited(p []byte, first int) (n int, err error) {
	end, length := int64(len(p)), int64(len(p)) // of the file's bytes
	last := first
	for ; last < len(s.edits) && s.starts[last] < s.pos+end; last++ {
		e := s.edits[last]
		if e.growth() < 0 || s.starts[last]+int64(len(e.Text)) > s.pos+end {
			length -= end - (s.starts[last] - s.pos)
			end = s.starts[last] - s.pos
			break
		}
		length -= e.growth()
	}
	offset := s.fileOffset(first)
	if s.at != offset {
		if _, err := s.file.Seek(offset, io.SeekStart); err != nil {
			return 0, fmt.Errorf("markup: seek: %w", err)
		}
	}
	s.at = -1
	in := p[end-length : end]
	if _, err := io.ReadFull(s.file, in); err != nil {
		return 0, err
	}
	s.at = offset + length
	for _, e := range s.edits[first:last] {
		n += copy(p[n:], in[:e.Offset-offset])
		n += copy(p[n:], e.Text)
		in = in[e.Offset-offset+int64(e.Length):]
		offset = e.Offset + int64(e.Length)
	}
	n += copy(p[n:end], in)
	return n, nil
}
