package swarm

import (
	"fmt"
	"io"
	"os"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// Intake receives the data of a site that is being published. Nothing of it is visible, or survives a crash, before
// Commit. Its methods may be called from many goroutines. A file is identified by its index in the torrent.
type Intake interface {
	// CheckSpace returns an error of Kind Unavailable and how many bytes are missing if the disk has no space for size
	// bytes.
	CheckSpace(size int64) (missing int64, err error)
	// Create opens a file for writing, and creates it if needed.
	Create(index int) (IncomingFile, error)
	// Share clones the data of an open file, on file systems on which two files can share data until one of them is
	// written to. It returns false on all others.
	Share(index int, from *os.File) (bool, error)
	// Link adds a file of a torrent that is here, without storing it twice.
	Link(index int, infohash string, from int) error
	// Same reports whether a file of a torrent that is here has exactly the bytes of from.
	Same(infohash string, index int, from io.Reader) (bool, error)
	// Open opens a file that is here.
	Open(index int) (*os.File, error)
	// Commit makes the data that of a torrent, atomically and durably, and marks all pieces as complete: the caller
	// must have hashed them. The error is of Kind Conflict if the data of the torrent is open, because it is added and
	// was not refused.
	Commit(infohash string, pieces int) error
	// Discard deletes everything. After Commit it does nothing.
	Discard()
}

// IncomingFile is a file that is being written.
type IncomingFile interface {
	io.WriterAt
	io.Closer
}

// incoming is an IncomingFile whose errors contain advice for the user.
type incoming struct{ *os.File }

func (f incoming) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, dataError("publish", err)
}

// Intake starts receiving a site. The caller must call Commit or Discard.
func (c *Client) Intake() (Intake, error) {
	stage, err := c.store.Stage()
	if err != nil {
		return nil, dataError("publish", err)
	}
	return &intake{c: c, stage: stage}, nil
}

type intake struct {
	c     *Client
	stage *disk.Stage
}

func (in *intake) CheckSpace(size int64) (missing int64, err error) {
	free, err := in.c.guard.free(in.c.cfg.Dir)
	if err != nil || free >= size {
		return 0, nil //nolint:nilerr // Writing will fail.
	}
	msg := fmt.Sprintf("there is no room: it needs %s, and the disk has %s. Free some, or publish it in place",
		engine.Bytes(size), engine.Bytes(max(0, free)))
	return size - free, opError("publish", engine.Unavailable, msg, nil)
}

func (in *intake) Create(index int) (IncomingFile, error) {
	f, err := in.stage.Create(index)
	if err != nil {
		return nil, dataError("publish", err)
	}
	return incoming{f}, nil
}

func (in *intake) Share(index int, from *os.File) (bool, error) {
	shared, err := in.stage.Share(index, from)
	return shared, dataError("publish", err)
}

func (in *intake) Link(index int, infohash string, from int) error {
	hash, err := parseHash("publish", infohash)
	if err != nil {
		return err
	}
	return dataError("publish", in.stage.Link(index, hash, from))
}

func (in *intake) Same(infohash string, index int, from io.Reader) (bool, error) {
	hash, err := parseHash("publish", infohash)
	if err != nil {
		return false, err
	}
	same, err := in.stage.Same(hash, index, from)
	return same, dataError("publish", err)
}

func (in *intake) Open(index int) (*os.File, error) {
	f, err := in.stage.Open(index)
	return f, dataError("publish", err)
}

func (in *intake) Commit(infohash string, pieces int) error {
	hash, err := parseHash("publish", infohash)
	if err != nil {
		return err
	}
	if err := in.stage.Commit(hash); err != nil {
		return dataError("publish", err)
	}
	return dataError("publish", in.c.cfg.Completion.Set(hash, allPieces(pieces), true))
}

func (in *intake) Discard() {
	if err := in.stage.Discard(); err != nil {
		in.c.log.Warn("cannot delete unpublished data: the next start deletes it", "err", err)
	}
}
