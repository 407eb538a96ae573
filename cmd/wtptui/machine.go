package main

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// machine tells whether there is power and time for what can wait, as far as the system says so in files: Linux does.
type systemLoad struct {
	root fs.FS
	// cores is how many threads run at a time.
	cores int
}

// maxLoadPerCore is how many threads for each core may want to run, on average over a minute, before the machine counts as
// busy.
const maxLoadPerCore = 0.75

// busy says in a few words why what can wait should; empty when nothing is known to be in the way.
func (m systemLoad) busyReason() string {
	switch {
	case m.onBattery():
		return "the machine runs on battery"
	case m.loadAverage() > maxLoadPerCore*float64(m.cores):
		return "the machine is busy with other things"
	}
	return ""
}

// load is the number of threads that want to run, on average over the last minute; 0 if that is not known.
func (m systemLoad) loadAverage() float64 {
	first, _, _ := strings.Cut(m.read("proc/loadavg"), " ")
	load, _ := strconv.ParseFloat(first, 64) // 0 for what cannot be read
	return load
}

// onBattery reports whether a battery of the machine is being used up, and no other supply is there. Those of mice and
// headsets, which are supplies of a device, do not count.
func (m systemLoad) onBattery() bool {
	const dir = "sys/class/power_supply"
	supplies, _ := fs.ReadDir(m.root, dir) // none where there is no such folder
	discharging := false
	for _, s := range supplies {
		readField := func(name string) string { return m.read(path.Join(dir, s.Name(), name)) }
		switch kind := readField("type"); {
		case readField("scope") == "Device":
		case kind == "Battery" || kind == "UPS":
			discharging = discharging || readField("status") == "Discharging"
		case readField("online") == "1":
			return false
		}
	}
	return discharging
}

func (m systemLoad) read(name string) string {
	b, _ := fs.ReadFile(m.root, name) // empty for what is not there
	return strings.TrimSpace(string(b))
}
