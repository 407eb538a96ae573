package control

import (
	"errors"
	"io/fs"
	"syscall"
)

// connectionRefused is WSAECONNREFUSED, which package syscall does not name.
const connectionRefused = syscall.Errno(10061)

// nobodyListens reports whether an error of a dial means that no program listens on the socket, or that there is no
// socket.
func nobodyListens(err error) bool {
	return errors.Is(err, connectionRefused) || errors.Is(err, fs.ErrNotExist)
}
