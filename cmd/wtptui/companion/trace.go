package companion

import "wtptui/engine"

// traceLength is how many seconds a trace goes back.
const traceLength = 60

// trace has the rates of a site in bytes per second, one a second, the oldest first.
type trace struct {
	Down []int64 `json:"down"`
	Up   []int64 `json:"up"`
}

// traces has those of the sites that tabs show.
type traces map[string]trace

// note takes the rates of a second.
func (t traces) note(shown []engine.Site) {
	seen := map[string]bool{}
	for _, s := range shown {
		seen[s.Host] = true
		was := t[s.Host]
		t[s.Host] = trace{Down: latest(was.Down, s.DownRate), Up: latest(was.Up, s.UpRate)}
	}
	for host := range t {
		if !seen[host] {
			delete(t, host)
		}
	}
}

// latest makes a new slice: the old one may be on its way out.
func latest(values []int64, v int64) []int64 {
	if len(values) == traceLength {
		values = values[1:]
	}
	return append(append(make([]int64, 0, traceLength), values...), v)
}
