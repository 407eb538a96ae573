package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"wtptui/engine"
)

// Check verifies the database at path as Open does, without changing or locking anything. No process may have it open.
// It returns nil if there is no database yet. Errors have Kind Damaged if Open would move the file aside, Conflict if
// it is not ours or newer than this program, and Unavailable if it cannot be read.
func Check(path string) error {
	_, err := verifyFile(path, current.version)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, errDamaged):
		return &engine.Error{
			Op: "store: check", Kind: engine.Damaged, Err: err,
			Msg: engine.Clean(path) + " is damaged: the next start moves it aside and rebuilds it from the sites' folders",
		}
	case engine.KindOf(err) != engine.Internal:
		return err
	}
	return wrapError("check", path, err)
}

// verifyFile verifies the file at path without changing it and without bbolt. Errors are fs.ErrNotExist; errDamaged; an
// *engine.Error of Kind Conflict for an undamaged database that is not ours or has a newer schema; or a fault of the
// system.
func verifyFile(path string, schema int) (state, error) {
	f, err := os.Open(path)
	if err != nil {
		return state{}, err
	}
	defer func() { _ = f.Close() }() // Nothing was written.
	info, err := f.Stat()
	if err != nil {
		return state{}, err
	}
	if !info.Mode().IsRegular() {
		return state{}, &engine.Error{
			Kind: engine.Conflict,
			Msg:  engine.Clean(path) + " is not a file: move it away, or choose another --data-dir",
		}
	}
	return verifyContent(f, info.Size(), schema)
}

// verifyContent walks the file and compares the digest of its records with the one in the state.
func verifyContent(r io.ReaderAt, size int64, schema int) (state, error) {
	var (
		sum               digest
		stateBytes, check []byte
		ours, others      bool
		unreadable        error
	)
	err := walk(r, size, func(bucket string, key, value []byte) error {
		switch {
		case key == nil:
			mine := strings.HasPrefix(bucket, bucketPrefix)
			ours, others = ours || mine, others || !mine
		case bucket == stateBucket && string(key) == string(stateKey):
			stateBytes = append([]byte{}, value...)
		case bucket == stateBucket && string(key) == string(stateDigestKey):
			check = append([]byte{}, value...)
		default:
			sum.add(bucket, key, value)
			if unreadable == nil {
				unreadable = checkDecodable(bucket, key, value)
			}
		}
		return nil
	})
	if err != nil {
		return state{}, err
	}
	if !ours {
		return state{}, foreignError()
	}
	s, err := decodeState(stateBytes, check)
	switch {
	case err != nil:
		return state{}, err
	case s.Schema > schema:
		return state{}, newerSchemaError(s.Schema, schema)
	case others, s.Digest != sum:
		return state{}, fmt.Errorf("%w: the digest of its records is wrong", errDamaged)
	case s.Schema == schema && unreadable != nil:
		return state{}, fmt.Errorf("%w: %w", errDamaged, unreadable)
	}
	return s, nil
}

// checkDecodable returns an error if a record cannot be decoded in the current schema.
func checkDecodable(bucket string, key, value []byte) error {
	decode, ok := decoders[bucket]
	if !ok {
		return fmt.Errorf("bucket %q is unknown", bucket)
	}
	return decode(key, value)
}

func foreignError() error {
	return &engine.Error{
		Kind: engine.Conflict,
		Msg:  "the database was made by another program: move it away, or choose another --data-dir",
	}
}

func newerSchemaError(has, knows int) error {
	return &engine.Error{
		Kind: engine.Conflict,
		Msg: fmt.Sprintf("the database was written by a newer wtptui (schema %d, this one knows %d): "+
			"upgrade wtptui or choose another --data-dir", has, knows),
	}
}
