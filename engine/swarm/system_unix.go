//go:build unix

package swarm

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	errDiskQuota  = syscall.EDQUOT
	errReadOnlyFS = syscall.EROFS
)

// isInUse reports whether the cause of a listen error is that the address is in use.
func isInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// freeSpace returns how many bytes an unprivileged user may still write to the file system of a folder.
func freeSpace(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil //nolint:unconvert // the types differ between systems
}

// OpenFileLimit returns the maximum number of open descriptors of the process.
func OpenFileLimit() int {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return 256
	}
	return int(min(r.Cur, 1<<20))
}
