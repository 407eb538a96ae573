package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// readahead is how much of a file after what is read is fetched before the rest of the torrent.
const readahead = 4 << 20

// Open implements Torrent.
func (h *handle) Open(ctx context.Context, index int, _ engine.Urgency) (io.ReadSeekCloser, error) {
	m, data := h.meta.Load(), h.data.Load()
	if err := h.Err(); err != nil {
		return nil, err
	}
	if m == nil || data == nil {
		return nil, opError("open", engine.NotReady, "the site's list of files is not known yet", nil)
	}
	i, ok := slices.BinarySearchFunc(m.Files, index, func(f FileInfo, index int) int { return f.Index - index })
	if !ok {
		return nil, opError("open", engine.NotFound, fmt.Sprintf("the torrent has no file %d", index), nil)
	}
	return &fileReader{ctx: ctx, h: h, data: data, file: index, offset: m.layout.Files[index].Offset, size: m.Files[i].Size, last: -1}, nil
}

// fileReader reads verified bytes of one file: straight from the disk when all of the file is there, and through the
// library, which then fetches what is read first, when it is not. It is not safe for concurrent use.
type fileReader struct {
	ctx          context.Context
	h            *handle
	data         *disk.Torrent
	file         int
	offset, size int64
	pos          int64
	closed       bool

	// lib waits for pieces; of is the torrent it belongs to, which changes when the torrent pauses, and libPos where it
	// reads next.
	lib    torrent.Reader
	of     *torrent.Torrent
	libPos int64

	// waited counts the pieces that were not here when they were to be read, from the peers that they came from.
	waited int
	from   []string
	last   int // the piece that was counted last, -1 before
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

// readOnce reads from where the data is. retry tells that it moved: the torrent joined or left its swarm.
func (r *fileReader) readOnce(p []byte) (n int, retry bool, err error) {
	lt := r.h.lib.Load()
	if lt == nil || r.data.FileComplete(r.file) {
		n, err = r.data.ReadAt(p, r.offset+r.pos)
		if n > 0 {
			return n, false, nil
		}
		if lt == nil {
			return 0, r.h.lib.Load() != nil, r.missing(err)
		}
	}
	if r.of != lt {
		if err := awaitFiles(r.ctx, lt); err != nil {
			return 0, r.h.lib.Load() != lt && r.ctx.Err() == nil, err
		}
		r.closeLib()
		r.openLib(lt)
	}
	if r.libPos != r.pos {
		if _, err := r.lib.Seek(r.pos, io.SeekStart); err != nil {
			return 0, false, fmt.Errorf("swarm: seek: %w", err)
		}
	}
	piece := r.missingPiece()
	n, err = r.lib.Read(p)
	if piece >= 0 && piece != r.last {
		r.waited++
		r.last = piece
	}
	if piece >= 0 && n > 0 {
		r.from = r.h.origins.of(piece, r.from)
	}
	r.libPos = r.pos + int64(n)
	switch {
	case n > 0:
		return n, false, nil
	case r.ctx.Err() != nil:
		return 0, false, context.Cause(r.ctx)
	case r.h.lib.Load() != lt:
		return 0, true, nil
	}
	return 0, false, r.missing(err)
}

// missingPiece gives the piece that is read next if it is not here, else -1.
func (r *fileReader) missingPiece() int {
	p := int((r.offset + r.pos) / r.h.meta.Load().PieceLength)
	if done, _ := r.data.Piece(p); done {
		return -1
	}
	return p
}

// Waited implements Waiter.
func (r *fileReader) Waited() (pieces int, from []string) { return r.waited, r.from }

// Complete implements engine.OnDisk.
func (r *fileReader) Complete() bool { return r.data.FileComplete(r.file) }

// File implements engine.OnDisk.
func (r *fileReader) File() (*os.File, error) { return r.data.OpenFile(r.file) }

// missing says why bytes that are not here will not come.
func (r *fileReader) missing(err error) error {
	r.h.life.Lock()
	paused, dropped := r.h.paused, r.h.dropped
	r.h.life.Unlock()
	switch fault := r.h.currentFault(); {
	case dropped:
		return errDropped
	case paused:
		return opError("read", engine.Unavailable, "this part of the site is not here, and the site is paused: resume it", err)
	case fault != nil:
		return fault
	}
	return opError("read", engine.Unavailable, "this part of the site cannot be read now: try again", err)
}

func (r *fileReader) openLib(lt *torrent.Torrent) {
	r.lib, r.of, r.libPos = lt.Files()[r.file].NewReader(), lt, 0
	r.lib.SetContext(r.ctx)
	r.lib.SetReadahead(readahead)
}

func (r *fileReader) closeLib() {
	if r.lib != nil {
		_ = r.lib.Close()
	}
	r.lib, r.of = nil, nil
}

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
	r.pos = offset
	return offset, nil
}

// Close implements io.Closer. What was asked for it is not fetched first any more.
func (r *fileReader) Close() error {
	r.closed = true
	r.closeLib()
	return nil
}
