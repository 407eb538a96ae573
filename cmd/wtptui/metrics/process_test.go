package metrics

import (
	"runtime"
	"testing"
	"time"
)

// The metrics of this process are plausible, where the system reports them.
func TestProcessFamilies(t *testing.T) {
	values := map[string]float64{}
	for _, f := range processFamilies() {
		values[f.name] = f.samples[0].value
	}
	if values["go_memstats_heap_alloc_bytes"] < 1000 {
		t.Errorf("the heap has %v bytes", values["go_memstats_heap_alloc_bytes"])
	}
	if runtime.GOOS != "linux" {
		t.Skip("what other systems tell differs")
	}
	now := float64(time.Now().Unix())
	for name, most := range map[string]float64{
		"process_cpu_seconds_total":     1e4,
		"process_start_time_seconds":    now + 1,
		"process_resident_memory_bytes": 100e9,
		"process_open_fds":              values["process_max_fds"],
		"process_max_fds":               1e20,
		"wtptui_goroutines":             1e4,
	} {
		if v, there := values[name]; !there || v < 0 || v > most {
			t.Errorf("%s is %v (there: %t), want at most %v", name, v, there, most)
		}
	}
	if values["process_start_time_seconds"] < now-24*60*60 || values["process_resident_memory_bytes"] < 1e6 ||
		values["process_open_fds"] < 3 {
		t.Errorf("too little: %v", values)
	}
}

// A value that the system does not report is left out, and not 0.
func TestUnknownUsageIsNegative(t *testing.T) {
	u := unknownUsage()
	for _, v := range []float64{u.cpu, u.start, u.resident, u.descriptors, u.limit} {
		if v >= 0 {
			t.Errorf("%+v", u)
		}
	}
}
