package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"wtptui/engine"
)

// source is the io.ReadSeeker that http.ServeContent reads a file from. It opens the file when it is first read, so
// that HEAD and 304 read nothing, and remembers why it failed, which http.ServeContent does not tell.
type source struct {
	size     int64
	patience *patience
	open     func() (io.ReadSeekCloser, error)
	// least is how many bytes the first read of the file's start waits for; 0 means one.
	least int

	// began is true as soon as a byte of the file is here.
	began atomic.Bool

	// mu guards what follows: a multipart body is read in a goroutine of http.ServeContent, which may outlive it.
	mu     sync.Mutex
	rd     io.ReadSeekCloser
	pos    int64 // where the next Read is to begin
	at     int64 // where rd is
	closed bool
	err    error // the first failure; read it after Close
}

// Seek implements io.Seeker; it moves nothing yet.
func (s *source) Seek(offset int64, whence int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += s.pos
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("localserve: seek before the start of a file")
	}
	s.pos = offset
	return offset, nil
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, fs.ErrClosed
	case s.err != nil:
		return 0, s.err
	case s.pos >= s.size:
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), s.size-s.pos)]
	n, err := s.fill(p)
	s.pos += int64(n)
	s.at = s.pos
	if n > 0 {
		s.began.Store(true)
	}
	s.err = err
	return n, err
}

// ready opens the file, and moves to where the next Read begins.
func (s *source) ready() error {
	if s.rd == nil {
		rd, err := s.open()
		if err != nil {
			return err
		}
		s.rd = rd
	}
	if s.at != s.pos {
		if _, err := s.rd.Seek(s.pos, io.SeekStart); err != nil {
			return fmt.Errorf("localserve: seek: %w", err)
		}
		s.at = s.pos
	}
	return nil
}

func (s *source) fill(p []byte) (int, error) {
	if err := s.ready(); err != nil {
		return 0, err
	}
	enough := 1
	if s.pos == 0 {
		enough = max(1, min(len(p), s.least))
	}
	s.patience.wait()
	n, err := io.ReadAtLeast(s.rd, p, enough)
	s.patience.done()
	switch {
	case n >= enough:
		return n, nil
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF // The file is longer than its reader.
	}
	return 0, err
}

// complete reports whether all of the file is here, so that reading it never waits. It opens the file if it was not.
func (s *source) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil {
		return false
	}
	if s.err = s.ready(); s.err != nil {
		return false
	}
	c, ok := s.rd.(engine.Completer)
	return ok && c.Complete()
}

// failure is why the file cannot be read; nil as long as it can.
func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// section returns the next n bytes as a section of a file on the disk, if they are in one, and counts them as read. The
// caller closes the file.
func (s *source) section(n int64) (*section, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil || s.ready() != nil {
		return nil, false
	}
	d, ok := s.rd.(engine.OnDisk)
	if !ok || !d.Complete() {
		return nil, false
	}
	f, err := d.File()
	if err != nil {
		return nil, false
	}
	if s.pos > 0 {
		if _, err := f.Seek(s.pos, io.SeekStart); err != nil {
			_ = f.Close() // It was only opened.
			return nil, false
		}
	}
	n = min(n, s.size-s.pos)
	s.pos += n
	s.began.Store(true)
	return &section{file: f, whole: d, left: n}, true
}

// Close ends a read that still waits, and gives the reader back.
func (s *source) Close() {
	s.patience.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.rd != nil {
		_ = s.rd.Close() // It was only read.
		s.rd = nil
	}
}
