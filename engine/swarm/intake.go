package swarm

import (
	"fmt"
	"io"
	"os"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// Intake is the data of a site that is published here, on its way in: nothing of it is seen, or survives a kill, before
// Commit. Its methods may be called from many goroutines. A file is named by its place in the torrent.
type Intake interface {
	// Room fails with Kind Unavailable when the disk has no room for so many bytes, and says how many are missing.
	Room(size int64) (missing int64, err error)
	// Create opens a file to be written to, which need not be there yet.
	Create(index int) (IncomingFile, error)
	// Share takes over the data of a file that is open, on file systems on which two files can share it until one of
	// them is written to. It reports false on all others.
	Share(index int, from *os.File) (bool, error)
	// Link takes over a file of a torrent that is here, without storing it twice.
	Link(index int, infohash string, from int) error
	// Same reports whether a file of a torrent that is here has exactly the bytes of from.
	Same(infohash string, index int, from io.Reader) (bool, error)
	// Open opens a file that is here.
	Open(index int) (*os.File, error)
	// Commit gives the data its place, in one step and for good, and says that all pieces are right: whoever calls it
	// has hashed them. Kind Conflict when the data of the torrent is open: it is joined, and was not refused.
	Commit(infohash string, pieces int) error
	// Discard deletes everything; after Commit it does nothing.
	Discard()
}

// IncomingFile is a file that is being written.
type IncomingFile interface {
	io.WriterAt
	io.Closer
}

// incoming is an IncomingFile whose errors say what to do.
type incoming struct{ *os.File }

func (f incoming) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, dataError("publish", err)
}

// Intake begins to take in a site. It has to end with Commit or Discard.
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

func (in *intake) Room(size int64) (missing int64, err error) {
	free, err := in.c.guard.free(in.c.cfg.Dir)
	if err != nil || free >= size {
		return 0, nil //nolint:nilerr // Writing will tell.
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
		in.c.log.Warn("cannot delete what was not published after all: the next start does", "err", err)
	}
}
