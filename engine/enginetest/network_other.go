//go:build !linux

package enginetest

import (
	"net/netip"
	"testing"
)

// OwnNetwork skips the test: there are network namespaces on Linux only.
func OwnNetwork(t *testing.T, _ ...netip.Prefix) bool {
	t.Helper()
	t.Skip("no network of its own here: it takes Linux")
	return false
}
