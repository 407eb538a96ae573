package swarm

import (
	"errors"
	"io/fs"

	"wtptui/engine"
	"wtptui/engine/swarm/disk"
)

func opError(op string, kind engine.Kind, msg string, err error) *engine.Error {
	return &engine.Error{Op: "swarm: " + op, Kind: kind, Msg: msg, Err: err}
}

func errClientClosed(op string) error {
	return opError(op, engine.Unavailable, "the engine is closing", nil)
}

// dataError returns an error of the data folder with advice for the user.
func dataError(op string, err error) error {
	var notOurs *disk.NotOursError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, disk.ErrOpen):
		return opError(op, engine.Conflict, "the torrent's data is in use", err)
	case errors.As(err, &notOurs):
		return opError(op, engine.Conflict, engine.Clean(notOurs.Error()), err)
	case errors.Is(err, fs.ErrInvalid):
		return opError(op, engine.Invalid, "", err)
	}
	return opError(op, engine.Unavailable, diskAdvice(err), err)
}
