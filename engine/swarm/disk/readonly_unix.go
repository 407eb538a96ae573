//go:build unix

package disk

import (
	"errors"
	"syscall"
)

// isReadOnly reports whether a file could not be opened for writing because its file system is read-only.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// tooManyOpen reports whether a file could not be opened for lack of descriptors.
func tooManyOpen(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
