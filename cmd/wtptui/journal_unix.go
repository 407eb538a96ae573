//go:build !windows

package main

import (
	"fmt"
	"os"
	"syscall"
)

// deviceAndInode returns the numbers of the file's device and inode, separated by a colon; empty if they are not known.
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
