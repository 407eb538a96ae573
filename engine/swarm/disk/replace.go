package disk

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// replace gives a folder of data the place of a torrent's folder. Of what lay there, all but the data is moved into
// it. A kill on the way leaves the old folder or the new one; New does the rest.
func (s *Store) replace(infohash [20]byte, dir string) error {
	s.folders.Lock()
	defer s.folders.Unlock()
	name := hex.EncodeToString(infohash[:])
	if err := s.settle(name); err != nil { // what an earlier call could not finish
		return err
	}
	if err := s.swap(infohash, dir); err != nil {
		return err
	}
	if err := s.syncDir(s.opts.Dir); err != nil {
		return err
	}
	return s.settle(name)
}

// swap gives a folder the place of a torrent's, which is set aside.
func (s *Store) swap(infohash [20]byte, dir string) error {
	place := s.folder(infohash)
	old := s.replaced(filepath.Base(place))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[infohash] != nil {
		return ErrOpen
	}
	info, err := os.Lstat(place)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(dir, place)
	}
	if err == nil && !info.IsDir() {
		err = &NotOursError{place, "not a folder"}
	}
	if err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil {
		return err
	}
	if err := os.Rename(dir, place); err != nil {
		return errors.Join(err, os.Rename(old, place))
	}
	return nil
}

func (s *Store) replaced(name string) string { return filepath.Join(s.opts.Dir, replacedPrefix+name) }

// settle deals with a folder that was set aside by swap: it gets its place back if nothing has taken that; otherwise
// what is no data moves to the new one, and the rest is deleted.
func (s *Store) settle(name string) error {
	if _, ok := parseInfohash(name); !ok {
		return nil
	}
	place, old := filepath.Join(s.opts.Dir, name), s.replaced(name)
	if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(old, place); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	entries, err := os.ReadDir(old)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.syncDir(s.opts.Dir) // Whoever swapped them may have been killed, or have failed, before.
	}
	if err == nil {
		err = s.syncDir(old) // A state file that was just replaced must not be lost while it moves.
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if isData(e) || isTemporary(e) {
			continue
		}
		to := filepath.Join(place, e.Name())
		if !isState(e) {
			to = freeName(to)
		} else if _, err := os.Lstat(to); err == nil {
			continue // It was written since.
		}
		if err := os.Rename(filepath.Join(old, e.Name()), to); err != nil {
			return err
		}
	}
	// Even if nothing was moved: an earlier call may have failed to flush what it had moved.
	if err := s.syncDir(place); err != nil {
		return err
	}
	if _, err = removeOurs(context.Background(), old); err == nil {
		s.fading[name] = true
	}
	return err
}

// fade makes sure that nothing that a folder has replaced comes back in its place when that is gone.
func (s *Store) fade(name string) error {
	if err := s.settle(name); err != nil || !s.fading[name] {
		return err
	}
	if err := s.syncDir(s.opts.Dir); err != nil {
		return err
	}
	delete(s.fading, name)
	return nil
}

// cleanUp deletes or finishes what a run that was killed has left half done, and returns the folders that it was
// deleting.
func (s *Store) cleanUp() (deleted []string) {
	entries, err := os.ReadDir(s.opts.Dir)
	for _, e := range entries {
		path := filepath.Join(s.opts.Dir, e.Name())
		name, wasReplaced := strings.CutPrefix(e.Name(), replacedPrefix)
		switch {
		case isStageName(e.Name()):
			err = cmp.Or(err, os.RemoveAll(path))
		case wasReplaced && e.IsDir():
			err = cmp.Or(err, s.settle(name))
		case isDeletedName(e.Name()) && e.IsDir():
			deleted = append(deleted, path)
		}
	}
	if err != nil {
		s.opts.Logger.Warn("cannot clean up what the last run was doing when it was killed", "err", err)
	}
	return deleted
}
