package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

var errNotComplete = errors.New("disk: the file is not complete")

// OpenFile opens a file that is complete, for reading, so that the system can send it. What it holds is verified only
// as long as FileComplete says so. It fails for all files once a piece turned out to be damaged: what is fetched anew
// is written to the same file, and could be read there before it is verified.
func (t *Torrent) OpenFile(file int) (*os.File, error) {
	if err := t.life.use(); err != nil {
		return nil, err
	}
	defer t.life.done()
	if t.files.place != nil || t.layout.Files[file].Hidden || !t.intact() || !t.FileComplete(file) {
		return nil, errNotComplete
	}
	f, err := os.Open(t.files.path(file))
	if errors.Is(err, fs.ErrNotExist) {
		t.files.damage(file, -1)
	}
	if err != nil {
		return nil, fmt.Errorf("disk: open: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() < t.layout.Files[file].Length {
		t.files.damage(file, info.Size())
		err = errNotComplete
	}
	if err != nil {
		_ = f.Close() // It was only opened.
		return nil, err
	}
	return f, nil
}
