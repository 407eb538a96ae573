//go:build !windows

package control

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// identify returns the numbers of a file's device and inode, which are the same in all mount namespaces.
func identify(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// rights returns the rights of this process in a folder (access(2)), and whether its file system is read-only.
func rights(dir string) (readable, writable, readOnly bool) {
	const read, write, search = 4, 2, 1
	err := syscall.Access(dir, write|search)
	return syscall.Access(dir, read|search) == nil, err == nil, errors.Is(err, syscall.EROFS)
}
