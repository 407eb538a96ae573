package control

import "io/fs"

// identify returns the same for all folders: every process sees the same ones.
func identify(fs.FileInfo) string { return "there" }

// rights returns all rights; opening the folder fails if they are missing.
func rights(string) (readable, writable, readOnly bool) { return true, true, false }
