package store

import (
	"errors"
	"io/fs"

	"wtptui/engine"
)

// Check verifies the database at path as Open does, without changing or locking anything; nobody may have it open. A
// database that does not exist yet is fine. Errors have Kind Damaged for one that Open would move aside, Conflict for
// one that is not ours or newer than this program, and Unavailable for one that cannot be read.
func Check(path string) error {
	_, err := inspect(path, current.version)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, errDamaged):
		return &engine.Error{
			Op: "store: check", Kind: engine.Damaged, Err: err,
			Msg: engine.Clean(path) + " is damaged: the next start moves it aside and takes its last good copy",
		}
	case engine.KindOf(err) != engine.Internal:
		return err
	}
	return fail("check", path, err)
}
