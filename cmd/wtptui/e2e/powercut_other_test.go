//go:build !linux

package e2e_test

import (
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

type cutDisk struct{}

func newCutDisk(t *testing.T) *cutDisk {
	t.Helper()
	t.Skip("no file system in a file here that a power cut could be made of")
	return nil
}

func (*cutDisk) dataDir() string { return "" }

func (*cutDisk) cut(*testing.T, *peers.Wtptui) {}
