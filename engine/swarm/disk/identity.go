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

// identity says which data folder this is, in 32 hex digits that were made when the folder was.
type identity struct {
	dir    string
	syncer *syncer
	id     string
	kept   bool // on the disk
}

// openIdentity reads the identity, or makes one. One that cannot be read is left where it is, and this run has
// another; so has one that cannot keep its own because the disk is full.
func openIdentity(dir string, syncer *syncer, log *slog.Logger) *identity {
	d := &identity{dir: dir, syncer: syncer}
	path := filepath.Join(dir, identityFile)
	b, err := readStateFile(path)
	id := string(bytes.TrimSpace(b))
	raw, hexErr := hex.DecodeString(id)
	switch {
	case err == nil && hexErr == nil && len(raw) == 16:
		d.id, d.kept = id, true
		return d
	case err == nil && b != nil, errors.As(err, new(*NotOursError)):
		aside := freeName(path + "-damaged")
		log.Warn("the data folder's identity is damaged: a new one is made", "moved to", aside,
			"err", errors.Join(err, os.Rename(path, aside)))
	case err != nil:
		log.Warn("cannot read the data folder's identity: make it readable, or delete it", "err", err)
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // It never fails.
	d.id = hex.EncodeToString(random[:])
	if err := d.keep(); err != nil {
		log.Warn("cannot keep the data folder's identity yet", "err", err)
	}
	return d
}

// keep writes the identity, unless it is on the disk already. No state file is written before.
func (d *identity) keep() error {
	if d.kept {
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
	d.kept = true
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

// freeName returns a path that nothing has: path, or path and a number.
func freeName(path string) string {
	free := path
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); err != nil {
			return free
		}
		free = fmt.Sprintf("%s-%d", path, n)
	}
}
