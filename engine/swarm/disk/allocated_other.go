//go:build !unix

package disk

import "io/fs"

// allocated is what a file takes on disk; its size where the system does not tell better.
func allocated(info fs.FileInfo) int64 { return info.Size() }

// unlinked reports whether an open file has been removed from its folder, which these systems do not allow.
func unlinked(fs.FileInfo) bool { return false }

// canShare would need a way to tell that an open file has other names.
const canShare = false

func shared(fs.FileInfo) bool { return false }
