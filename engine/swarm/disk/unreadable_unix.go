//go:build unix

package disk

import (
	"errors"
	"syscall"
)

// unreadable reports whether an error of a read says that the disk cannot give back what was written.
func unreadable(err error) bool { return errors.Is(err, syscall.EIO) }
