package disk

import (
	"fmt"
	"io/fs"
	"sync"
)

// errClosed is what reads and writes give after Close.
var errClosed = fmt.Errorf("disk: the torrent is closed: %w", fs.ErrClosed)

// lifetime says whether a torrent is open. Whoever touches its files, or changes what is known of them, uses it
// meanwhile, and whoever closes it waits for them.
type lifetime struct {
	mu        sync.RWMutex
	closed    bool
	discarded bool // nothing is flushed or recorded any more
}

// use keeps the torrent open until done. It fails when that is closed.
func (l *lifetime) use() error {
	l.mu.RLock()
	if l.closed {
		l.mu.RUnlock()
		return errClosed
	}
	return nil
}

// record is use for those who flush and record, as they do while the torrent is closed, too. It reports false, and done
// must not be called, when it has been discarded.
func (l *lifetime) record() (open, ok bool) {
	l.mu.RLock()
	if l.discarded {
		l.mu.RUnlock()
		return false, false
	}
	return !l.closed, true
}

func (l *lifetime) done() { l.mu.RUnlock() }

// alone calls f when nobody else uses the torrent. It fails when that is closed.
func (l *lifetime) alone(f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	return f()
}

// end closes the torrent when nobody uses it any more. It reports false if it was closed before.
func (l *lifetime) end(discard bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	wasOpen := !l.closed
	l.closed, l.discarded = true, l.discarded || discard
	return wasOpen
}
