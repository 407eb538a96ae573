//go:build unix

package swarm

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// waitForDisk waits until everything that was written before is on the disk, so that one run does not pay for another.
func waitForDisk() { unix.Sync() }

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
