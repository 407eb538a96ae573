package disk

import (
	"fmt"
	"maps"
	"slices"
)

// batch is what one flush of a torrent has to do. From begin to finish there is one of a torrent at a time, so that
// completion is recorded in the order of events.
type batch struct {
	t        *Torrent
	files    []int
	newFiles bool
	changes  map[int]bool
}

// begin takes what there is to flush and record; nil when there is nothing.
func (t *Torrent) begin() *batch {
	t.flushing.Lock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.changes) == 0 {
		t.flushing.Unlock()
		return nil
	}
	b := &batch{t: t, files: slices.Collect(maps.Keys(t.dirty)), newFiles: t.newFiles, changes: t.changes}
	t.dirty, t.newFiles, t.changes = nil, false, nil
	return b
}

// flush makes sure that all data of complete pieces is on the disk, and then records them.
func (t *Torrent) flush() {
	if b := t.begin(); b != nil {
		t.store.commit([]*batch{b})
	}
}

// finish records what a flush, which failed with err if that is not nil, has made durable.
func (b *batch) finish(err error) {
	t := b.t
	defer t.flushing.Unlock()
	if err != nil {
		t.suspectUnkept()
		t.store.opts.OnFault(t.infohash, err)
	}
	for _, done := range []bool{true, false} {
		if err := t.record(b, done); err != nil {
			t.store.opts.OnFault(t.infohash, fmt.Errorf("disk: record finished pieces: %w", err))
		}
	}
}

// record tells Completion of the pieces of a batch that are, or are not, complete, unless they changed since.
func (t *Torrent) record(b *batch, done bool) error {
	t.io.RLock() // Nothing is recorded of a torrent once it has been discarded.
	defer t.io.RUnlock()
	var pieces []int
	t.mu.Lock()
	for p, d := range b.changes {
		if _, changed := t.changes[p]; d == done && (t.states[p] == complete) == done && !changed && !t.discarded {
			pieces = append(pieces, p)
		}
	}
	t.mu.Unlock()
	if len(pieces) == 0 {
		return nil
	}
	slices.Sort(pieces)
	err := t.store.opts.Completion.Set(t.infohash, pieces, done)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range pieces {
		_, changed := t.changes[p]
		if err == nil {
			t.recorded[p] = done
		}
		if err == nil && done && t.states[p] == complete && !changed {
			t.keep(p)
		}
		t.change(p, t.states[p] == complete)
	}
	if len(t.changes) > 0 && !t.closed {
		t.store.flush.add(t, 0)
	}
	return err
}

// keep notes that a piece would survive a power cut. mu must be held, here and below.
func (t *Torrent) keep(piece int) {
	t.kept[piece] = true
	t.keptContent += t.layout.content(piece)
	delete(t.written, piece)
}

// change notes what Completion has to be told of a piece, or that it knows it already.
func (t *Torrent) change(piece int, done bool) {
	if done && t.kept[piece] || !done && !t.recorded[piece] {
		delete(t.changes, piece)
		return
	}
	if t.changes == nil {
		t.changes = make(map[int]bool)
	}
	t.changes[piece] = done
}
