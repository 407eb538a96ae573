//go:build !windows

package main

import (
	"os/exec"
	"syscall"
)

// detach gives the command a session of its own, so that it survives the end of this terminal.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
