package metrics

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ticksPerSecond is the same on all processors that Go supports, independent of the kernel's own clock.
const ticksPerSecond = 100

// readUsage reads proc(5).
func readUsage() usage {
	u := unknownUsage()
	u.limit = descriptorLimit()
	// The folder itself is open while it is read.
	if all, err := os.ReadDir("/proc/self/fd"); err == nil {
		u.descriptors = float64(len(all) - 1)
	}
	u.readStat()
	return u
}

// readStat reads the kernel's counters of the process, which a system may hide.
func (u *usage) readStat() {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return
	}
	// The second field is the program's name in parentheses, which may contain blanks; the first one after it is the
	// third.
	_, rest, ok := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 22 {
		return
	}
	field := func(n int) float64 {
		v, err := strconv.ParseFloat(fields[n-3], 64)
		if err != nil {
			return -1
		}
		return v
	}
	u.cpu = (field(14) + field(15)) / ticksPerSecond
	u.resident = field(24) * float64(os.Getpagesize())
	if boot := bootTime(); boot > 0 {
		u.start = boot + field(22)/ticksPerSecond
	}
}

// bootTime returns when the machine started, in seconds since 1970; 0 if that is unknown.
func bootTime() float64 {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(stat)) {
		if text, ok := strings.CutPrefix(line, "btime "); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err == nil {
				return n
			}
		}
	}
	return 0
}

// descriptorLimit returns the maximum number of open descriptors of the process; -1 if that is unknown.
func descriptorLimit() float64 {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &r) != nil {
		return -1
	}
	return float64(r.Cur)
}
