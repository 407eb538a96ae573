//go:build !windows

package main

import (
	"fmt"
	"os"
	"syscall"
)

// deviceAndInode returns the numbers of a file's device and of its inode, with a colon between them; nothing if they
// cannot be told.
func deviceAndInode(f *os.File) string {
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
