package ui

import (
	"slices"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/keys"
)

// status shows the engine's status in the header, and remembers the rates of the last minute.
type status struct {
	conn   *connection
	screen *screen
	rates  history.Rates
}

// showStatus shows the engine's status. That sites were found and wait for a decision is shown as a warning until there
// is one.
func (s *status) showStatus() {
	st := s.conn.snap.Status
	if text := s.foundWarning(); text != "" {
		st.Warnings = append(slices.Clip(st.Warnings), text)
	}
	st.LabelLimits = limitsInForce(st.LabelLimits, s.conn.snap.Sites)
	s.screen.homes = st.Homes
	s.screen.header.Set(st, s.rates.Total(), s.screen.now)
	s.screen.header.SetErrors(countErrors(s.conn.snap.Sites), s.screen.keys.FirstKey(keys.Errors))
}

// limitsInForce returns the limits of labels that some site has.
func limitsInForce(limits []engine.Limits, sites []engine.Site) (out []engine.Limits) {
	for _, l := range limits {
		for i := range sites {
			if slices.Contains(sites[i].Labels, l.Label) {
				out = append(out, l)
				break
			}
		}
	}
	return out
}

// countErrors counts the sites that have an error.
func countErrors(sites []engine.Site) int {
	n := 0
	for i := range sites {
		if sites[i].Error != "" {
			n++
		}
	}
	return n
}

// foundWarning returns how many sites were found in the data folder, and how to see them; empty when none was.
func (s *status) foundWarning() string {
	n := 0
	for i := range s.conn.snap.Sites {
		if s.conn.snap.Sites[i].State == engine.Found {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	text := " were found in the data folder and wait for you: "
	if n == 1 {
		text = " was found in the data folder and waits for you: "
	}
	return format.Plural(n, "site") + text + s.screen.keys.FirstKey(keys.StartSearch) + "state:found"
}
