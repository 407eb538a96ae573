package swarm

import (
	"errors"
	"math"

	"golang.org/x/sys/windows"
)

const (
	errReadOnlyFS = windows.ERROR_WRITE_PROTECT
	errDiskQuota  = windows.ERROR_DISK_FULL
)

// isInUse reports whether the cause of a listen error is that the address is in use, or exclusively so.
func isInUse(err error) bool {
	return errors.Is(err, windows.WSAEADDRINUSE) || errors.Is(err, windows.WSAEACCES)
}

// freeSpace returns how many bytes an unprivileged user may still write to the volume of a folder.
func freeSpace(dir string) (int64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(min(free, math.MaxInt64)), nil
}

// OpenFileLimit returns how many handles are used at most. Windows has no practical limit.
func OpenFileLimit() int { return 8192 }
