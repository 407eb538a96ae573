//go:build unix

package disk

import (
	"io/fs"
	"syscall"
)

// allocated is what a file takes on disk: less than its size where it has holes.
func allocated(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}

// unlinked reports whether an open file has been removed from its folder.
func unlinked(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink == 0
}

// canShare says that files may be hard links to each other: shared tells when one is.
const canShare = true

// shared reports whether a file has other names than the one it was opened by.
func shared(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 1
}
