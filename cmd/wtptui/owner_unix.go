//go:build !windows

package main

import (
	"os"
	"syscall"
)

// chownLikeFolder gives what root has made in a folder to whoever has that folder: the wtptui of another user, which could
// not read it otherwise. For anybody else it does nothing.
func chownLikeFolder(folder string, names ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	for _, name := range names {
		if err := os.Lchown(name, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	return nil
}
