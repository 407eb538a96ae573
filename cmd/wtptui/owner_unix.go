//go:build !windows

package main

import (
	"os"
	"syscall"
)

// chownLikeFolder gives files that root has created in a folder to the owner of the folder, whose wtptui could not read
// them otherwise. It does nothing for other users.
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
