//go:build unix

package disk

import (
	"io/fs"
	"syscall"
)

// allocated returns how many bytes a file occupies on the disk: less than its size if it has holes.
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

// canShare reports whether shared can detect hard links, so that files may be hard links to each other.
const canShare = true

// shared reports whether a file has more than one hard link.
func shared(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 1
}
