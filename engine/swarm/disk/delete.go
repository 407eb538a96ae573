package disk

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// errForeign means that a folder has something in it that is not ours, for which it stays.
var errForeign = errors.New("there are files in it that are not wtptui's")

// Delete removes a torrent's folder. What was recorded of its pieces need not be taken back: pieces that are not on
// disk are not believed. It fails with ErrOpen while the torrent is open. See DeleteFolder.
func (s *Store) Delete(infohash [20]byte) error {
	return s.DeleteFolder(hex.EncodeToString(infohash[:]))
}

// DeleteFolder removes a folder of a torrent or host. Its first step is another name, which is flushed: from then on
// it is gone, whatever happens, and New goes on with what is left to do. An error means that it is still there, as it
// was. What is not ours in it stays, under the new name.
func (s *Store) DeleteFolder(name string) error {
	if !isFolderName(name) {
		return fmt.Errorf("disk: delete %q: not the name of a folder: %w", name, fs.ErrInvalid)
	}
	deleted, err := s.setAside(name)
	if errors.Is(err, ErrOpen) {
		return err
	}
	if err != nil {
		return fmt.Errorf("disk: delete %s: %w", name, err)
	}
	if _, err := removeOurs(context.Background(), deleted); err != nil {
		s.warnLeft(deleted, err)
	}
	return nil
}

// setAside gives a folder the name of a deleted one, which it returns, and flushes that.
func (s *Store) setAside(name string) (deleted string, err error) {
	s.folders.Lock()
	defer s.folders.Unlock()
	path := filepath.Join(s.opts.Dir, name)
	if err := s.fade(name); err != nil {
		return "", err
	}
	deleted = freeName(filepath.Join(s.opts.Dir, deletedPrefix+name))
	renamed := s.renameClosed(name, deleted)
	if renamed != nil && !errors.Is(renamed, fs.ErrNotExist) {
		return "", renamed
	}
	// A folder that is not there was perhaps set aside by a run that was killed before it could flush that.
	err = s.syncDir(s.opts.Dir)
	if err != nil && renamed == nil {
		err = errors.Join(err, os.Rename(deleted, path))
	}
	return deleted, err
}

// renameClosed renames a folder. ErrOpen when its torrent is open, which it is not before the folder has its new
// name.
func (s *Store) renameClosed(name, to string) error {
	infohash, ok := parseInfohash(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok && s.open[infohash] != nil {
		return ErrOpen
	}
	return os.Rename(filepath.Join(s.opts.Dir, name), to)
}

// removeOurs removes what is ours in a folder that has been set aside, and the folder unless something else is in it:
// then it fails with errForeign. It returns how many files it has removed. It ends early when ctx does.
func removeOurs(ctx context.Context, dir string) (removed int, err error) {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil || !info.IsDir() {
		return 0, cmp.Or(err, errForeign)
	}
	d, err := os.Open(dir)
	if err != nil {
		return 0, err
	}
	entries, err := d.ReadDir(-1)
	_ = d.Close() // It was only read.
	var foreign error
	for _, e := range entries {
		if ctx.Err() != nil {
			return removed, ctx.Err()
		}
		if !isData(e) && !isTemporary(e) && !isState(e) {
			foreign = errForeign
			continue
		}
		if removeErr := os.Remove(filepath.Join(dir, e.Name())); removeErr != nil {
			err = cmp.Or(err, removeErr)
			continue
		}
		removed++
	}
	if err := cmp.Or(err, foreign); err != nil {
		return removed, err
	}
	return removed, os.Remove(dir)
}

func (s *Store) warnLeft(deleted string, err error) {
	s.opts.Logger.Warn("a folder was deleted, but not all that was in it", "left", deleted, "err", err)
}

// deleteRest goes on with folders that an earlier run was deleting.
func (s *Store) deleteRest(deleted []string) {
	// That run may have ended before their new names were on the disk.
	if err := s.syncDir(s.opts.Dir); err != nil {
		s.opts.Logger.Warn("cannot go on with deletions: the next start does", "err", err)
		return
	}
	for _, dir := range deleted {
		removed, err := removeOurs(s.stopping, dir)
		if s.stopping.Err() != nil {
			return
		}
		if err != nil && (removed > 0 || !errors.Is(err, errForeign)) { // Of others it was said when they were deleted.
			s.warnLeft(dir, err)
		}
	}
}
