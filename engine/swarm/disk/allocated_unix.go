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
