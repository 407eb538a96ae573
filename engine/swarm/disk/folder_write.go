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

// writers is how many folders are written at the same time.
const writers = 4

// folderWrite is a folder whose state files are being replaced. The new content of each is written beside it,
// flushed, and then given its name, so that at any instant there is the old one or the new one.
type folderWrite struct {
	Folder // what to write

	dir   string
	made  bool     // the folder was not there
	files []string // paths
	err   error
}

// write is Store.WriteFolders.
func (d *folders) write(folders []Folder) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.identity.keep(); err != nil {
		return err
	}
	writes := make([]*folderWrite, len(folders))
	for i, f := range folders {
		// What moves here from a folder that this one has replaced has to be on the disk before it is replaced in turn: a
		// power cut would else find neither.
		writes[i] = &folderWrite{Folder: f, dir: filepath.Join(d.dir, f.Name), err: d.settle(f.Name)}
	}
	each(writes, (*folderWrite).write)
	d.syncContents(writes)
	each(writes, (*folderWrite).rename)
	for _, w := range writes {
		if w.err != nil {
			w.undo()
		}
	}
	d.syncNames(writes)
	return errorOf(writes)
}

// each calls f for each folder that nothing has failed of, a few at a time: it takes longer to make a file than to
// ask for it.
func each(writes []*folderWrite, f func(*folderWrite) error) {
	var workers sync.WaitGroup
	next := make(chan *folderWrite)
	for range min(len(writes), writers) {
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

// write makes the folder, and writes new content beside the files that it is for.
func (w *folderWrite) write() error {
	switch {
	case !isFolderName(w.Name):
		return fmt.Errorf("%q is not the name of a folder: %w", w.Name, fs.ErrInvalid)
	case w.State == nil && w.Torrent == nil:
		return nil
	}
	switch err := os.Mkdir(w.dir, 0o700); {
	case err == nil:
		w.made = true
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

// rename gives the new files the names of the old ones.
func (w *folderWrite) rename() error {
	for _, path := range w.files {
		if err := os.Rename(path+newSuffix, path); err != nil {
			return err
		}
	}
	return nil
}

// undo removes what has not got its name.
func (w *folderWrite) undo() {
	for _, path := range w.files {
		_ = os.Remove(path + newSuffix) // It is replaced the next time, or deleted with the folder.
	}
	if w.made {
		_ = os.Remove(w.dir) // Only if it is empty.
	}
}

// syncContents flushes new files, together where there are many.
func (d *folders) syncContents(writes []*folderWrite) {
	files := 0
	for _, w := range writes {
		files += len(w.files)
	}
	if files > fewFiles && d.syncer.syncAll() == nil {
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

// syncNames flushes the names of new files and folders, together where there are many.
func (d *folders) syncNames(writes []*folderWrite) {
	if len(writes) > fewFiles && d.syncer.syncAll() == nil {
		return
	}
	// Whoever made a folder, its name need not be on the disk yet.
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

// FoldersError says which folders could not be written.
type FoldersError struct {
	Names []string
	// Err is why the first one could not; on a full disk it is the same for all.
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

// errorOf returns a *FoldersError if anything has failed.
func errorOf(writes []*folderWrite) error {
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
