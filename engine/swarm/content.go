package swarm

import (
	"context"
	"crypto/sha1"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

// content is a torrent's info dictionary and data. Both are unknown until the info dictionary is; from then on they
// stay, whether the torrent is in its swarm or not. The zero value is ready to use.
type content struct {
	meta atomic.Pointer[meta]
	data atomic.Pointer[disk.Torrent]
}

// Info implements Torrent.
func (c *content) Info() *Info {
	if m := c.meta.Load(); m != nil {
		return &m.Info
	}
	return nil
}

// isComplete reports whether everything is here.
func (c *content) isComplete() bool {
	m, data := c.meta.Load(), c.data.Load()
	return m != nil && data != nil && data.Progress().Completed == m.Size
}

// isPrivate reports whether the torrent is known to be private (BEP 27).
func (c *content) isPrivate() bool {
	m := c.meta.Load()
	return m != nil && m.Private
}

// bytesLeft returns how many bytes are missing, as announced to trackers.
func (c *content) bytesLeft() int64 {
	m, data := c.meta.Load(), c.data.Load()
	switch {
	case m == nil:
		return unknownLeft
	case data == nil:
		return m.Size
	}
	return max(0, m.Size-data.Progress().Completed)
}

// FileProgress implements Torrent. The result is in the order of Info's files.
func (c *content) FileProgress() []int64 {
	m, data := c.meta.Load(), c.data.Load()
	if m == nil || data == nil {
		return nil
	}
	all := data.FileProgress()
	progress := make([]int64, len(m.Files))
	for i, f := range m.Files {
		progress[i] = all[f.Index]
	}
	return progress
}

// VerifiedBytes implements Torrent.
func (c *content) VerifiedBytes(index int) int64 {
	m, data := c.meta.Load(), c.data.Load()
	if data == nil || index < 0 || index >= len(m.layout.Files) {
		return 0
	}
	return data.FileHave(index)
}

// FilesAtOpen implements Torrent.
func (c *content) FilesAtOpen() (state FilesState, believed bool) {
	data := c.data.Load()
	if data == nil {
		return FilesState{}, false
	}
	found, believed := data.FilesAtOpen()
	return FilesState{Stamp: found.Stamp, Newest: found.Newest}, believed
}

// StatFiles implements Torrent.
func (c *content) StatFiles(newest time.Time) (FilesState, error) {
	data := c.data.Load()
	if data == nil {
		return FilesState{}, notReady("look")
	}
	state, changed, own, err := data.StatFiles(newest)
	if err != nil {
		return FilesState{}, opError("look", engine.Unavailable, "", err)
	}
	return FilesState{Stamp: state.Stamp, Newest: state.Newest, Changed: changed, Own: own}, nil
}

// Scrub implements Torrent.
func (c *content) Scrub(ctx context.Context, piece int) (read int64, damaged int, err error) {
	m, data := c.meta.Load(), c.data.Load()
	if m == nil || data == nil {
		return 0, 0, notReady("scrub")
	}
	read, damaged, err = data.Scrub(ctx, piece, sha1.New(), m.hashes[piece*sha1.Size:(piece+1)*sha1.Size])
	if err != nil {
		err = opError("scrub", engine.Unavailable, diskAdvice(err), err)
	}
	return read, damaged, err
}

func notReady(op string) error {
	return opError(op, engine.NotReady, "the site's list of files is not known yet", nil)
}
