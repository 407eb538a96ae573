package disk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// Completion remembers which pieces are on disk and verified; see swarm.Completion, whose contract this is.
type Completion interface {
	Get(infohash [20]byte, piece int) (complete, known bool)
	Set(infohash [20]byte, pieces []int, complete bool) error
}

// ErrOpen means that the data of a torrent is in use.
var ErrOpen = errors.New("disk: the torrent is open")

// Options say how to keep data.
type Options struct {
	// Dir holds a folder for each torrent.
	Dir        string
	Completion Completion
	// MaxOpen bounds the files held open over all torrents; at least 4.
	MaxOpen int
	// OnFault is called when data could not be flushed or its completion not be recorded. It must not block.
	OnFault func(infohash [20]byte, err error)
	// Flush, if not nil, is called instead of each flush of a file or folder, or, with all, of the file system that
	// it is on, and flush does it. Tests simulate failing disks and power cuts with it.
	Flush  func(f *os.File, all bool, flush func() error) error
	Logger *slog.Logger
}

// Store keeps the data of many torrents. Its methods may be called from many goroutines.
type Store struct {
	opts  Options
	files *pool
	flush *flusher
	// volume is what the whole file system is flushed through; nil where a system cannot. It is kept open so that no
	// error of a write is missed.
	volume *os.File

	// identity is that of the data folder; identityKept says that it is on the disk, which folders guards.
	identity     string
	identityKept bool
	// folders is held by whoever writes state files or gives folders other names. It guards fading: folders of which
	// one that they replaced was removed, and may still be there after a power cut.
	folders sync.Mutex
	fading  map[string]bool
	// stopping ends what goes on in the background; background waits for it.
	stopping   context.Context
	stop       context.CancelFunc
	background sync.WaitGroup

	mu   sync.Mutex
	open map[[20]byte]*Torrent
}

// New makes the folder and starts the goroutines that flush data and record completion, and go on with deletions that a
// kill has interrupted. Close ends them.
func New(opts Options) (*Store, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.OnFault == nil {
		opts.OnFault = func([20]byte, error) {}
	}
	s := &Store{
		opts: opts, files: newPool(max(4, opts.MaxOpen)), open: make(map[[20]byte]*Torrent), fading: map[string]bool{},
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	if err := s.makeDir(opts.Dir); err != nil {
		return nil, fmt.Errorf("disk: make the data folder: %w", err)
	}
	var err error
	if s.volume, err = openVolume(opts.Dir); err != nil {
		return nil, fmt.Errorf("disk: open the data folder: %w", err)
	}
	s.openIdentity()
	deleted := s.cleanUp()
	s.flush = startFlusher(s.commit)
	if len(deleted) > 0 {
		s.background.Go(func() { s.deleteRest(deleted) })
	}
	return s, nil
}

// Close flushes and records everything, and closes all files.
func (s *Store) Close() error {
	s.stop()
	s.background.Wait()
	s.flush.stop()
	s.mu.Lock()
	clear(s.open)
	s.mu.Unlock()
	s.files.closeAll()
	if s.volume != nil {
		_ = s.volume.Close() // Nothing was written through it.
	}
	return nil
}

// Open gives access to a torrent's data; nothing is created on disk before the first write. With verify, nothing that
// was recorded is trusted. It fails with ErrOpen when the torrent is open already.
func (s *Store) Open(infohash [20]byte, layout Layout, verify bool) (*Torrent, error) {
	return s.openTorrent(infohash, layout, nil, verify)
}

// openTorrent takes over p, which is nil for data in our own folder.
func (s *Store) openTorrent(infohash [20]byte, layout Layout, p *place, verify bool) (*Torrent, error) {
	t := newTorrent(s, infohash, layout)
	t.place = p
	s.mu.Lock()
	if s.open[infohash] != nil {
		s.mu.Unlock()
		t.leavePlace()
		return nil, ErrOpen
	}
	s.open[infohash] = t
	s.mu.Unlock()
	if err := t.load(verify); err != nil {
		s.forget(t)
		t.leavePlace()
		return nil, fmt.Errorf("disk: open %x: %w", infohash, err)
	}
	return t, nil
}

func (s *Store) forget(t *Torrent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[t.infohash] == t {
		delete(s.open, t.infohash)
	}
}

func (s *Store) folder(infohash [20]byte) string {
	return filepath.Join(s.opts.Dir, hex.EncodeToString(infohash[:]))
}

// Folders returns the infohashes of which there is a folder, open or not.
func (s *Store) Folders() ([][20]byte, error) {
	entries, err := os.ReadDir(s.opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("disk: list folders: %w", err)
	}
	var hashes [][20]byte
	for _, e := range entries {
		if h, ok := parseInfohash(e.Name()); ok && e.IsDir() {
			hashes = append(hashes, h)
		}
	}
	return hashes, nil
}

// Usage is how many bytes a torrent's folder takes on disk; zero if there is none.
func (s *Store) Usage(infohash [20]byte) (int64, error) {
	entries, err := os.ReadDir(s.folder(infohash))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("disk: measure %x: %w", infohash, err)
	}
	var sum int64
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("disk: measure %x: %w", infohash, err)
		}
		sum += allocated(info)
	}
	return sum, nil
}
