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

func failed(kind engine.Kind, err error, format string, args ...any) error {
	return &engine.Error{Op: op, Kind: kind, Msg: engine.Clean(fmt.Sprintf(format, args...)), Err: err}
}

// Changed is the error for a file that is not any more as it was checked. Kind Conflict.
func Changed(path string) error {
	return failed(engine.Conflict, nil, "%s changed while it was being read: wait until whatever writes to the folder is done, and publish again", path)
}

// Unreadable says what a person can do about a file that cannot be read. Kind Conflict if it has gone meanwhile.
func Unreadable(path string, err error) error {
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return failed(engine.Conflict, err, "%s went away while the folder was being read: wait until whatever writes to it is done, and publish again", path)
	}
	return failed(engine.Unavailable, err, "%s cannot be read: make it readable, or leave it out", path)
}
