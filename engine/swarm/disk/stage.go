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

// Stage is data of a torrent that is published here, not fetched. It is invisible until Commit makes it a torrent's
// data in one step. Its methods may be called from many goroutines.
type Stage struct {
	folders *folders
	dir     string

	mu      sync.Mutex
	written map[int]struct{} // files that may not be flushed
}

// Stage creates an empty stage. The caller must call Commit or Discard.
func (s *Store) Stage() (*Stage, error) {
	dir, err := os.MkdirTemp(s.opts.Dir, stagePrefix)
	if err != nil {
		return nil, fmt.Errorf("disk: stage: %w", err)
	}
	return &Stage{folders: s.folders, dir: dir, written: map[int]struct{}{}}, nil
}

func (g *Stage) path(file int) string { return filepath.Join(g.dir, strconv.Itoa(file)) }

// Put writes a file and returns its length.
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

// Create opens a file for writing, and creates it if needed. Several goroutines may write to the same file.
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

// Share clones the data of an open file, which stays shared until either is written to (a reflink). It never makes a
// hard link, since writing to from would change the seed. It returns false if the file system cannot.
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

// Link adds a file of another torrent's data without storing it twice, where the file system can. A later write to one
// of the two copies it first (see openForWrite).
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

// Same reports whether a file of another torrent's data has exactly the bytes of from.
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

// Open opens a file of the stage for reading.
func (g *Stage) Open(file int) (*os.File, error) { return os.Open(g.path(file)) }

// Commit makes the stage the data of a torrent that is not open, in one step, replacing its data; state files and
// foreign files stay in the folder. It returns when that would survive a power cut. It returns ErrOpen if the torrent
// is open.
func (g *Stage) Commit(infohash [20]byte) error {
	if err := g.flush(); err != nil {
		return fmt.Errorf("disk: flush what was published: %w", err)
	}
	if err := g.folders.replace(infohash, g.dir); err != nil {
		return fmt.Errorf("disk: commit: %w", err)
	}
	return nil
}

// Discard deletes the stage. After Commit it does nothing.
func (g *Stage) Discard() error { return os.RemoveAll(g.dir) }

func (g *Stage) flush() error {
	g.mu.Lock()
	written := g.written
	g.written = map[int]struct{}{}
	g.mu.Unlock()
	if len(written) > maxSingleFlushes && g.folders.syncer.syncAll() == nil {
		return nil
	}
	for i := range written {
		if err := g.folders.syncer.syncPath(g.path(i)); err != nil {
			return err
		}
	}
	return g.folders.syncer.syncDir(g.dir)
}
