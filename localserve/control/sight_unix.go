//go:build !windows

package control

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// identify returns the numbers of a file's device and inode, which name it in all mount namespaces.
func identify(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// rights are those of this process in a folder (access(2)); readOnly says that its file system is.
func rights(dir string) (readable, writable, readOnly bool) {
	const read, write, search = 4, 2, 1
	err := syscall.Access(dir, write|search)
	return syscall.Access(dir, read|search) == nil, err == nil, errors.Is(err, syscall.EROFS)
}
