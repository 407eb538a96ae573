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

// readahead is how much of a file after what is read is fetched before the rest of the torrent.
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
	r.arrivals.ask(time.Now())
	return &fileReader{
		ctx: ctx, of: r, meta: m, data: data, file: index, urgency: u,
		offset: m.layout.Files[index].Offset, size: m.Files[i].Size, last: -1,
	}, nil
}

// fileReader reads verified bytes of one file from the disk, and waits for those that are not there yet. It is not safe
// for concurrent use.
type fileReader struct {
	ctx          context.Context
	of           *reading
	meta         *meta
	data         *disk.Torrent
	file         int
	urgency      engine.Urgency
	offset, size int64
	pos          int64
	closed       bool
	wishes       readerWishes

	// waited counts the pieces that were not here when they were to be read, from the peers that they came from.
	waited int
	from   []string
	last   int // the piece that was counted last, -1 before
	came   int // the piece that was waited for and whose peers are not in from yet, plus one
}

var (
	_ engine.OnDisk = (*fileReader)(nil)
	_ Waiter        = (*fileReader)(nil)
)

var errReaderClosed = errors.New("swarm: the reader is closed")

// Read implements io.Reader. It ends with Kind Unavailable when what is missing cannot be fetched now.
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

// readOnce reads what is here, or waits for the piece that comes next. retry tells that it may be here now.
func (r *fileReader) readOnce(p []byte) (n int, retry bool, err error) {
	peers := r.of.presence.peers.Load()
	if n, err = r.data.ReadAt(p, r.offset+r.pos); n > 0 {
		r.served(n)
		return n, false, nil
	}
	piece := r.meta.pieceAt(r.offset + r.pos)
	arrival := r.want(piece)
	// Whatever happens from here on is told through the channel.
	switch done, _ := r.data.Piece(piece); {
	case r.of.presence.peers.Load() != peers:
		return 0, true, nil
	case done:
		if n, err = r.data.ReadAt(p, r.offset+r.pos); n > 0 {
			r.served(n)
			return n, false, nil
		}
		if done, _ = r.data.Piece(piece); !done {
			return 0, true, nil // It was damaged, and is fetched again.
		}
		return 0, false, r.of.why(err)
	case peers == nil || !r.of.faults.mayFetch():
		return 0, false, r.of.why(err)
	}
	if piece != r.last {
		r.waited++
		r.last = piece
	}
	r.came = piece + 1
	select {
	case <-arrival:
		return 0, true, nil
	case <-r.ctx.Done():
		return 0, false, context.Cause(r.ctx)
	}
}

// want has the torrent fetch a piece, and what follows it, and returns a channel that is closed when something has
// changed.
func (r *fileReader) want(piece int) <-chan struct{} {
	arrival := r.of.wants.wait(&r.wishes, r.urgency, piece, r.lastAhead())
	r.of.tellWants()
	return arrival
}

// lastAhead is the last piece that is fetched before the reader comes to it.
func (r *fileReader) lastAhead() int {
	return r.meta.pieceAt(r.offset + min(r.pos+readahead, r.size) - 1)
}

// served notes that n bytes were read, and moves on what is fetched before the reader comes to it.
func (r *fileReader) served(n int) {
	if r.came > 0 {
		r.from = r.of.origins.of(r.came-1, r.from)
		r.came = 0
	}
	ahead := r.wishes.ahead
	if last := r.lastAhead(); ahead == nil || r.meta.PieceLength*int64(last-ahead.last) < readahead/8 {
		return
	}
	r.of.wants.follow(&r.wishes, r.urgency, r.meta.pieceAt(r.offset+r.pos+int64(n)), r.lastAhead())
	r.of.tellWants()
}

// Waited implements Waiter.
func (r *fileReader) Waited() (pieces int, from []string) { return r.waited, r.from }

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
	if offset != r.pos && r.wishes != (readerWishes{}) {
		r.of.wants.move(&r.wishes)
		r.of.tellWants()
	}
	r.pos = offset
	return offset, nil
}

// Close implements io.Closer. What the reader has waited for in vain stays wanted for a while.
func (r *fileReader) Close() error {
	if !r.closed {
		r.closed = true
		r.of.wants.leave(&r.wishes)
		r.of.tellWants()
	}
	return nil
}
