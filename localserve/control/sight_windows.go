package control

import "io/fs"

// identify returns the same for all folders: every process sees the same ones.
func identify(fs.FileInfo) string { return "there" }

// rights are not asked for: opening a folder tells.
func rights(string) (readable, writable, readOnly bool) { return true, true, false }
