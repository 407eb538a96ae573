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

// errForeignFiles is the error for a folder that is kept because it contains files that were not made here.
var errForeignFiles = errors.New("there are files in it that are not wtptui's")

// remove implements Store.DeleteFolder.
func (d *folders) remove(name string) error {
	if !isFolderName(name) {
		return fmt.Errorf("disk: delete %q: not the name of a folder: %w", name, fs.ErrInvalid)
	}
	deleted, err := d.renameToDeleted(name)
	if errors.Is(err, ErrOpen) {
		return err
	}
	if err != nil {
		return fmt.Errorf("disk: delete %s: %w", name, err)
	}
	if _, err := removeOurs(context.Background(), deleted); err != nil {
		d.warnLeftover(deleted, err)
	}
	return nil
}

// renameToDeleted renames a folder to that of a deleted one and flushes the new name, which it returns.
func (d *folders) renameToDeleted(name string) (deleted string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	path := filepath.Join(d.dir, name)
	if err := d.syncRemoval(name); err != nil {
		return "", err
	}
	deleted = freeName(filepath.Join(d.dir, deletedPrefix+name))
	renamed := d.open.whileClosed(name, func() error { return os.Rename(path, deleted) })
	if renamed != nil && !errors.Is(renamed, fs.ErrNotExist) {
		return "", renamed
	}
	// A missing folder may have been renamed by a run that was killed before it could flush the name.
	err = d.syncer.syncDir(d.dir)
	if err != nil && renamed == nil {
		err = errors.Join(err, os.Rename(deleted, path))
	}
	return deleted, err
}

// removeOurs removes our files from a renamed folder, and then the folder. If other files are in it, it returns
// errForeignFiles. It returns how many files it has removed. It ends early when ctx does.
func removeOurs(ctx context.Context, dir string) (removed int, err error) {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil || !info.IsDir() {
		return 0, cmp.Or(err, errForeignFiles)
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
			foreign = errForeignFiles
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

func (d *folders) warnLeftover(deleted string, err error) {
	d.log.Warn("a folder was deleted, but not all that was in it", "left", deleted, "err", err)
}

// resumeDeletions continues deletions that an earlier run has started, until ctx ends.
func (d *folders) resumeDeletions(ctx context.Context, deleted []string) {
	// That run may have ended before the new names were flushed.
	if err := d.syncer.syncDir(d.dir); err != nil {
		d.log.Warn("cannot resume deletions: the next start does", "err", err)
		return
	}
	for _, dir := range deleted {
		removed, err := removeOurs(ctx, dir)
		if ctx.Err() != nil {
			return
		}
		if err != nil && (removed > 0 || !errors.Is(err, errForeignFiles)) { // Foreign files were reported before.
			d.warnLeftover(dir, err)
		}
	}
}
