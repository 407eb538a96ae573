//go:build !unix

package disk

// isReadOnly reports whether a file could not be opened for writing because its file system is read-only; these systems
// say that with a permission error.
func isReadOnly(error) bool { return false }

// tooManyOpen reports whether a file could not be opened for lack of descriptors, of which these systems have plenty.
func tooManyOpen(error) bool { return false }
