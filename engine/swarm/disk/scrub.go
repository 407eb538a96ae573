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

// FilesState is the state of a torrent's files: their lengths and modification times, not their content.
type FilesState struct {
	// Stamp is a digest of all lengths and times. It is the same on every system.
	Stamp uint64
	// Newest is the latest modification time; zero if there is no file.
	Newest time.Time
}

// FilesAtOpen returns the state of the files when the torrent was opened, and whether any piece was taken for complete
// then without being hashed, because it was recorded as complete.
func (t *Torrent) FilesAtOpen() (look FilesState, believed bool) { return t.filesAtOpen, t.believed }

// newFilesState returns the state of files with these lengths and modification times, in nanoseconds since 1970.
func newFilesState(sizes, times []int64) FilesState {
	digest, newest := fnv.New64a(), int64(0)
	var b [16]byte
	for i := range sizes {
		binary.LittleEndian.PutUint64(b[:8], uint64(sizes[i]))
		binary.LittleEndian.PutUint64(b[8:], uint64(times[i]))
		_, _ = digest.Write(b[:]) // A digest never fails.
		newest = max(newest, times[i])
	}
	look := FilesState{Stamp: digest.Sum64()}
	if newest > 0 {
		look.Newest = time.Unix(0, newest).UTC()
	}
	return look
}

// StatFiles returns the current state of the files. changed holds the kept pieces of files that were modified after
// newest, or are shorter than their minimum length, except files that were written here since the last call, as those
// of pieces that are fetched again are. own reports whether there were such files.
func (t *Torrent) StatFiles(newest time.Time) (look FilesState, changed []int, own bool, err error) {
	expected, ours := t.files.takeExpected()
	sizes, times, err := t.files.stat()
	if err != nil {
		return FilesState{}, nil, false, err
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
	return newFilesState(sizes, times), t.keptPieces(other), len(ours) > 0, nil
}

// Hash is the part of hash.Hash that is needed.
type Hash interface {
	io.Writer
	Sum(b []byte) []byte
	Reset()
}

// Scrub reads a kept piece, adds it to sum, and compares the result with want. A piece that is wrong, or that the disk
// cannot read, is missing from then on, and OnDamage's function is called. It returns how many bytes were read and how
// many pieces are lost: more than one if a file has become shorter. A piece that is not kept is not read. An error
// says nothing about the data.
func (t *Torrent) Scrub(ctx context.Context, piece int, sum Hash, want []byte) (read int64, damaged int, err error) {
	for {
		before, kept := t.isKept(piece)
		if !kept {
			return read, 0, nil
		}
		sum.Reset()
		n, err := t.readPiece(ctx, piece, sum)
		read += n
		switch {
		case err == nil && bytes.Equal(sum.Sum(nil), want):
			return read, 0, nil
		case errors.Is(err, io.EOF): // The read has marked the missing pieces.
			after, _ := t.isKept(piece)
			return read, after - before, nil
		case err != nil && !unreadable(err):
			return read, 0, err
		case t.markDamaged(piece, before):
			t.files.log.Warn("a piece is not as it was on the disk any more", "folder", t.files.dir, "piece", piece, "err", err)
			return read, 1, nil
		}
	}
}

// readPiece reads a piece in parts, so that Close need not wait for all of it.
func (t *Torrent) readPiece(ctx context.Context, piece int, w io.Writer) (n int64, err error) {
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for n < length {
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
		p := (*buf)[:min(int64(len(*buf)), length-n)]
		if err := t.readRange(p, offset+n); err != nil {
			return n, err
		}
		_, _ = w.Write(p) // A hash never fails.
		n += int64(len(p))
	}
	return n, nil
}

func (t *Torrent) readRange(p []byte, off int64) error {
	if err := t.life.use(); err != nil {
		return err
	}
	defer t.life.done()
	return t.files.read(p, off)
}
