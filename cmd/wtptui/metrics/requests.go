package metrics

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"wtptui/engine"
)

// bucketBounds are the upper bounds of the histograms' buckets, in seconds: from a cached file to a request that times
// out.
var bucketBounds = [...]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// durationHistogram is a histogram of durations.
type durationHistogram struct {
	counts [len(bucketBounds) + 1]uint64 // by bucket; the last one has no upper bound
	sum    time.Duration
}

func (h *durationHistogram) add(d time.Duration) {
	i, _ := slices.BinarySearch(bucketBounds[:], d.Seconds())
	h.counts[i]++
	h.sum += d
}

func (h *durationHistogram) samples() []sample {
	var all []sample
	var n uint64
	for i, count := range h.counts {
		n += count
		le := "+Inf"
		if i < len(bucketBounds) {
			le = formatValue(bucketBounds[i])
		}
		all = append(all, sample{"_bucket", []label{{"le", le}}, float64(n)})
	}
	return append(all, sample{"_sum", nil, h.sum.Seconds()}, sample{"_count", nil, float64(n)})
}

// requestStats counts the requests of browsers.
type requestStats struct {
	mu     sync.Mutex
	codes  map[int]uint64
	bytes  int64
	pieces int
	wait   durationHistogram
	took   durationHistogram
}

func (r *requestStats) add(req engine.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.codes == nil {
		r.codes = map[int]uint64{}
	}
	r.codes[req.Status]++
	r.bytes += req.Bytes
	r.pieces += req.Pieces
	r.wait.add(time.Duration(req.Wait))
	r.took.add(time.Duration(req.Took))
}

func (r *requestStats) families() []family {
	r.mu.Lock()
	defer r.mu.Unlock()
	codes := family{
		name: "wtptui_requests_total", kind: counter,
		help: "Requests of browsers, by the status they were answered with.",
	}
	for _, code := range slices.Sorted(maps.Keys(r.codes)) {
		labels := []label{{"code", strconv.Itoa(code)}}
		codes.samples = append(codes.samples, sample{labels: labels, value: float64(r.codes[code])})
	}
	return []family{
		codes,
		singleSample("wtptui_response_bytes_total", counter, "Bytes of bodies sent to browsers.", float64(r.bytes)),
		singleSample("wtptui_request_pieces_total", counter,
			"Pieces that requests of browsers had to wait for.", float64(r.pieces)),
		{"wtptui_request_wait_seconds", histogram, "Time to the first byte of a response to a browser.", r.wait.samples()},
		{"wtptui_request_seconds", histogram, "Time to the last byte of a response to a browser.", r.took.samples()},
	}
}
