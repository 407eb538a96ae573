//go:build !linux

package e2e_test

import "testing"

// mountSmallDisk would need a file system that can be mounted without more ado.
func mountSmallDisk(t *testing.T, _ int) string {
	t.Helper()
	t.Skip("needs Linux, to mount a small file system")
	return ""
}
