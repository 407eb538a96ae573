package markup

import (
	"bytes"
	"io"
)

// Stream rewrites a file while it is written to it. It holds back what it cannot decide on yet, as an unfinished tag.
type Stream struct {
	scanner *Scanner
	out     io.Writer
	held    []byte
	edited  int // how many of the scanner's edits have been applied
}

// NewStream returns a Stream that writes to out. The caller must Close it after the last byte.
func NewStream(scanner *Scanner, out io.Writer) *Stream {
	return &Stream{scanner: scanner, out: out}
}

// Write implements io.Writer.
func (s *Stream) Write(p []byte) (int, error) {
	data := p
	if len(s.held) > 0 {
		s.held = append(s.held, p...)
		data = s.held
	}
	rest, err := s.forward(data, false)
	if len(s.held) > 0 {
		s.held = s.held[:copy(s.held, rest)]
	} else {
		s.held = bytes.Clone(rest)
	}
	return len(p), err
}

// Close writes what was held back. It does not close what is written to.
func (s *Stream) Close() error {
	_, err := s.forward(s.held, true)
	s.held = nil
	return err
}

// forward scans data, writes what is decided on, and returns the rest.
func (s *Stream) forward(data []byte, final bool) (rest []byte, err error) {
	base := s.scanner.base
	done := s.scanner.advance(data, final)
	at := int64(0)
	for _, e := range s.scanner.edits[s.edited:] {
		offset := e.Offset - base
		if _, err := s.out.Write(data[at:offset]); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(s.out, e.Text); err != nil {
			return nil, err
		}
		at = offset + int64(e.Length)
	}
	s.edited = len(s.scanner.edits)
	_, err = s.out.Write(data[at:done])
	return data[done:], err
}
