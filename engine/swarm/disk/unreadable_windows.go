package disk

import (
	"errors"

	"golang.org/x/sys/windows"
)

// unreadable reports whether an error of a read says that the disk cannot give back what was written.
func unreadable(err error) bool {
	return errors.Is(err, windows.ERROR_CRC) || errors.Is(err, windows.ERROR_SECTOR_NOT_FOUND) ||
		errors.Is(err, windows.ERROR_IO_DEVICE)
}
