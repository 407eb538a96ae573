//go:build !windows

package overssh

import (
	"os/exec"
	"syscall"
)

// canMultiplex reports whether a running ssh takes further requests over a control socket.
const canMultiplex = true

// detachFromTerminal makes a command run in a session of its own: it cannot use this terminal, and the terminal's keys
// send it no signals.
func detachFromTerminal(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
