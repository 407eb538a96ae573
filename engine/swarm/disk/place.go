package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Place is a folder of the user, from which a torrent is seeded without a copy. Nothing is ever written to it, nothing
// outside it is read, and a file that has changed counts as missing.
type Place struct {
	// Dir is the folder's absolute path.
	Dir string
	// Paths holds the files' paths below it, with "/" between parts, Stamps their modification times in nanoseconds
	// since 1970; both in the order of the layout.
	Paths  []string
	Stamps []int64
}

var (
	errInPlace     = errors.New("disk: the torrent is seeded in place: its files are not ours to write to")
	errFileChanged = fmt.Errorf("disk: the file is not as it was: %w", fs.ErrNotExist)
)

// place is an open Place.
type place struct {
	Place

	root *os.Root
}

// OpenPlace is like Open, for a torrent that is seeded from a folder. All of its data is unchecked at first.
func (s *Store) OpenPlace(infohash [20]byte, layout Layout, p Place) (*Torrent, error) {
	if len(p.Paths) != len(layout.Files) || len(p.Stamps) != len(layout.Files) {
		return nil, fmt.Errorf("disk: open in place: %d paths, %d times for %d files: %w", len(p.Paths), len(p.Stamps),
			len(layout.Files), os.ErrInvalid)
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("disk: open in place: %w", err)
	}
	return s.openTorrent(infohash, layout, &place{p, root}, true)
}

// length returns the length of an unchanged file, otherwise -1.
func (p *place) length(file int) int64 {
	if p.root == nil {
		return -1
	}
	info, err := p.root.Stat(filepath.FromSlash(p.Paths[file]))
	if err != nil || !p.isUnchanged(file, info) {
		return -1
	}
	return info.Size()
}

func (p *place) isUnchanged(file int, info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.ModTime().UnixNano() == p.Stamps[file]
}

// open opens a file for reading.
func (p *place) open(file int) (*os.File, error) {
	if p.root == nil {
		return nil, errFileChanged
	}
	f, err := p.root.Open(filepath.FromSlash(p.Paths[file]))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !p.isUnchanged(file, info) {
		err = errFileChanged
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// close closes the folder; p may be nil.
func (p *place) close() {
	if p != nil && p.root != nil {
		_ = p.root.Close() // It was only read.
	}
}

// Recheck checks the files of a torrent that is seeded in place: pieces of changed files are missing from then on. It
// does nothing for other torrents.
func (t *Torrent) Recheck() {
	if t.files.place == nil || t.life.use() != nil {
		return
	}
	defer t.life.done()
	for i := range t.files.place.Paths {
		if t.files.place.length(i) < 0 {
			t.files.reportShorter(i, -1)
		}
	}
}
