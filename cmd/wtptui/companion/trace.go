package companion

import "wtptui/engine"

// traceLength is the number of values in a trace, one for each second.
const traceLength = 60

// trace has the rates of a site in bytes per second, one for each second, the oldest first.
type trace struct {
	Down []int64 `json:"down"`
	Up   []int64 `json:"up"`
}

// traces has the traces of the sites that tabs show, by host.
type traces map[string]trace

// record adds the current rates of these sites, and drops the traces of all others.
func (t traces) record(sites []engine.Site) {
	seen := map[string]bool{}
	for _, s := range sites {
		seen[s.Host] = true
		was := t[s.Host]
		t[s.Host] = trace{Down: appendRate(was.Down, s.DownRate), Up: appendRate(was.Up, s.UpRate)}
	}
	for host := range t {
		if !seen[host] {
			delete(t, host)
		}
	}
}

// appendRate returns a new slice: the old one may be in a message that is being sent.
func appendRate(values []int64, v int64) []int64 {
	if len(values) == traceLength {
		values = values[1:]
	}
	return append(append(make([]int64, 0, traceLength), values...), v)
}
