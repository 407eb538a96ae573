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

// replace makes a folder of data the folder of a torrent. Everything but the data of the folder that was there before
// is moved into it. A crash leaves the old folder or the new one; New finishes it.
func (d *folders) replace(infohash [20]byte, dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := hex.EncodeToString(infohash[:])
	if err := d.finishReplace(name); err != nil { // what an earlier call could not finish
		return err
	}
	if err := d.open.whileClosed(name, func() error { return d.swapIn(name, dir) }); err != nil {
		return err
	}
	if err := d.syncer.syncDir(d.dir); err != nil {
		return err
	}
	return d.finishReplace(name)
}

// swapIn renames the torrent's folder to a replaced one, and dir to the torrent's folder.
func (d *folders) swapIn(name, dir string) error {
	place, old := filepath.Join(d.dir, name), d.replacedPath(name)
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

func (d *folders) replacedPath(name string) string { return filepath.Join(d.dir, replacedPrefix+name) }

// finishReplace finishes a replacement: the replaced folder is renamed back if there is no new folder; otherwise
// everything but its data moves to the new one, and the rest is deleted.
func (d *folders) finishReplace(name string) error {
	if _, ok := parseInfohash(name); !ok {
		return nil
	}
	place, old := filepath.Join(d.dir, name), d.replacedPath(name)
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
		err = d.syncer.syncDir(d.dir) // The run that swapped them may have been killed, or have failed, before the flush.
	}
	if err == nil {
		// An earlier call may have moved files and failed to flush that: they must not be gone here and missing there.
		err = d.syncer.syncDir(place)
	}
	if err == nil {
		err = d.syncer.syncDir(old) // A state file that was just replaced must not be lost while it moves.
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
	if err := d.syncer.syncDir(place); err != nil {
		return err
	}
	if _, err = removeOurs(context.Background(), old); err == nil {
		d.unsyncedRemoval[name] = true
	}
	return err
}

// syncRemoval makes sure that a replaced folder does not reappear, after a power cut, in place of a deleted one.
func (d *folders) syncRemoval(name string) error {
	if err := d.finishReplace(name); err != nil || !d.unsyncedRemoval[name] {
		return err
	}
	if err := d.syncer.syncDir(d.dir); err != nil {
		return err
	}
	delete(d.unsyncedRemoval, name)
	return nil
}

// cleanUp deletes or finishes what a killed run has left unfinished, and returns the folders that it was deleting.
func (d *folders) cleanUp() (deleted []string) {
	entries, err := os.ReadDir(d.dir)
	for _, e := range entries {
		path := filepath.Join(d.dir, e.Name())
		name, wasReplaced := strings.CutPrefix(e.Name(), replacedPrefix)
		switch {
		case isStageName(e.Name()):
			err = cmp.Or(err, os.RemoveAll(path))
		case wasReplaced && e.IsDir():
			err = cmp.Or(err, d.finishReplace(name))
		case isDeletedName(e.Name()) && e.IsDir():
			deleted = append(deleted, path)
		}
	}
	if err != nil {
		d.log.Warn("cannot clean up what the last run was doing when it was killed", "err", err)
	}
	return deleted
}
