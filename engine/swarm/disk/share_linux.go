package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// reflink clones from's data to to; it is shared until either is written to. Only some file systems can: Btrfs, XFS,
// bcachefs.
func reflink(to, from *os.File) error { return unix.IoctlFileClone(int(to.Fd()), int(from.Fd())) }

// openVolume opens a folder for syncVolume.
func openVolume(dir string) (*os.File, error) { return os.Open(dir) }

// syncVolume flushes the file system that a folder is on. It returns an error if anything written since the last call
// is lost.
func syncVolume(dir *os.File) error { return unix.Syncfs(int(dir.Fd())) }
