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

// openTorrents are the torrents whose data is in use.
type openTorrents struct {
	mu  sync.Mutex
	all map[[20]byte]bool
}

// add reports false when the torrent is open already.
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

// whileClosed calls rename, which gives the folder of that name another one, and lets nobody open its torrent meanwhile.
// It fails with ErrOpen when somebody has.
func (o *openTorrents) whileClosed(name string, rename func() error) error {
	infohash, ok := parseInfohash(name)
	o.mu.Lock()
	defer o.mu.Unlock()
	if ok && o.all[infohash] {
		return ErrOpen
	}
	return rename()
}

// Store keeps the data of many torrents. Its methods may be called from many goroutines.
type Store struct {
	opts    Options
	files   *pool
	flush   *flusher
	syncer  *syncer
	folders *folders
	open    *openTorrents
	// stopping ends what goes on in the background; background waits for it.
	stopping   context.Context
	stop       context.CancelFunc
	background sync.WaitGroup
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
		log: opts.Logger, fading: make(map[string]bool),
	}
	deleted := s.folders.cleanUp()
	s.flush = startFlusher(s.syncer.commit)
	if len(deleted) > 0 {
		s.background.Go(func() { s.folders.deleteRest(s.stopping, deleted) })
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

// Identity returns 32 hex digits that were made when the data folder was. A folder that was copied in from elsewhere
// was written under another one.
func (s *Store) Identity() string { return s.folders.identity.id }

// WriteFolders writes State and Torrent, each unless it is nil, of folders that may not be there yet. It returns when
// all of it would survive a power cut. When it fails, each file is what it was or what it was to be, and folders that
// nothing is wrong with are written all the same: a *FoldersError says which ones are not.
func (s *Store) WriteFolders(folders []Folder) error { return s.folders.write(folders) }

// Delete removes a torrent's folder. What was recorded of its pieces need not be taken back: pieces that are not on
// disk are not believed. It fails with ErrOpen while the torrent is open. See DeleteFolder.
func (s *Store) Delete(infohash [20]byte) error {
	return s.DeleteFolder(hex.EncodeToString(infohash[:]))
}

// DeleteFolder removes a folder of a torrent or host. Its first step is another name, which is flushed: from then on
// it is gone, whatever happens, and New goes on with what is left to do. An error means that it is still there, as it
// was. What is not ours in it stays, under the new name.
func (s *Store) DeleteFolder(name string) error { return s.folders.delete(name) }

// Open gives access to a torrent's data; nothing is created on disk before the first write. With verify, nothing that
// was recorded is trusted. It fails with ErrOpen when the torrent is open already.
func (s *Store) Open(infohash [20]byte, layout Layout, verify bool) (*Torrent, error) {
	return s.openTorrent(infohash, layout, nil, verify)
}

// openTorrent takes over p, which is nil for data in our own folder.
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
