//go:build unix

package disk

import (
	"errors"
	"syscall"
)

// unreadable reports whether a read error means that the disk cannot return what was written.
func unreadable(err error) bool { return errors.Is(err, syscall.EIO) }
