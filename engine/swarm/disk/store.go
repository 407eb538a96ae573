package disk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
)

// Completion records which pieces are on disk and verified; see swarm.Completion for its contract.
type Completion interface {
	Get(infohash [20]byte, piece int) (complete, known bool)
	Set(infohash [20]byte, pieces []int, complete bool) error
}

// ErrOpen reports that the data of a torrent is in use.
var ErrOpen = errors.New("disk: the torrent is open")

// Options holds the settings of a Store.
type Options struct {
	// Dir holds a folder for each torrent.
	Dir        string
	Completion Completion
	// MaxOpen limits the open files of all torrents; at least 4.
	MaxOpen int
	// OnFault is called when data could not be flushed or its completion could not be recorded. It must not block.
	OnFault func(infohash [20]byte, err error)
	// Flush, if not nil, is called instead of each flush of a file or folder, or, if all is set, of its file system;
	// flush does the work. Tests simulate failing disks and power cuts with it.
	Flush  func(f *os.File, all bool, flush func() error) error
	Logger *slog.Logger
}

// openTorrents is the set of torrents whose data is in use.
type openTorrents struct {
	mu  sync.Mutex
	all map[[20]byte]bool
}

// add returns false if the torrent is open already.
func (o *openTorrents) add(infohash [20]byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all[infohash] {
		return false
	}
	o.all[infohash] = true
	return true
}

func (o *openTorrents) remove(infohash [20]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.all, infohash)
}

// whileClosed calls rename, which renames the named folder, while nothing can open its torrent. It returns ErrOpen if
// the torrent is open.
func (o *openTorrents) whileClosed(name string, rename func() error) error {
	infohash, ok := parseInfohash(name)
	o.mu.Lock()
	defer o.mu.Unlock()
	if ok && o.all[infohash] {
		return ErrOpen
	}
	return rename()
}

// Store stores the data of many torrents. Its methods may be called from many goroutines.
type Store struct {
	opts    Options
	files   *pool
	flush   *flusher
	syncer  *syncer
	folders *folders
	open    *openTorrents
	// stopping ends when the store is closed; background counts its goroutines.
	stopping   context.Context
	stop       context.CancelFunc
	background sync.WaitGroup
}

// New creates the folder if needed, and starts the goroutines that flush data and record completion, and that continue
// interrupted deletions. Close ends them.
func New(opts Options) (*Store, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.OnFault == nil {
		opts.OnFault = func([20]byte, error) {}
	}
	s := &Store{
		opts: opts, files: newPool(max(4, opts.MaxOpen)), syncer: &syncer{hook: opts.Flush},
		open: &openTorrents{all: make(map[[20]byte]bool)},
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	if err := s.syncer.makeDir(opts.Dir); err != nil {
		return nil, fmt.Errorf("disk: make the data folder: %w", err)
	}
	var err error
	if s.syncer.volume, err = openVolume(opts.Dir); err != nil {
		return nil, fmt.Errorf("disk: open the data folder: %w", err)
	}
	s.folders = &folders{
		dir: opts.Dir, syncer: s.syncer, identity: openIdentity(opts.Dir, s.syncer, opts.Logger), open: s.open,
		log: opts.Logger, unsyncedRemoval: make(map[string]bool),
	}
	deleted := s.folders.cleanUp()
	s.flush = startFlusher(s.syncer.commit)
	if len(deleted) > 0 {
		s.background.Go(func() { s.folders.resumeDeletions(s.stopping, deleted) })
	}
	return s, nil
}

// Close flushes and records everything, and closes all files.
func (s *Store) Close() error {
	s.stop()
	s.background.Wait()
	s.flush.stop()
	s.files.closeAll()
	if s.syncer.volume != nil {
		_ = s.syncer.volume.Close() // Nothing was written through it.
	}
	return nil
}

// Identity returns 32 hex digits that were generated when the data folder was created. A folder that was copied from
// elsewhere was written under another identity.
func (s *Store) Identity() string { return s.folders.identity.id }

// WriteFolders writes State and Torrent, each unless it is nil, of folders that may not be there yet. It returns when
// all of it would survive a power cut. When it fails, each file is what it was or what it was to be, and folders that
// nothing is wrong with are written all the same: a *FoldersError says which ones are not.
func (s *Store) WriteFolders(folders []Folder) error { return s.folders.write(folders) }

// Delete removes a torrent's folder. Recorded pieces need not be reset: pieces that are not on disk are not believed.
// It returns ErrOpen while the torrent is open. See DeleteFolder.
func (s *Store) Delete(infohash [20]byte) error {
	return s.DeleteFolder(hex.EncodeToString(infohash[:]))
}

// DeleteFolder removes a folder of a torrent or host. It renames the folder first and flushes that: from then on it is
// gone, whatever happens, and New continues the deletion. If it returns an error, the folder is still there,
// unchanged. Foreign files in it stay, under the new name.
func (s *Store) DeleteFolder(name string) error { return s.folders.remove(name) }

// Open opens a torrent's data; nothing is created on disk before the first write. With verify, records are not
// trusted. It returns ErrOpen if the torrent is open already.
func (s *Store) Open(infohash [20]byte, layout Layout, verify bool) (*Torrent, error) {
	return s.openTorrent(infohash, layout, nil, verify)
}

// openTorrent opens a torrent's data. It takes ownership of p, which is nil for data in our own folder.
func (s *Store) openTorrent(infohash [20]byte, layout Layout, p *place, verify bool) (*Torrent, error) {
	if !s.open.add(infohash) {
		p.close()
		return nil, ErrOpen
	}
	t := newTorrent(s, infohash, layout, p)
	if err := t.load(verify); err != nil {
		s.open.remove(infohash)
		p.close()
		return nil, fmt.Errorf("disk: open %x: %w", infohash, err)
	}
	return t, nil
}

// Folders returns the infohashes that have a folder, whether they are open or not.
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

// Usage returns how many bytes a torrent's folder occupies on the disk; zero if there is none.
func (s *Store) Usage(infohash [20]byte) (int64, error) {
	entries, err := os.ReadDir(s.folders.path(infohash))
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
