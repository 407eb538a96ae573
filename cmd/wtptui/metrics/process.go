package metrics

import (
	"runtime"
	"runtime/metrics"
)

// usage is what the process takes of its machine, by the official client's names. A figure that the system does not
// tell is negative.
type usage struct {
	cpu, start                   float64 // in seconds: used so far, and since 1970
	resident, descriptors, limit float64 // in bytes, and counted
}

// unknown is a usage of which nothing is known.
func unknown() usage { return usage{cpu: -1, start: -1, resident: -1, descriptors: -1, limit: -1} }

// process tells what the process takes. What the system does not tell is left out.
func process() []family {
	u := readUsage()
	families := []family{
		one("wtptui_goroutines", gauge, "Goroutines of the process.", float64(runtime.NumGoroutine())),
		one("go_memstats_heap_alloc_bytes", gauge,
			"Memory of objects of the program, with those that are to be collected.", heap()),
	}
	for _, f := range []family{
		one("process_cpu_seconds_total", counter, "Time of processors that the process has taken.", u.cpu),
		one("process_start_time_seconds", gauge, "When the process started, in seconds since 1970.", u.start),
		one("process_resident_memory_bytes", gauge, "Memory of the process that is not swapped out.", u.resident),
		one("process_open_fds", gauge, "Descriptors that are open: files and connections.", u.descriptors),
		one("process_max_fds", gauge, "Descriptors that may be.", u.limit),
	} {
		if f.samples[0].value >= 0 {
			families = append(families, f)
		}
	}
	return families
}

// heap is the memory of objects, in bytes. Reading it stops nothing.
func heap() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(s[0].Value.Uint64())
}
