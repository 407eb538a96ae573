package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Stage is data of a torrent that is put together here rather than fetched. Nobody sees it until Commit gives it its
// place in one step. Its methods may be called from many goroutines.
type Stage struct {
	folders *folders
	dir     string

	mu      sync.Mutex
	written map[int]struct{} // files that are not on the disk for sure
}

// Stage begins one. It has to end with Commit or Discard.
func (s *Store) Stage() (*Stage, error) {
	dir, err := os.MkdirTemp(s.opts.Dir, stagePrefix)
	if err != nil {
		return nil, fmt.Errorf("disk: stage: %w", err)
	}
	return &Stage{folders: s.folders, dir: dir, written: map[int]struct{}{}}, nil
}

func (g *Stage) path(file int) string { return filepath.Join(g.dir, strconv.Itoa(file)) }

// Put writes a file and gives its length.
func (g *Stage) Put(file int, from io.Reader) (n int64, err error) {
	f, err := g.Create(file)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(f, from)
	if err = errors.Join(err, f.Close()); err != nil {
		return n, fmt.Errorf("disk: put: %w", err)
	}
	return n, nil
}

// Create opens a file to be written to, which need not be there yet. Several goroutines may write to the same file.
func (g *Stage) Create(file int) (*os.File, error) {
	f, err := os.OpenFile(g.path(file), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("disk: put: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.written[file] = struct{}{}
	return f, nil
}

// Share takes over the data of a file that is open, which is shared until either is written to (a reflink); a hard
// link to it is never made, since whoever writes to from would write to the seed. It reports false where the file
// system cannot.
func (g *Stage) Share(file int, from *os.File) (bool, error) {
	f, err := g.Create(file)
	if err != nil {
		return false, err
	}
	shared := reflink(f, from) == nil
	if err := f.Close(); err != nil {
		return false, fmt.Errorf("disk: put: %w", err)
	}
	return shared, nil
}

// Link takes a file over from the data of another torrent without storing it
// twice where the file system can. Whoever writes to one of the two later has a copy made first (see openForWrite).
func (g *Stage) Link(file int, infohash [20]byte, from int) error {
	source := filepath.Join(g.folders.path(infohash), strconv.Itoa(from))
	if canShare && os.Link(source, g.path(file)) == nil {
		return nil
	}
	f, err := os.Open(source)
	if err != nil {
		return fmt.Errorf("disk: link: %w", err)
	}
	defer f.Close()
	_, err = g.Put(file, f)
	return err
}

// Same reports whether a file of another torrent's data has the bytes of from, and no others.
func (g *Stage) Same(infohash [20]byte, file int, from io.Reader) (bool, error) {
	f, err := os.Open(filepath.Join(g.folders.path(infohash), strconv.Itoa(file)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("disk: compare: %w", err)
	}
	defer f.Close()
	bufs := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(bufs)
	half := len(*bufs) / 2
	a, b := (*bufs)[:half], (*bufs)[half:]
	for {
		n, errA := io.ReadFull(f, a)
		m, errB := io.ReadFull(from, b)
		switch {
		case n != m || !bytes.Equal(a[:n], b[:m]):
			return false, nil
		case errA == nil && errB == nil:
		case atEnd(errA) && atEnd(errB):
			return true, nil
		case errA != nil && !atEnd(errA):
			return false, fmt.Errorf("disk: compare: %w", errA)
		default:
			return false, errB
		}
	}
}

func atEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// Open opens a file that has been put or linked, for reading.
func (g *Stage) Open(file int) (*os.File, error) { return os.Open(g.path(file)) }

// Commit makes what was staged the data of a torrent that is not open, in one step, in place of the data there was:
// state files and what is not ours stay in the folder. It returns when that would survive a power cut. ErrOpen when the
// torrent is open.
func (g *Stage) Commit(infohash [20]byte) error {
	if err := g.flush(); err != nil {
		return fmt.Errorf("disk: flush what was published: %w", err)
	}
	if err := g.folders.replace(infohash, g.dir); err != nil {
		return fmt.Errorf("disk: commit: %w", err)
	}
	return nil
}

// Discard deletes what was staged. After Commit it does nothing.
func (g *Stage) Discard() error { return os.RemoveAll(g.dir) }

func (g *Stage) flush() error {
	g.mu.Lock()
	written := g.written
	g.written = map[int]struct{}{}
	g.mu.Unlock()
	if len(written) > fewFiles && g.folders.syncer.syncAll() == nil {
		return nil
	}
	for i := range written {
		if err := g.folders.syncer.syncPath(g.path(i)); err != nil {
			return err
		}
	}
	return g.folders.syncer.syncDir(g.dir)
}
