package disk

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// maxFolderWriters is how many folders are written at the same time.
const maxFolderWriters = 4

// folderWrite is a folder whose state files are being replaced. The new content of each is written to a temporary
// file, flushed, and then renamed, so that at any instant there is the old or the new one.
type folderWrite struct {
	Folder // what to write

	dir     string
	created bool     // the folder did not exist
	files   []string // paths
	err     error
}

// write implements Store.WriteFolders.
func (d *folders) write(folders []Folder) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.identity.save(); err != nil {
		return err
	}
	writes := make([]*folderWrite, len(folders))
	for i, f := range folders {
		// What was moved here from a replaced folder must be flushed before it is replaced in turn: otherwise a power
		// cut could lose both.
		writes[i] = &folderWrite{Folder: f, dir: filepath.Join(d.dir, f.Name), err: d.finishReplace(f.Name)}
	}
	forEachParallel(writes, (*folderWrite).write)
	d.syncContents(writes)
	forEachParallel(writes, (*folderWrite).rename)
	for _, w := range writes {
		if w.err != nil {
			w.undo()
		}
	}
	d.syncNames(writes)
	return newFoldersError(writes)
}

// forEachParallel calls f for each folder without an error, a few at a time.
func forEachParallel(writes []*folderWrite, f func(*folderWrite) error) {
	var workers sync.WaitGroup
	next := make(chan *folderWrite)
	for range min(len(writes), maxFolderWriters) {
		workers.Go(func() {
			for w := range next {
				w.err = f(w)
			}
		})
	}
	for _, w := range writes {
		if w.err == nil {
			next <- w
		}
	}
	close(next)
	workers.Wait()
}

// write creates the folder, and writes the new content to temporary files.
func (w *folderWrite) write() error {
	switch {
	case !isFolderName(w.Name):
		return fmt.Errorf("%q is not the name of a folder: %w", w.Name, fs.ErrInvalid)
	case w.State == nil && w.Torrent == nil:
		return nil
	}
	switch err := os.Mkdir(w.dir, 0o700); {
	case err == nil:
		w.created = true
	case !errors.Is(err, fs.ErrExist):
		return err
	default:
		if info, err := os.Lstat(w.dir); err != nil || !info.IsDir() {
			return cmp.Or(err, error(&NotOursError{w.dir, "not a folder"}))
		}
	}
	if err := w.writeFile(stateFile, w.State); err != nil {
		return err
	}
	return w.writeFile(torrentFile, w.Torrent)
}

func (w *folderWrite) writeFile(name string, content []byte) error {
	path := filepath.Join(w.dir, name)
	switch info, err := os.Lstat(path); {
	case content == nil:
		return nil
	case len(content) > maxStateSize:
		return fmt.Errorf("%s would be larger than 16 MiB: %w", name, fs.ErrInvalid)
	case err == nil && !info.Mode().IsRegular():
		return &NotOursError{path, "not a file"}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.OpenFile(path+newSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) { // A run that was killed has left it.
		if err := os.Remove(path + newSuffix); err != nil {
			return err
		}
		f, err = os.OpenFile(path+newSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err != nil {
		return err
	}
	w.files = append(w.files, path)
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// rename renames the temporary files to the final names.
func (w *folderWrite) rename() error {
	for _, path := range w.files {
		if err := os.Rename(path+newSuffix, path); err != nil {
			return err
		}
	}
	return nil
}

// undo removes the temporary files that were not renamed.
func (w *folderWrite) undo() {
	for _, path := range w.files {
		_ = os.Remove(path + newSuffix) // It is replaced the next time, or deleted with the folder.
	}
	if w.created {
		_ = os.Remove(w.dir) // Only if it is empty.
	}
}

// syncContents flushes new files, with one flush if there are many.
func (d *folders) syncContents(writes []*folderWrite) {
	files := 0
	for _, w := range writes {
		files += len(w.files)
	}
	if files > maxSingleFlushes && d.syncer.syncAll() == nil {
		return
	}
	for _, w := range writes {
		for _, path := range w.files {
			if w.err == nil {
				w.err = d.syncer.syncPath(path + newSuffix)
			}
		}
	}
}

// syncNames flushes the names of new files and folders, with one flush if there are many.
func (d *folders) syncNames(writes []*folderWrite) {
	if len(writes) > maxSingleFlushes && d.syncer.syncAll() == nil {
		return
	}
	// Also if the folder existed before: its name may not be flushed yet.
	err := d.syncer.syncDir(d.dir)
	for _, w := range writes {
		if w.err == nil {
			w.err = err
		}
		if w.err == nil {
			w.err = d.syncer.syncDir(w.dir)
		}
	}
}

// FoldersError lists the folders that could not be written.
type FoldersError struct {
	Names []string
	// Err is the error of the first one; on a full disk it is the same for all.
	Err error
}

func (e *FoldersError) Error() string {
	more := ""
	if n := len(e.Names) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more that failed", n)
	}
	return fmt.Sprintf("disk: write the state of %s%s: %v", e.Names[0], more, e.Err)
}

func (e *FoldersError) Unwrap() error { return e.Err }

// newFoldersError returns a *FoldersError if any write has failed, otherwise nil.
func newFoldersError(writes []*folderWrite) error {
	var failed FoldersError
	for _, w := range writes {
		if w.err != nil {
			failed.Names = append(failed.Names, w.Name)
			failed.Err = cmp.Or(failed.Err, w.err)
		}
	}
	if len(failed.Names) == 0 {
		return nil
	}
	return &failed
}
