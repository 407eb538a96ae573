//go:build unix

package main

import (
	"os"
	"syscall"
)

// pageFaults returns how many pages of memory the kernel had to provide for a process that has ended.
func pageFaults(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Minflt + usage.Majflt
}
