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
func (t *Torrent) Found() (look Look, believed bool) { return t.look, t.believed }

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
	expected, ours := t.files.expected()
	sizes, times, err := t.files.stat()
	if err != nil {
		return Look{}, nil, false, err
	}
	after := int64(0)
	if !newest.IsZero() {
		after = newest.UnixNano()
	}
	var other []int
	for i := range sizes {
		if _, own := ours[i]; sizes[i] < expected[i] || !own && times[i] > after {
			other = append(other, i)
		}
	}
	return newLook(sizes, times), t.keptIn(other), len(ours) > 0, nil
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
		case t.lose(piece, before):
			t.files.log.Warn("a piece is not as it was on the disk any more", "folder", t.files.dir, "piece", piece, "err", err)
			return read, 1, nil
		}
	}
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
	if err := t.life.use(); err != nil {
		return err
	}
	defer t.life.done()
	return t.files.read(p, off)
}
