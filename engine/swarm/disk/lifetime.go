package disk

import (
	"fmt"
	"io/fs"
	"sync"
)

// errClosed is the error of reads and writes after Close.
var errClosed = fmt.Errorf("disk: the torrent is closed: %w", fs.ErrClosed)

// lifetime tracks whether a torrent is open. Methods that access its files or change its state hold it with use, and
// close waits for them.
type lifetime struct {
	mu        sync.RWMutex
	closed    bool
	discarded bool // nothing may be flushed or recorded any more
}

// use keeps the torrent open until done is called. It returns errClosed if the torrent is closed.
func (l *lifetime) use() error {
	l.mu.RLock()
	if l.closed {
		l.mu.RUnlock()
		return errClosed
	}
	return nil
}

// beginRecording is like use, for flushing and recording, which also happen while the torrent is being closed. If the
// torrent was discarded, ok is false, and done must not be called.
func (l *lifetime) beginRecording() (open, ok bool) {
	l.mu.RLock()
	if l.discarded {
		l.mu.RUnlock()
		return false, false
	}
	return !l.closed, true
}

func (l *lifetime) done() { l.mu.RUnlock() }

// exclusive calls f while no other goroutine uses the torrent. It returns errClosed if the torrent is closed.
func (l *lifetime) exclusive(f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	return f()
}

// close closes the torrent when no goroutine uses it any more. It returns false if it was closed before.
func (l *lifetime) close(discard bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	wasOpen := !l.closed
	l.closed, l.discarded = true, l.discarded || discard
	return wasOpen
}
