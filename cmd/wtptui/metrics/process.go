package metrics

import (
	"runtime"
	"runtime/metrics"
)

// usage is the resource usage of the process, named as in the official client. Values that the system does not report
// are negative.
type usage struct {
	cpu, start                   float64 // in seconds: used so far, and since 1970
	resident, descriptors, limit float64 // in bytes, and counts
}

// unknownUsage returns a usage without values.
func unknownUsage() usage { return usage{cpu: -1, start: -1, resident: -1, descriptors: -1, limit: -1} }

// processFamilies returns the metrics of the process. Those that the system does not report are left out.
func processFamilies() []family {
	u := readUsage()
	families := []family{
		singleSample("wtptui_goroutines", gauge, "Goroutines of the process.", float64(runtime.NumGoroutine())),
		singleSample("go_memstats_heap_alloc_bytes", gauge,
			"Memory of the program's objects, including those that the garbage collector will free.", heapBytes()),
	}
	for _, f := range []family{
		singleSample("process_cpu_seconds_total", counter, "Processor time that the process has used.", u.cpu),
		singleSample("process_start_time_seconds", gauge, "When the process started, in seconds since 1970.", u.start),
		singleSample("process_resident_memory_bytes", gauge, "Memory of the process that is not swapped out.", u.resident),
		singleSample("process_open_fds", gauge, "Descriptors that are open: files and connections.", u.descriptors),
		singleSample("process_max_fds", gauge, "How many descriptors the process may have open.", u.limit),
	} {
		if f.samples[0].value >= 0 {
			families = append(families, f)
		}
	}
	return families
}

// heapBytes returns the memory of objects, in bytes. Reading it does not stop the program.
func heapBytes() float64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(s[0].Value.Uint64())
}
