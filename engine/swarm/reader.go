package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// readahead is how many bytes of a file after the read position are fetched before the rest of the torrent.
const readahead = 4 << 20

// Open implements Torrent.
func (r *reading) Open(ctx context.Context, index int, u engine.Urgency) (io.ReadSeekCloser, error) {
	m, data := r.content.meta.Load(), r.content.data.Load()
	if err := r.readiness.Err(); err != nil {
		return nil, err
	}
	if m == nil || data == nil {
		return nil, opError("open", engine.NotReady, "the site's list of files is not known yet", nil)
	}
	i, ok := slices.BinarySearchFunc(m.Files, index, func(f FileInfo, index int) int { return f.Index - index })
	if !ok {
		return nil, opError("open", engine.NotFound, fmt.Sprintf("the torrent has no file %d", index), nil)
	}
	r.arrivals.recordRead(time.Now())
	return &fileReader{
		ctx: ctx, reading: r, meta: m, data: data, file: index, urgency: u,
		offset: m.layout.Files[index].Offset, size: m.Files[i].Size, lastWaited: -1,
	}, nil
}

// fileReader reads verified bytes of one file from the disk, and waits for missing pieces. It is not safe for
// concurrent use.
type fileReader struct {
	ctx          context.Context
	reading      *reading
	meta         *meta
	data         *disk.Torrent
	file         int
	urgency      engine.Urgency
	offset, size int64
	pos          int64
	closed       bool
	wants        readerWants

	// waited counts the pieces that were missing when they were to be read, waitedFrom holds the peers that they came
	// from.
	waited     int
	waitedFrom []string
	lastWaited int // the last counted piece, -1 before the first
	arrived    int // the piece that was waited for and whose peers are not in waitedFrom yet, plus one; 0 if none
}

var (
	_ engine.OnDisk = (*fileReader)(nil)
	_ Waiter        = (*fileReader)(nil)
)

var errReaderClosed = errors.New("swarm: the reader is closed")

// Read implements io.Reader. The error is of Kind Unavailable if missing data cannot be fetched now.
func (r *fileReader) Read(p []byte) (int, error) {
	for {
		switch {
		case r.closed:
			return 0, errReaderClosed
		case r.ctx.Err() != nil:
			return 0, context.Cause(r.ctx)
		case len(p) == 0:
			return 0, nil
		case r.pos >= r.size:
			return 0, io.EOF
		}
		p = p[:min(int64(len(p)), r.size-r.pos)]
		n, retry, err := r.readOnce(p)
		r.pos += int64(n)
		if n > 0 || !retry {
			return n, err
		}
	}
}

// readOnce reads what is here, or waits for the next piece. retry reports that the piece may be here now.
func (r *fileReader) readOnce(p []byte) (n int, retry bool, err error) {
	peers := r.reading.presence.swarm.Load()
	if n, err = r.data.ReadAt(p, r.offset+r.pos); n > 0 {
		r.recordRead(n)
		return n, false, nil
	}
	piece := r.meta.pieceAt(r.offset + r.pos)
	arrival := r.requestPiece(piece)
	// Any change from here on closes the channel.
	switch done, _ := r.data.Piece(piece); {
	case r.reading.presence.swarm.Load() != peers:
		return 0, true, nil
	case done:
		if n, err = r.data.ReadAt(p, r.offset+r.pos); n > 0 {
			r.recordRead(n)
			return n, false, nil
		}
		if done, _ = r.data.Piece(piece); !done {
			return 0, true, nil // It was damaged, and is fetched again.
		}
		return 0, false, r.reading.missingReason(err)
	case peers == nil || !r.reading.faults.allowsFetch():
		return 0, false, r.reading.missingReason(err)
	}
	if piece != r.lastWaited {
		r.waited++
		r.lastWaited = piece
	}
	r.arrived = piece + 1
	select {
	case <-arrival:
		return 0, true, nil
	case <-r.ctx.Done():
		return 0, false, context.Cause(r.ctx)
	}
}

// requestPiece has a piece and the readahead fetched. It returns a channel that is closed when something has changed.
func (r *fileReader) requestPiece(piece int) <-chan struct{} {
	arrival := r.reading.wants.waitFor(&r.wants, r.urgency, piece, r.lastReadaheadPiece())
	r.reading.updateWants()
	return arrival
}

// lastReadaheadPiece returns the last piece of the readahead.
func (r *fileReader) lastReadaheadPiece() int {
	return r.meta.pieceAt(r.offset + min(r.pos+readahead, r.size) - 1)
}

// recordRead records that n bytes were read, and moves the readahead.
func (r *fileReader) recordRead(n int) {
	if r.arrived > 0 {
		r.waitedFrom = r.reading.sources.appendPeers(r.arrived-1, r.waitedFrom)
		r.arrived = 0
	}
	ahead := r.wants.ahead
	if last := r.lastReadaheadPiece(); ahead == nil || r.meta.PieceLength*int64(last-ahead.last) < readahead/8 {
		return
	}
	r.reading.wants.setAhead(&r.wants, r.urgency, r.meta.pieceAt(r.offset+r.pos+int64(n)), r.lastReadaheadPiece())
	r.reading.updateWants()
}

// Waited implements Waiter.
func (r *fileReader) Waited() (pieces int, from []string) { return r.waited, r.waitedFrom }

// Complete implements engine.OnDisk.
func (r *fileReader) Complete() bool { return r.data.FileComplete(r.file) }

// File implements engine.OnDisk.
func (r *fileReader) File() (*os.File, error) { return r.data.OpenFile(r.file) }

// Seek implements io.Seeker.
func (r *fileReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.size
	default:
		return 0, fmt.Errorf("swarm: seek: whence %d", whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("swarm: seek: offset %d", offset)
	}
	if offset != r.pos && r.wants != (readerWants{}) {
		r.reading.wants.cancel(&r.wants)
		r.reading.updateWants()
	}
	r.pos = offset
	return offset, nil
}

// Close implements io.Closer. Pieces that the reader still waited for stay wanted for a while.
func (r *fileReader) Close() error {
	if !r.closed {
		r.closed = true
		r.reading.wants.abandon(&r.wants)
		r.reading.updateWants()
	}
	return nil
}
