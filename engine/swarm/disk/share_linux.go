package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// reflink lets to share from's data until either is written to. Only some file systems can: Btrfs, XFS, bcachefs.
func reflink(to, from *os.File) error { return unix.IoctlFileClone(int(to.Fd()), int(from.Fd())) }

// syncAll flushes the file system that a folder is on; false if it cannot.
func syncAll(dir string) bool {
	d, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	return unix.Syncfs(int(d.Fd())) == nil
}
