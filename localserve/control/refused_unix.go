//go:build !windows

package control

import (
	"errors"
	"syscall"
)

// nobodyListens reports whether err of a dial says that the socket's program is gone, or that there is no socket.
func nobodyListens(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT)
}
