//go:build !windows

package command

import (
	"os/exec"
	"syscall"
)

// group gives a process a process group of its own, all of which ends when the context of the process does.
func group(p *exec.Cmd) {
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.Cancel = func() error { return syscall.Kill(-p.Process.Pid, syscall.SIGKILL) }
}

// endGroup ends what a process has left behind.
func endGroup(p *exec.Cmd) {
	if p.Process != nil {
		_ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) // As a rule there is nobody.
	}
}
