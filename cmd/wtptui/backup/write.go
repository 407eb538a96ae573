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

// Format is the version of the format that this program writes, and the newest that it reads.
const Format = 1

const (
	folder       = "wtptui-backup/"
	manifestName = "manifest.json"
	sumsName     = "SHA256SUMS"
)

// Manifest describes a backup. It is the first file.
type Manifest struct {
	// Format is the version of the format.
	Format int `json:"wtptui_backup"`
	// Program is the version of the program that wrote the backup, and At the time.
	Program string      `json:"program"`
	At      engine.Time `json:"at"`
	// Keys reports whether the backup contains the secret keys.
	Keys bool `json:"keys"`
}

// Writer writes a backup.
type Writer struct {
	compressed *gzip.Writer
	tar        *tar.Writer
	modified   time.Time
	sums       strings.Builder
}

// NewWriter returns a Writer, and writes the manifest to dst. It sets the manifest's Format.
func NewWriter(dst io.Writer, manifest Manifest) (*Writer, error) {
	manifest.Format = Format
	compressed := gzip.NewWriter(dst)
	w := &Writer{compressed: compressed, tar: tar.NewWriter(compressed), modified: manifest.At.Std()}
	data, err := json.MarshalIndent(manifest, "", " ")
	if err != nil {
		return nil, err
	}
	if err := w.Add(manifestName, append(data, '\n')); err != nil {
		return nil, err
	}
	return w, nil
}

// Add writes one file. Its name must be one that Read accepts. The error has Kind TooLarge if Read would refuse the
// size.
func (w *Writer) Add(name string, data []byte) error {
	limit, ok := maxFileBytes(name)
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
	return w.writeFile(name, data)
}

func (w *Writer) writeFile(name string, data []byte) error {
	header := &tar.Header{
		Typeflag: tar.TypeReg, Name: folder + name, Size: int64(len(data)), Mode: 0o600,
		ModTime: w.modified.Truncate(time.Second),
	}
	if err := w.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err := w.tar.Write(data)
	return err
}

// Close writes the sums and ends the backup. Without them it is incomplete. It does not close the underlying writer.
func (w *Writer) Close() error {
	err := w.writeFile(sumsName, []byte(w.sums.String()))
	return errors.Join(err, w.tar.Close(), w.compressed.Close())
}
