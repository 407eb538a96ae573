package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// Pending data is flushed after flushDelay, or as soon as there are flushBytes of it. What is not recorded when the power
// fails is hashed again and not fetched again, so this need not be often; each flush makes writers wait a little.
const (
	flushDelay = 2 * time.Second
	flushBytes = 512 << 20
)

// flusher is the goroutine that flushes data and records completion in batches, over all torrents.
type flusher struct {
	quit, done   chan struct{}
	wake, urgent chan struct{}

	mu      sync.Mutex
	pending map[*Torrent]struct{}
	bytes   int64
}

func startFlusher() *flusher {
	f := &flusher{
		quit: make(chan struct{}), done: make(chan struct{}),
		wake: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		pending: make(map[*Torrent]struct{}),
	}
	go f.run()
	return f
}

func (f *flusher) run() {
	defer close(f.done)
	for {
		select {
		case <-f.quit:
			f.flushAll()
			return
		case <-f.wake:
		}
		timer := time.NewTimer(flushDelay)
		select {
		case <-f.quit:
		case <-f.urgent:
		case <-timer.C:
		}
		timer.Stop()
		f.flushAll()
	}
}

func (f *flusher) stop() {
	close(f.quit)
	<-f.done
}

// add notes that a torrent has something to flush or record.
func (f *flusher) add(t *Torrent, bytes int64) {
	f.mu.Lock()
	f.pending[t] = struct{}{}
	f.bytes += bytes
	full := f.bytes >= flushBytes
	f.mu.Unlock()
	signal(f.wake)
	if full {
		signal(f.urgent)
	}
}

// urge is add for what cannot wait.
func (f *flusher) urge(t *Torrent) {
	f.add(t, 0)
	signal(f.urgent)
}

func (f *flusher) remove(t *Torrent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pending, t)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (f *flusher) flushAll() {
	f.mu.Lock()
	pending := f.pending
	f.pending = make(map[*Torrent]struct{})
	f.bytes = 0
	f.mu.Unlock()
	for t := range pending {
		t.reportDamage()
		t.flush()
	}
}

// reportDamage tells the owner which pieces are not complete any more.
func (t *Torrent) reportDamage() {
	t.mu.Lock()
	damaged, report := t.damaged, t.onDamage
	t.damaged = nil
	t.mu.Unlock()
	if len(damaged) > 0 && report != nil {
		report(damaged)
	}
}

// batch is what one flush has to do.
type batch struct {
	files    []int
	newFiles bool
	changes  map[int]bool
}

func (t *Torrent) takeBatch() batch {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.changes) == 0 {
		return batch{}
	}
	b := batch{newFiles: t.newFiles, changes: t.changes}
	for i := range t.dirty {
		b.files = append(b.files, i)
	}
	t.dirty, t.newFiles, t.changes = nil, false, nil
	return b
}

// flush makes sure that all data of complete pieces is on the disk, and then records them.
func (t *Torrent) flush() {
	t.flushing.Lock()
	defer t.flushing.Unlock()
	b := t.takeBatch()
	if len(b.changes) == 0 {
		return
	}
	if err := t.sync(b); err != nil {
		// After a failed flush nobody can tell what is on the disk. These pieces are served in this run, since they
		// were read back and are right, but they stay unrecorded and are hashed at the next start.
		t.store.opts.OnFault(t.infohash, fmt.Errorf("disk: flush: %w", err))
		for p, done := range b.changes {
			if done {
				delete(b.changes, p)
			}
		}
	}
	t.record(b, true)
	t.record(b, false)
}

func (t *Torrent) sync(b batch) error {
	for _, i := range b.files {
		if err := t.syncFile(i); err != nil {
			return err
		}
	}
	if !b.newFiles {
		return nil
	}
	return errors.Join(syncDir(t.dir), syncDir(t.store.opts.Dir))
}

func (t *Torrent) syncFile(file int) error {
	if t.place != nil {
		return nil // We have written nothing.
	}
	h, err := t.store.files.acquire(fileKey{t.infohash, file}, t.path(file), false)
	if errors.Is(err, fs.ErrNotExist) {
		t.damage(file, -1)
		return nil
	}
	if err != nil {
		return err
	}
	defer t.store.files.release(h)
	return h.Sync()
}

// record tells Completion of the pieces of a batch that are, or are not, complete, unless they changed since.
func (t *Torrent) record(b batch, done bool) {
	var pieces []int
	t.mu.Lock()
	for p, d := range b.changes {
		if d == done && (t.states[p] == complete) == done {
			pieces = append(pieces, p)
		}
	}
	t.mu.Unlock()
	if len(pieces) == 0 {
		return
	}
	slices.Sort(pieces)
	err := t.store.opts.Completion.Set(t.infohash, pieces, done)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range pieces {
		if err == nil {
			t.recorded[p] = done
		}
		t.change(p, t.states[p] == complete)
	}
	if err != nil {
		t.store.opts.OnFault(t.infohash, fmt.Errorf("disk: record finished pieces: %w", err))
	}
	if len(t.changes) > 0 && !t.closed {
		t.store.flush.add(t, 0)
	}
}

// syncDir makes the names of new files survive a power cut, on systems where folders can be flushed.
func syncDir(path string) error {
	d, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
