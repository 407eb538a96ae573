package disk

import (
	"container/list"
	"errors"
	"io/fs"
	"os"
	"sync"
)

// fileKey identifies a file of a torrent.
type fileKey struct {
	infohash [20]byte
	index    int
}

// handle is an open file that is shared by all its readers and writers.
type handle struct {
	*os.File
	key      fileKey
	writable bool
	refs     int
	stale    bool // to be closed when refs is 0
	lru      *list.Element
}

// pool keeps a limited number of files open and closes the least recently used ones. Files in use are not closed, so
// the limit may be exceeded for a moment.
type pool struct {
	mu   sync.Mutex
	max  int
	open map[fileKey]*handle
	idle *list.List // of *handle, most recently used first
}

func newPool(maxOpen int) *pool {
	return &pool{max: maxOpen, open: make(map[fileKey]*handle), idle: list.New()}
}

// acquire returns a handle for a file, opening it if needed. With write it is created if needed, and opened for
// reading and writing; a file that may not be written can still be read.
func (p *pool) acquire(key fileKey, path string, write bool) (*handle, error) {
	return p.acquireWith(key, write, func() (*os.File, bool, error) { return open(path, write) })
}

// acquireWith is like acquire, with another function to open the file.
func (p *pool) acquireWith(key fileKey, write bool, open func() (f *os.File, writable bool, err error)) (
	*handle, error,
) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.open[key]; h != nil {
		if h.writable || !write {
			p.retain(h)
			return h, nil
		}
		p.drop(h)
	}
	f, writable, err := open()
	if tooManyOpen(err) && p.idle.Len() > 0 {
		// Other parts of the process have used up the descriptors: close idle files.
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

func (p *pool) retain(h *handle) {
	h.refs++
	if h.lru != nil {
		p.idle.Remove(h.lru)
		h.lru = nil
	}
}

// release releases a handle.
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

// drop closes a handle, at once or when its last user releases it.
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
	// Errors of writes were returned by the writes, and flushing does not rely on Close.
	_ = h.Close()
}

// discard makes the next acquire open the file again.
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
