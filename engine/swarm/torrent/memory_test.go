package torrent

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// memory is Data in memory.
type memory struct {
	layout wire.Layout

	mu         sync.Mutex
	bytes      []byte
	done       []bool
	onComplete func(piece int)
}

func newMemory(s *site, whole bool) *memory {
	m := &memory{layout: s.layout, bytes: make([]byte, s.layout.Size), done: make([]bool, s.layout.Pieces)}
	if whole {
		copy(m.bytes, s.bytes)
		for i := range m.done {
			m.done[i] = true
		}
	}
	return m
}

var errNotHere = errors.New("not here")

// ReadAt, and what follows, implement Data.
func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := off / m.layout.PieceLength; i*m.layout.PieceLength < off+int64(len(p)); i++ {
		if !m.done[i] {
			return 0, errNotHere
		}
	}
	return copy(p, m.bytes[off:]), nil
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return copy(m.bytes[off:], p), nil
}

func (m *memory) CopyPiece(w io.Writer, piece int) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	off := int64(piece) * m.layout.PieceLength
	n, err := w.Write(m.bytes[off : off+m.layout.LengthOf(piece)])
	return int64(n), err
}

func (m *memory) Piece(piece int) (done, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done[piece], true
}

func (m *memory) Complete(piece int) {
	m.mu.Lock()
	m.done[piece] = true
	tell := m.onComplete
	m.mu.Unlock()
	if tell != nil {
		tell(piece)
	}
}

func (m *memory) Incomplete(piece int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[piece] = false
}

// OnComplete sets the function that is called for each piece that becomes complete.
func (m *memory) OnComplete(f func(piece int)) { m.onComplete = f }

// brokenMemory is memory whose writes fail while it is broken.
type brokenMemory struct {
	*memory
	broken atomic.Bool
}

func (m *brokenMemory) WriteAt(p []byte, off int64) (int, error) {
	if m.broken.Load() {
		return 0, errBroken
	}
	return m.memory.WriteAt(p, off)
}
