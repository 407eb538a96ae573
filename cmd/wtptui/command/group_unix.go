//go:build !windows

package command

import (
	"os/exec"
	"syscall"
)

// setProcessGroup puts a process into a process group of its own, which is killed when the context of the process
// ends.
func setProcessGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// terminateGroupOnCancel sends the group SIGTERM instead, so that its programs can clean up.
func terminateGroupOnCancel(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// killGroup kills what a process has left behind in its group.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // Mostly there is none left.
	}
}
