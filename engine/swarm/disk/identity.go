package disk

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// identity identifies the data folder: 32 hex digits that were generated when the folder was created.
type identity struct {
	dir    string
	syncer *syncer
	id     string
	saved  bool // on the disk
}

// openIdentity reads the identity, or generates one. If it cannot be read it is left in place, and this run uses
// another; the same holds if a new one cannot be written because the disk is full.
func openIdentity(dir string, syncer *syncer, log *slog.Logger) *identity {
	d := &identity{dir: dir, syncer: syncer}
	path := filepath.Join(dir, identityFile)
	b, err := readStateFile(path)
	id := string(bytes.TrimSpace(b))
	raw, hexErr := hex.DecodeString(id)
	switch {
	case err == nil && hexErr == nil && len(raw) == 16:
		d.id, d.saved = id, true
		return d
	case err == nil && b != nil, errors.As(err, new(*NotOursError)):
		aside := freeName(path + "-damaged")
		log.Warn("the data folder's identity is damaged: a new one is made", "moved to", aside,
			"err", errors.Join(err, os.Rename(path, aside)))
	case err != nil:
		log.Warn("cannot read the data folder's identity: make it readable, or delete it", "err", err)
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	d.id = hex.EncodeToString(random[:])
	if err := d.save(); err != nil {
		log.Warn("cannot save the data folder's identity yet", "err", err)
	}
	return d
}

// save writes the identity unless it is on the disk already. No state file is written before.
func (d *identity) save() error {
	if d.saved {
		return nil
	}
	path := filepath.Join(d.dir, identityFile)
	b, err := readStateFile(path)
	switch {
	case err != nil || b != nil && string(bytes.TrimSpace(b)) != d.id:
		return fmt.Errorf("disk: cannot read %s: make it readable, or delete it, and start wtptui again", path)
	case b == nil:
		err = d.write(path)
	}
	if err == nil {
		err = d.syncer.syncDir(d.dir)
	}
	if err != nil {
		return fmt.Errorf("disk: keep the data folder's identity: %w", err)
	}
	d.saved = true
	return nil
}

func (d *identity) write(path string) error {
	f, err := os.CreateTemp(d.dir, stagePrefix)
	if err != nil {
		return err
	}
	_, err = f.WriteString(d.id + "\n")
	if err == nil {
		err = d.syncer.syncFile(f)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// freeName returns a path that does not exist: path, or path and a number.
func freeName(path string) string {
	free := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = fmt.Sprintf("%s-%d", path, n)
	}
}
