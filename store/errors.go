package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	bolterrors "go.etcd.io/bbolt/errors"

	"wtptui/engine"
)

var (
	// errDamaged marks content of the database that cannot be trusted.
	errDamaged = errors.New("the database is damaged")
	// errDamagedInUse marks a database that was damaged while it was open.
	errDamagedInUse = fmt.Errorf("%w while it is in use", errDamaged)
)

func (f *file) wrapError(op string, err error) error { return wrapError(op, f.path, err) }

// wrapError returns err as an *engine.Error, with a message that says what to do if that is known; nil for nil.
func wrapError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var known *engine.Error
	if errors.As(err, &known) {
		e := *known
		e.Op = "store: " + op
		return &e
	}
	e := &engine.Error{Op: "store: " + op, Kind: engine.Internal, Err: err}
	dir := engine.Clean(filepath.Dir(path))
	switch {
	case isFull(err):
		e.Kind = engine.Unavailable
		e.Msg = "the disk that holds " + dir + " is full: free some space, or choose another --data-dir"
	case isReadOnly(err), errors.Is(err, fs.ErrPermission):
		e.Kind, e.Msg = engine.Unavailable, "wtptui may not write to "+dir+": make it writable, or choose another --data-dir"
	case isNotFolder(err):
		e.Kind, e.Msg = engine.Unavailable, dir+" is not a folder: choose another --data-dir"
	case errors.Is(err, bolterrors.ErrTimeout):
		return inUseError(op, path)
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		e.Kind, e.Msg = engine.Unavailable, "wtptui is closing: start it again"
	case errors.Is(err, errDamaged):
		e.Kind = engine.Damaged
		e.Msg = "the database is damaged: restart wtptui, which then rebuilds it from the sites' folders"
	}
	return e
}

func inUseError(op, path string) error {
	return &engine.Error{
		Op: "store: " + op, Kind: engine.Conflict,
		Msg: "another wtptui uses this data folder (" + engine.Clean(filepath.Dir(path)) +
			"): quit it, or choose another --data-dir",
	}
}

func invalidError(msg string) error { return &engine.Error{Kind: engine.Invalid, Msg: msg} }
