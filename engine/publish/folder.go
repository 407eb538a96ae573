package publish

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"wtptui/engine"
)

// Folder is a folder that is to become a site. It holds only the folder itself open.
type Folder struct {
	fsys fs.FS
	root *os.Root // nil for embedded files
	name string
}

// Open opens a folder by its absolute path. The error has Kind Invalid if it is not a folder, or has no name of its
// own, and Unavailable if it cannot be read.
func Open(dir string) (*Folder, error) {
	dir = filepath.Clean(dir)
	name := filepath.Base(dir)
	switch {
	case !filepath.IsAbs(dir):
		return nil, invalid("%s is not an absolute path: give the folder's path from the root on", dir)
	case name == string(filepath.Separator) || filepath.Dir(dir) == dir:
		return nil, invalid("%s is the root of the file system: name the folder that holds the site", dir)
	}
	root, err := os.OpenRoot(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, invalid("there is no folder %s: check the path", dir)
	case errors.Is(err, fs.ErrPermission):
		return nil, wrapError(engine.Unavailable, err, "%s may not be read: give yourself the right to", dir)
	case err != nil:
		return nil, &engine.Error{
			Op: op, Kind: engine.Invalid, Msg: engine.Clean(dir + " is not a folder: name the folder that holds the site"),
			Err: err,
		}
	}
	return &Folder{fsys: root.FS(), root: root, name: name}, nil
}

// OpenEmbedded returns a folder of files that are embedded in the program.
func OpenEmbedded(fsys fs.FS, name string) *Folder { return &Folder{fsys: fsys, name: name} }

// Name returns the folder's base name, which becomes the torrent's name.
func (f *Folder) Name() string { return f.name }

// Close closes the folder.
func (f *Folder) Close() error {
	if f.root == nil {
		return nil
	}
	return f.root.Close()
}

// readDir is fs.ReadDir, but also accepts names that are not UTF-8.
func (f *Folder) readDir(dir string) ([]fs.DirEntry, error) {
	if f.root == nil || utf8.ValidString(dir) {
		return fs.ReadDir(f.fsys, dir)
	}
	opened, err := f.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return opened.ReadDir(-1)
}

func (f *Folder) lstat(name string) (fs.FileInfo, error) {
	if f.root != nil {
		return f.root.Lstat(name)
	}
	return fs.Stat(f.fsys, name)
}

func (f *Folder) stat(name string) (fs.FileInfo, error) {
	if f.root != nil {
		return f.root.Stat(name)
	}
	return fs.Stat(f.fsys, name)
}

// Open opens a file of a plan. The result is an *os.File if the folder is on a disk.
func (f *Folder) Open(file File) (fs.File, error) {
	if f.root != nil {
		return f.root.Open(filepath.FromSlash(file.Path))
	}
	return f.fsys.Open(file.Path)
}

// Unchanged reports whether the file still has the size and time that the check found.
func (f *Folder) Unchanged(file File, opened fs.File) (bool, error) {
	info, err := opened.Stat()
	if err != nil {
		return false, err
	}
	return info.Mode().IsRegular() && info.Size() == file.Size && stamp(info.ModTime()) == file.Stamp, nil
}

// Copy opens a file of a plan to be hashed and copied in one pass: what is read of it is written to the same offset of
// to, and what is hashed are the bytes of the copy. Closing it closes to. Close returns an error of Kind Conflict if
// the file has changed since the check.
func (f *Folder) Copy(file File, to WriteCloserAt) (Bytes, error) {
	from, err := f.Bytes(file)
	if err != nil {
		return nil, errors.Join(err, to.Close())
	}
	return &copying{Bytes: from, folder: f, file: file, to: to}, nil
}

// WriteCloserAt is a file that is written to at offsets.
type WriteCloserAt interface {
	io.WriterAt
	io.Closer
}

// copying is a file that is copied while it is read.
type copying struct {
	Bytes

	folder *Folder
	file   File
	to     WriteCloserAt
}

// ReadAt implements io.ReaderAt.
func (c *copying) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Bytes.ReadAt(p, off)
	if _, e := c.to.WriteAt(p[:n], off); e != nil {
		return 0, e
	}
	return n, err
}

// Close implements io.Closer.
func (c *copying) Close() error {
	same, err := c.folder.Unchanged(c.file, c.Bytes.(fs.File))
	switch {
	case err != nil:
		err = UnreadableError(c.file.Path, err)
	case !same:
		err = ChangedError(c.file.Path)
	}
	return errors.Join(err, c.to.Close(), c.Bytes.Close())
}

// Bytes opens a file of a plan to be hashed. The error has Kind Conflict if it has changed since the check.
func (f *Folder) Bytes(file File) (Bytes, error) {
	opened, err := f.Open(file)
	if err != nil {
		return nil, err
	}
	b, ok := opened.(Bytes)
	if !ok {
		_ = opened.Close() // It was only read.
		return nil, invalid("%s cannot be read from anywhere but its beginning", file.Path)
	}
	switch same, err := f.Unchanged(file, opened); {
	case err != nil:
		_ = opened.Close() // It was only read.
		return nil, err
	case !same:
		_ = opened.Close() // It was only read.
		return nil, ChangedError(file.Path)
	}
	return b, nil
}
