//go:build !windows

package main

import (
	"os/exec"
	"syscall"
)

// killWhole gives a command a process group of its own, all of which ends when the command is ended.
func killWhole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
