package metrics

import "golang.org/x/sys/windows"

// readUsage reads the times of the process. Windows has no limit of descriptors.
func readUsage() usage {
	u := unknownUsage()
	var created, exited, kernel, user windows.Filetime
	if windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user) == nil {
		u.cpu = seconds(kernel) + seconds(user)
		u.start = float64(created.Nanoseconds()) / 1e9
	}
	return u
}

// seconds converts a duration, which Filetime.Nanoseconds would take for a time.
func seconds(d windows.Filetime) float64 {
	return float64(uint64(d.HighDateTime)<<32|uint64(d.LowDateTime)) / 1e7
}
