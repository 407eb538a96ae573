package publish

import (
	"errors"
	"fmt"
	"io/fs"

	"wtptui/engine"
)

const op = "publish"

func invalid(format string, args ...any) error {
	return &engine.Error{Op: op, Kind: engine.Invalid, Msg: engine.Clean(fmt.Sprintf(format, args...))}
}

func wrapError(kind engine.Kind, err error, format string, args ...any) error {
	return &engine.Error{Op: op, Kind: kind, Msg: engine.Clean(fmt.Sprintf(format, args...)), Err: err}
}

// ChangedError returns the error, of Kind Conflict, for a file that has changed since it was checked.
func ChangedError(path string) error {
	return wrapError(
		engine.Conflict, nil,
		"%s changed while it was being read: wait until whatever writes to the folder is done, and publish again", path,
	)
}

// UnreadableError returns the error for a file that cannot be read: Kind Conflict if it was deleted meanwhile,
// otherwise Unavailable. An *engine.Error is returned unchanged.
func UnreadableError(path string, err error) error {
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return wrapError(
			engine.Conflict, err,
			"%s went away while the folder was being read: wait until whatever writes to it is done, and publish again", path,
		)
	}
	return wrapError(engine.Unavailable, err, "%s cannot be read: make it readable, or leave it out", path)
}
