//go:build !windows

package command

import (
	"os/exec"
	"syscall"
)

// group gives a process a process group of its own, all of which is killed when the context of the process ends.
func group(p *exec.Cmd) {
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.Cancel = func() error { return syscall.Kill(-p.Process.Pid, syscall.SIGKILL) }
}

// terminateGroup has the group asked to end in place of that, so that its programs can put things in order.
func terminateGroup(p *exec.Cmd) {
	p.Cancel = func() error { return syscall.Kill(-p.Process.Pid, syscall.SIGTERM) }
}

// endGroup kills what a process has left behind.
func endGroup(p *exec.Cmd) {
	if p.Process != nil {
		_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) // As a rule there is nobody.
	}
}
