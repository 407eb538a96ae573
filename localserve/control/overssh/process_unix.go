//go:build !windows

package overssh

import (
	"os/exec"
	"syscall"
)

// canMultiplex reports whether ssh can be asked for more while it runs.
const canMultiplex = true

// detachFromTerminal gives a command a session of its own: it cannot ask anything on this terminal, nor is it stopped
// or ended by its keys.
func detachFromTerminal(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
