//go:build !windows

package control

import (
	"errors"
	"syscall"
)

// nobodyListens reports whether an error of a dial means that no program listens on the socket, or that there is no
// socket.
func nobodyListens(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}
