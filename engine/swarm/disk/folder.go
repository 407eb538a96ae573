package disk

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// maxStateSize is how large a state file may be, in bytes.
const maxStateSize = 16 << 20

// NotOursError means that in the place of a file or folder of ours there is something that we have not made.
type NotOursError struct {
	// Path is where it is, and Is says what it is, as "not a folder".
	Path, Is string
}

func (e *NotOursError) Error() string {
	return e.Path + " is " + e.Is + ": it is not wtptui's: move it away"
}

// Folder is what lies in one folder of the data folder.
type Folder struct {
	// Name is an infohash, or HostPrefix and the label of a site whose infohash is not known.
	Name string
	// State is the content of its state file, nil if there is none; Torrent that of its .torrent, nil if there is none.
	State, Torrent []byte
	// Data says that there are files of the torrent's own (numbered ones).
	Data bool
	// Err is why it, or a part of it, could not be read; nil when it could. What could be read is there all the same.
	Err error
}

// folders are those in the data folder, one for each torrent or host. It writes what they say of themselves, and gives
// them other names, one call at a time. At any instant a kill or power cut leaves what was, or what was to be.
type folders struct {
	dir      string
	syncer   *syncer
	identity *identity
	open     *openTorrents
	log      *slog.Logger

	mu sync.Mutex
	// fading are folders of which one that they replaced was removed, and may still be there after a power cut.
	fading map[string]bool
}

// path returns that of a torrent's folder.
func (d *folders) path(infohash [20]byte) string {
	return filepath.Join(d.dir, hex.EncodeToString(infohash[:]))
}

// ReadFolders returns all folders there are, sorted by name, with what they say of themselves.
func (s *Store) ReadFolders() ([]Folder, error) {
	entries, err := os.ReadDir(s.opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("disk: list folders: %w", err)
	}
	var folders []Folder
	for _, e := range entries {
		if !isFolderName(e.Name()) {
			continue
		}
		if f := readFolder(s.folders.dir, e); !errors.Is(f.Err, fs.ErrNotExist) { // It may have been deleted meanwhile.
			folders = append(folders, f)
		}
	}
	return folders, nil
}

func readFolder(parent string, e fs.DirEntry) Folder {
	f := Folder{Name: e.Name()}
	dir := filepath.Join(parent, f.Name)
	if !e.IsDir() {
		f.Err = &NotOursError{dir, "not a folder"}
		return f
	}
	var errs [3]error
	f.Data, errs[0] = hasData(dir)
	f.State, errs[1] = readStateFile(filepath.Join(dir, stateFile))
	f.Torrent, errs[2] = readStateFile(filepath.Join(dir, torrentFile))
	f.Err = errors.Join(errs[:]...)
	return f
}

// hasData reports whether a folder has files of a torrent.
func hasData(dir string) (bool, error) {
	d, err := os.Open(dir)
	if err != nil {
		return false, fmt.Errorf("disk: read a folder: %w", err)
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(100) // Most have data, and one file of it is enough.
		for _, e := range entries {
			if isData(e) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("disk: read a folder: %w", err)
		}
	}
}

// readStateFile returns the content of a small file of ours; nil if there is none. A link is not followed, nor is
// anything read that is not a file.
func readStateFile(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("disk: read a state file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &NotOursError{path, "not a file"}
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("disk: read a state file: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxStateSize+1))
	if err != nil {
		return nil, fmt.Errorf("disk: read a state file: %w", err)
	}
	if len(content) > maxStateSize {
		return nil, &NotOursError{path, "larger than 16 MiB"}
	}
	return content, nil
}
