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

// source is the io.ReadSeeker of a file for http.ServeContent. It opens the file at the first read, so that HEAD and
// 304 read nothing, and stores the first error, which http.ServeContent does not return.
type source struct {
	size    int64
	waitCtx *waitContext
	open    func() (io.ReadSeekCloser, error)
	// minFirstRead is how many bytes the first read at the file's start waits for; 0 means one.
	minFirstRead int

	// hasData is true as soon as a byte of the file was read.
	hasData atomic.Bool

	// mu guards the fields below: http.ServeContent reads a multipart body in a goroutine that may outlive it.
	mu        sync.Mutex
	rd        io.ReadSeekCloser
	pos       int64 // where the next Read begins
	readerPos int64 // position of rd
	closed    bool
	err       error // the first failure; read it after Close
}

// Seek implements io.Seeker. It only stores the position.
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
	s.readerPos = s.pos
	if n > 0 {
		s.hasData.Store(true)
	}
	s.err = err
	return n, err
}

// openAndSeek opens the file if necessary, and seeks to where the next Read begins.
func (s *source) openAndSeek() error {
	if s.rd == nil {
		rd, err := s.open()
		if err != nil {
			return err
		}
		s.rd = rd
	}
	if s.readerPos != s.pos {
		if _, err := s.rd.Seek(s.pos, io.SeekStart); err != nil {
			return fmt.Errorf("localserve: seek: %w", err)
		}
		s.readerPos = s.pos
	}
	return nil
}

func (s *source) fill(p []byte) (int, error) {
	if err := s.openAndSeek(); err != nil {
		return 0, err
	}
	enough := 1
	if s.pos == 0 {
		enough = max(1, min(len(p), s.minFirstRead))
	}
	s.waitCtx.startWait()
	n, err := io.ReadAtLeast(s.rd, p, enough)
	s.waitCtx.endWait()
	switch {
	case n >= enough:
		return n, nil
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF // The entry's size is larger than the file.
	}
	return 0, err
}

// complete reports whether the whole file is here, so that reads never wait. It opens the file if necessary.
func (s *source) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil {
		return false
	}
	if s.err = s.openAndSeek(); s.err != nil {
		return false
	}
	c, ok := s.rd.(engine.Completer)
	return ok && c.Complete()
}

// failure returns the first error of reading the file.
func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// section returns the next n bytes as a section of a file on the disk, if they are in one, and skips them. The caller
// must close the file.
func (s *source) section(n int64) (*section, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.err != nil || s.openAndSeek() != nil {
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
	s.hasData.Store(true)
	return &section{file: f, completer: d, remaining: n}, true
}

// Close cancels a read that still waits, and closes the reader.
func (s *source) Close() {
	s.waitCtx.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.rd != nil {
		_ = s.rd.Close() // It was only read.
		s.rd = nil
	}
}
