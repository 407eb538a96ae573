package markup

import (
	"bytes"
	"io"
)

// Stream rewrites a file while it is written to it. It keeps incomplete tokens, such as an unfinished tag, until more
// is written.
type Stream struct {
	scanner   *Scanner
	out       io.Writer
	pending   []byte
	editsDone int // how many of the scanner's edits were applied
}

// NewStream returns a Stream that writes to out. The caller must close it after the last byte.
func NewStream(scanner *Scanner, out io.Writer) *Stream {
	return &Stream{scanner: scanner, out: out}
}

// Write implements io.Writer.
func (s *Stream) Write(p []byte) (int, error) {
	data := p
	if len(s.pending) > 0 {
		s.pending = append(s.pending, p...)
		data = s.pending
	}
	rest, err := s.process(data, false)
	if len(s.pending) > 0 {
		s.pending = s.pending[:copy(s.pending, rest)]
	} else {
		s.pending = bytes.Clone(rest)
	}
	return len(p), err
}

// Close writes the rest. It does not close the underlying writer.
func (s *Stream) Close() error {
	_, err := s.process(s.pending, true)
	s.pending = nil
	return err
}

// process scans data, writes what is complete, and returns the rest.
func (s *Stream) process(data []byte, final bool) (rest []byte, err error) {
	base := s.scanner.base
	done := s.scanner.advance(data, final)
	at := int64(0)
	for _, e := range s.scanner.edits[s.editsDone:] {
		offset := e.Offset - base
		if _, err := s.out.Write(data[at:offset]); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(s.out, e.Text); err != nil {
			return nil, err
		}
		at = offset + int64(e.Length)
	}
	s.editsDone = len(s.scanner.edits)
	_, err = s.out.Write(data[at:done])
	return data[done:], err
}
