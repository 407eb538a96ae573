package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

var errNotComplete = errors.New("disk: the file is not complete")

// OpenFile opens a complete file for reading, so that the system can send it (sendfile). Its content is verified only
// while FileComplete returns true. It returns an error for all files once a piece was damaged: the piece is fetched
// again into the same file, and could be read there before it is verified.
func (t *Torrent) OpenFile(file int) (*os.File, error) {
	if err := t.life.use(); err != nil {
		return nil, err
	}
	defer t.life.done()
	if t.files.place != nil || t.layout.Files[file].Hidden || !t.isIntact() || !t.FileComplete(file) {
		return nil, errNotComplete
	}
	f, err := os.Open(t.files.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		t.files.reportShorter(file, -1)
	}
	if err != nil {
		return nil, fmt.Errorf("disk: open: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() < t.layout.Files[file].Length {
		t.files.reportShorter(file, info.Size())
		err = errNotComplete
	}
	if err != nil {
		_ = f.Close() // It was only opened.
		return nil, err
	}
	return f, nil
}
