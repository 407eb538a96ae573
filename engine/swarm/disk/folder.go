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

// maxStateSize is the maximum size of a state file in bytes.
const maxStateSize = 16 << 20

// NotOursError reports that a path where we store something is occupied by something that was not made here.
type NotOursError struct {
	// Path is its path. Is says what it is, such as "not a folder".
	Path, Is string
}

func (e *NotOursError) Error() string {
	return e.Path + " is " + e.Is + ": it is not wtptui's: move it away"
}

// Folder is one folder of the data folder.
type Folder struct {
	// Name is an infohash, or HostPrefix and the label of a site whose infohash is not known.
	Name string
	// State is the content of its state file, Torrent that of its .torrent file; nil if there is none.
	State, Torrent []byte
	// Data reports whether it contains numbered files of the torrent.
	Data bool
	// Err is why a part of it could not be read; nil if everything could. The other fields are set all the same.
	Err error
}

// folders manages the folders in the data folder, one for each torrent or host. It writes their state files and
// renames them, one call at a time. A crash or power cut at any instant leaves the old or the new state.
type folders struct {
	dir      string
	syncer   *syncer
	identity *identity
	open     *openTorrents
	log      *slog.Logger

	mu sync.Mutex
	// unsyncedRemoval holds the folders for which the removal of the folder that they replaced has not been flushed:
	// it may reappear after a power cut.
	unsyncedRemoval map[string]bool
}

// path returns the path of a torrent's folder.
func (d *folders) path(infohash [20]byte) string {
	return filepath.Join(d.dir, hex.EncodeToString(infohash[:]))
}

// ReadFolders returns all folders, sorted by name, with their state files.
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
		entries, err := d.ReadDir(100) // Most folders have data, and one file is enough.
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

// readStateFile returns the content of a state file, nil if there is none. It does not follow links, and reads only
// regular files.
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
