package disk

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"time"
)

// Look says how a torrent's files look: how long they are, and when they were last written. What they hold was not
// read.
type Look struct {
	// Stamp is a digest of all sizes and times, which is the same on every system.
	Stamp uint64
	// Newest is the latest of the times; zero where there is no file.
	Newest time.Time
}

// Found says how the files looked when the torrent was opened, and whether any piece was taken for complete then
// without being hashed, because it was recorded so.
func (t *Torrent) Found() (look Look, believed bool) { return t.found, t.believed }

// newLook is what files of these sizes look like that were written at these times, in nanoseconds since 1970.
func newLook(sizes, times []int64) Look {
	digest, newest := fnv.New64a(), int64(0)
	var b [16]byte
	for i := range sizes {
		binary.LittleEndian.PutUint64(b[:8], uint64(sizes[i]))
		binary.LittleEndian.PutUint64(b[8:], uint64(times[i]))
		_, _ = digest.Write(b[:]) // A digest never fails.
		newest = max(newest, times[i])
	}
	look := Look{Stamp: digest.Sum64()}
	if newest > 0 {
		look.Newest = time.Unix(0, newest).UTC()
	}
	return look
}

// Look looks at the files again. changed are the kept pieces of those that were written after newest, or are shorter
// than they have to be, unless they were written here since the last Look, as the files of pieces that were fetched
// again are; own says that there were such files.
func (t *Torrent) Look(newest time.Time) (look Look, changed []int, own bool, err error) {
	t.mu.Lock()
	expected, ours := append([]int64{}, t.sizes...), t.ours
	t.ours = nil // What is written from now on may be seen, or not.
	t.mu.Unlock()
	sizes, times, err := t.statFiles()
	if err != nil {
		return Look{}, nil, false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	after, last := int64(0), -1
	if !newest.IsZero() {
		after = newest.UnixNano()
	}
	for i := range sizes {
		if _, own := ours[i]; sizes[i] >= expected[i] && (own || times[i] <= after) {
			continue
		}
		first, end := t.layout.pieces(i, 0)
		for p := max(first, last+1); p < end; p++ {
			last = p
			if t.kept[p] {
				changed = append(changed, p)
			}
		}
	}
	return newLook(sizes, times), changed, len(ours) > 0, nil
}

// Hash is a hash.Hash.
type Hash interface {
	io.Writer
	Sum(b []byte) []byte
	Reset()
}

// Scrub reads a piece that is kept, adds it to sum, and compares the result with want. A piece that is wrong, or that
// the disk cannot read, is missing from then on, as OnDamage tells. It returns how many pieces turned out to be
// missing: more than one where a file is shorter than it was. A piece that is not kept is not read. An error says
// nothing about the data.
func (t *Torrent) Scrub(ctx context.Context, piece int, sum Hash, want []byte) (read int64, damaged int, err error) {
	for {
		before, kept := t.keptAt(piece)
		if !kept {
			return read, 0, nil
		}
		sum.Reset()
		n, err := t.readKept(ctx, piece, sum)
		read += n
		switch {
		case err == nil && bytes.Equal(sum.Sum(nil), want):
			return read, 0, nil
		case errors.Is(err, io.EOF): // The pieces that are missing were noted by whoever read.
			after, _ := t.keptAt(piece)
			return read, after - before, nil
		case err != nil && !unreadable(err):
			return read, 0, err
		case t.lose(piece, before, err):
			return read, 1, nil
		}
	}
}

// keptAt reports whether a piece is complete and kept, and how many pieces have turned out not to be complete so far.
func (t *Torrent) keptAt(piece int) (lost int, kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lost, t.states[piece] == complete && t.kept[piece]
}

// readKept reads a piece bit by bit, so that Close need not wait for all of it.
func (t *Torrent) readKept(ctx context.Context, piece int, w io.Writer) (n int64, err error) {
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for n < length {
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		p := (*buf)[:min(int64(len(*buf)), length-n)]
		if err := t.readSome(p, offset+n); err != nil {
			return n, err
		}
		_, _ = w.Write(p) // A hash never fails.
		n += int64(len(p))
	}
	return n, nil
}

func (t *Torrent) readSome(p []byte, off int64) error {
	t.io.RLock()
	defer t.io.RUnlock()
	if t.isClosed() {
		return errClosed
	}
	return t.readRaw(p, off)
}

// lose notes that a kept piece is wrong, or cannot be read because of err. It reports false, without having noted
// anything, if it may have been written anew since lost was before.
func (t *Torrent) lose(piece, before int, err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost != before || !t.kept[piece] {
		return false
	}
	t.set(piece, incomplete)
	t.change(piece, false)
	t.damaged = append(t.damaged, piece)
	t.store.opts.Logger.Warn("a piece is not as it was on the disk any more", "folder", t.dir, "piece", piece, "err", err)
	t.store.flush.urge(t)
	return true
}
