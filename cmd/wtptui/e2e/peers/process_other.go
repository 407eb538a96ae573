//go:build !linux

package peers

import "os/exec"

// dieWithParent is Linux's. Elsewhere a child outlives a test binary that is killed, unless it watches its stdin.
func dieWithParent(*exec.Cmd) {}
