package disk

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Identity returns 32 hex digits that were made when the data folder was. A folder that was copied in from elsewhere
// was written under another one.
func (s *Store) Identity() string { return s.identity }

// openIdentity reads the identity, or makes one. One that cannot be read is left where it is, and this run has
// another; so has one that cannot keep its own because the disk is full.
func (s *Store) openIdentity() {
	path := filepath.Join(s.opts.Dir, identityFile)
	b, err := readStateFile(path)
	id := string(bytes.TrimSpace(b))
	raw, hexErr := hex.DecodeString(id)
	switch {
	case err == nil && hexErr == nil && len(raw) == 16:
		s.identity, s.identityKept = id, true
		return
	case err == nil && b != nil, errors.As(err, new(*NotOursError)):
		aside := freeName(path + "-damaged")
		s.opts.Logger.Warn("the data folder's identity is damaged: a new one is made", "moved to", aside,
			"err", errors.Join(err, os.Rename(path, aside)))
	case err != nil:
		s.opts.Logger.Warn("cannot read the data folder's identity: make it readable, or delete it", "err", err)
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // It never fails.
	s.identity = hex.EncodeToString(random[:])
	if err := s.keepIdentity(); err != nil {
		s.opts.Logger.Warn("cannot keep the data folder's identity yet", "err", err)
	}
}

// keepIdentity writes the identity, unless it is on the disk already. No state file is written before.
func (s *Store) keepIdentity() error {
	if s.identityKept {
		return nil
	}
	path := filepath.Join(s.opts.Dir, identityFile)
	b, err := readStateFile(path)
	switch {
	case err != nil || b != nil && string(bytes.TrimSpace(b)) != s.identity:
		return fmt.Errorf("disk: cannot read %s: make it readable, or delete it, and start wtptui again", path)
	case b == nil:
		err = s.writeIdentity(path)
	}
	if err == nil {
		err = s.syncDir(s.opts.Dir)
	}
	if err != nil {
		return fmt.Errorf("disk: keep the data folder's identity: %w", err)
	}
	s.identityKept = true
	return nil
}

func (s *Store) writeIdentity(path string) error {
	f, err := os.CreateTemp(s.opts.Dir, stagePrefix)
	if err != nil {
		return err
	}
	_, err = f.WriteString(s.identity + "\n")
	if err == nil {
		err = s.syncFile(f)
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
