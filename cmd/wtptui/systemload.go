package main

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// systemLoad tells whether the system has power and time for work that can wait. It reads files that Linux has.
type systemLoad struct {
	root fs.FS
	// cores is the number of threads that run at a time.
	cores int
}

// maxLoadPerCore is the load average over a minute, for each core, above which the system counts as busy.
const maxLoadPerCore = 0.75

// busyReason returns in a few words why work should wait; empty if there is no known reason.
func (l systemLoad) busyReason() string {
	switch {
	case l.onBattery():
		return "the machine runs on battery"
	case l.loadAverage() > maxLoadPerCore*float64(l.cores):
		return "the machine is busy with other things"
	}
	return ""
}

// loadAverage returns the load average over the last minute; 0 if it is not known.
func (l systemLoad) loadAverage() float64 {
	first, _, _ := strings.Cut(l.read("proc/loadavg"), " ")
	load, _ := strconv.ParseFloat(first, 64) // 0 if it cannot be read
	return load
}

// onBattery reports whether a battery of the machine is discharging and no other supply is connected. Batteries of mice
// and headsets, whose scope is a device, do not count.
func (l systemLoad) onBattery() bool {
	const dir = "sys/class/power_supply"
	supplies, _ := fs.ReadDir(l.root, dir) // empty if the folder does not exist
	discharging := false
	for _, s := range supplies {
		readField := func(name string) string { return l.read(path.Join(dir, s.Name(), name)) }
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

func (l systemLoad) read(name string) string {
	b, _ := fs.ReadFile(l.root, name) // empty if the file does not exist
	return strings.TrimSpace(string(b))
}
