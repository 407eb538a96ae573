//go:build !linux

package e2e_test

import (
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

type crashDisk struct{}

func newCrashDisk(t *testing.T) *crashDisk {
	t.Helper()
	t.Skip("no file system in a file here that a power cut could be made of")
	return nil
}

func (*crashDisk) dataDir() string { return "" }

func (*crashDisk) cutPower(*testing.T, *peers.Wtptui) {}
