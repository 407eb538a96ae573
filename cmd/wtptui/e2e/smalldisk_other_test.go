//go:build !linux

package e2e_test

import "testing"

// smallDisk would need a file system that can be mounted without more ado.
func smallDisk(t *testing.T, _ int) string {
	t.Helper()
	t.Skip("needs Linux, to mount a small file system")
	return ""
}
