package disk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// errForeign means that a folder has something in it that is not ours, for which it stays.
var errForeign = errors.New("there are files in it that are not wtptui's")

// delete is Store.DeleteFolder.
func (d *folders) delete(name string) error {
	if !isFolderName(name) {
		return fmt.Errorf("disk: delete %q: not the name of a folder: %w", name, fs.ErrInvalid)
	}
	deleted, err := d.setAside(name)
	if errors.Is(err, ErrOpen) {
		return err
	}
	if err != nil {
		return fmt.Errorf("disk: delete %s: %w", name, err)
	}
	if _, err := removeOurs(context.Background(), deleted); err != nil {
		d.warnLeft(deleted, err)
	}
	return nil
}

// setAside gives a folder the name of a deleted one, which it returns, and flushes that.
func (d *folders) setAside(name string) (deleted string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	path := filepath.Join(d.dir, name)
	if err := d.fade(name); err != nil {
		return "", err
	}
	deleted = freeName(filepath.Join(d.dir, deletedPrefix+name))
	renamed := d.open.whileClosed(name, func() error { return os.Rename(path, deleted) })
	if renamed != nil && !errors.Is(renamed, fs.ErrNotExist) {
		return "", renamed
	}
	// A folder that is not there was perhaps set aside by a run that was killed before it could flush that.
	err = d.syncer.syncDir(d.dir)
	if err != nil && renamed == nil {
		err = errors.Join(err, os.Rename(deleted, path))
	}
	return deleted, err
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

func (d *folders) warnLeft(deleted string, err error) {
	d.log.Warn("a folder was deleted, but not all that was in it", "left", deleted, "err", err)
}

// deleteRest goes on with folders that an earlier run was deleting, until ctx ends.
func (d *folders) deleteRest(ctx context.Context, deleted []string) {
	// That run may have ended before their new names were on the disk.
	if err := d.syncer.syncDir(d.dir); err != nil {
		d.log.Warn("cannot go on with deletions: the next start does", "err", err)
		return
	}
	for _, dir := range deleted {
		removed, err := removeOurs(ctx, dir)
		if ctx.Err() != nil {
			return
		}
		if err != nil && (removed > 0 || !errors.Is(err, errForeign)) { // Of others it was said when they were deleted.
			d.warnLeft(dir, err)
		}
	}
}
