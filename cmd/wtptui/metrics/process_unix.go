//go:build unix && !linux

package metrics

import "golang.org/x/sys/unix"

// readUsage reads what all systems of this kind report: processor time, and the limit of descriptors.
func readUsage() usage {
	u := unknownUsage()
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &used) == nil {
		u.cpu = float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
	}
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) == nil {
		u.limit = float64(r.Cur)
	}
	return u
}
