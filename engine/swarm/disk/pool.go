package disk

import (
	"container/list"
	"errors"
	"io/fs"
	"os"
	"sync"
)

// fileKey names a file of a torrent.
type fileKey struct {
	infohash [20]byte
	index    int
}

// handle is an open file that is shared by all who read and write it.
type handle struct {
	*os.File
	key      fileKey
	writable bool
	refs     int
	stale    bool // closed as soon as nobody uses it
	lru      *list.Element
}

// pool holds a bounded number of files open and closes those that were not used for longest. Files in use do not count
// as candidates, so that the bound is exceeded for a moment rather than waited for.
type pool struct {
	mu   sync.Mutex
	max  int
	open map[fileKey]*handle
	idle *list.List // of *handle, most recently used first
}

func newPool(maxOpen int) *pool {
	return &pool{max: maxOpen, open: make(map[fileKey]*handle), idle: list.New()}
}

// acquire opens a file or takes the open one. Only with write is it created, and then opened for both; a file that may
// not be written can still be read.
func (p *pool) acquire(key fileKey, path string, write bool) (*handle, error) {
	return p.acquireWith(key, write, func() (*os.File, bool, error) { return open(path, write) })
}

// acquireWith is acquire for files that are opened in another way.
func (p *pool) acquireWith(key fileKey, write bool, open func() (f *os.File, writable bool, err error)) (*handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.open[key]; h != nil {
		if h.writable || !write {
			p.take(h)
			return h, nil
		}
		p.drop(h)
	}
	f, writable, err := open()
	if tooManyOpen(err) && p.idle.Len() > 0 {
		// Others took the descriptors that were meant for files: do with fewer.
		for p.idle.Len() > 0 {
			p.drop(p.idle.Back().Value.(*handle))
		}
		f, writable, err = open()
	}
	if err != nil {
		return nil, err
	}
	h := &handle{File: f, key: key, writable: writable, refs: 1}
	p.open[key] = h
	for len(p.open) > p.max && p.idle.Len() > 0 {
		p.drop(p.idle.Back().Value.(*handle))
	}
	return h, nil
}

func open(path string, write bool) (f *os.File, writable bool, err error) {
	if write {
		f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		return f, true, err
	}
	f, err = os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) || isReadOnly(err) {
		f, err = os.Open(path)
		return f, false, err
	}
	return f, true, err
}

func (p *pool) take(h *handle) {
	h.refs++
	if h.lru != nil {
		p.idle.Remove(h.lru)
		h.lru = nil
	}
}

// release gives a handle back.
func (p *pool) release(h *handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.refs--
	switch {
	case h.refs > 0:
	case h.stale:
		_ = h.Close()
	default:
		h.lru = p.idle.PushFront(h)
		for len(p.open) > p.max && p.idle.Len() > 0 {
			p.drop(p.idle.Back().Value.(*handle))
		}
	}
}

// drop closes a handle, at once or when the last user gives it back.
func (p *pool) drop(h *handle) {
	if p.open[h.key] == h {
		delete(p.open, h.key)
	}
	if h.lru != nil {
		p.idle.Remove(h.lru)
		h.lru = nil
	}
	if h.refs > 0 {
		h.stale = true
		return
	}
	// All writes were reported when they were made, and flushes are not left to Close.
	_ = h.Close()
}

// discard makes sure that the next acquire opens the file anew.
func (p *pool) discard(h *handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !h.stale {
		p.drop(h)
	}
}

// closeTorrent closes the files of one torrent.
func (p *pool) closeTorrent(infohash [20]byte, files int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if files < len(p.open) {
		for i := range files {
			if h := p.open[fileKey{infohash, i}]; h != nil {
				p.drop(h)
			}
		}
		return
	}
	for key, h := range p.open {
		if key.infohash == infohash {
			p.drop(h)
		}
	}
}

func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.open {
		p.drop(h)
	}
}
