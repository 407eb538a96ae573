package backup

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"wtptui/engine"
)

// Format is the version of the form that this program writes, and the newest that it reads.
const Format = 1

const (
	folder       = "wtptui-backup/"
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
)

// Manifest says what a backup is. It is the first file.
type Manifest struct {
	// Format is the version of the form.
	Format int `json:"wtptui_backup"`
	// Program is the version of the program that has written it, and At when.
	Program string      `json:"program"`
	At      engine.Time `json:"at"`
	// Keys reports whether the secret keys are in it.
	Keys bool `json:"keys"`
}

// Writer writes a backup.
type Writer struct {
	pack *gzip.Writer
	tar  *tar.Writer
	at   time.Time
	sums strings.Builder
}

// NewWriter begins a backup.
func NewWriter(to io.Writer, m Manifest) (*Writer, error) {
	m.Format = Format
	pack := gzip.NewWriter(to)
	w := &Writer{pack: pack, tar: tar.NewWriter(pack), at: m.At.Std()}
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, err
	}
	if err := w.Add(manifestName, append(data, '\n')); err != nil {
		return nil, err
	}
	return w, nil
}

// Add writes one file, of a name that Read takes. Kind TooLarge for one that Read would refuse.
func (w *Writer) Add(name string, data []byte) error {
	limit, ok := limitOf(name)
	if !ok {
		return fmt.Errorf("backup: %s has no place in one", name)
	}
	if int64(len(data)) > limit {
		return &engine.Error{
			Op: "backup", Kind: engine.TooLarge,
			Msg: fmt.Sprintf("%s has %d MB, and a backup no more than %d MB of that: make it smaller",
				name, len(data)>>20, limit>>20),
		}
	}
	fmt.Fprintf(&w.sums, "%x  %s\n", sha256.Sum256(data), name)
	return w.write(name, data)
}

func (w *Writer) write(name string, data []byte) error {
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: folder + name, Size: int64(len(data)), Mode: 0o600, ModTime: w.at.Truncate(time.Second),
	}
	if err := w.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

// Close ends the backup with the sums. Without that it is none.
func (w *Writer) Close() error {
	err := w.write(sumsName, []byte(w.sums.String()))
	return errors.Join(err, w.tar.Close(), w.pack.Close())
}
