package e2e_test

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
)

// findMismatch returns a description of what differs between a snapshot and what was acknowledged; empty if nothing
// does.
func (l *ledger) findMismatch(snap engine.Snapshot) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wrong []string
	known := map[string]bool{}
	for _, e := range l.entries {
		for _, host := range e.hosts() {
			known[host] = true
		}
		if e.operation == nil {
			wrong = append(wrong, e.differences(e.state, snap)...)
		}
	}
	for _, site := range snap.Sites {
		if !known[site.Host] {
			wrong = append(wrong, fmt.Sprintf("%s, which nobody has asked for, is %s", site.Host, site.State))
		}
	}
	for s := range l.operations {
		if _, differs := s.findOutcome(snap); len(differs) > 0 {
			wrong = append(wrong, differs...)
		}
	}
	return strings.Join(wrong, "\n")
}

// resolveOperations records, from a snapshot without a mismatch, the outcomes of all interrupted operations.
func (l *ledger) resolveOperations(snap engine.Snapshot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.operations {
		l.interrupted[s.what]++
		outcome, _ := s.findOutcome(snap)
		l.remove(s, outcome)
	}
}

// findOutcome returns which outcome of the operation the snapshot shows, the one that promises least if several match,
// or, if none does, the differences.
func (s *operation) findOutcome(snap engine.Snapshot) (i int, differs []string) {
	var found []int
	for i, standings := range s.outcomes {
		var all []string
		for k, e := range s.entries {
			all = append(all, e.differences(standings[k], snap)...)
		}
		if len(all) == 0 {
			found = append(found, i)
		}
		differs = append(differs, fmt.Sprintf("%s was under way; outcome %d: %q", s.what, i, all))
	}
	if len(found) == 0 {
		return 0, differs
	}
	return slices.MinFunc(found, func(a, b int) int { return s.countHiddenPromises(a) - s.countHiddenPromises(b) }), nil
}

// countHiddenPromises counts what an outcome promises that a snapshot does not show.
func (s *operation) countHiddenPromises(outcome int) (n int) {
	for _, st := range s.outcomes[outcome] {
		for _, promise := range []bool{st.allowed, st.complete, st.takenAwayBy != ""} {
			if promise {
				n++
			}
		}
	}
	return n
}

// differences returns how the snapshot of an entry differs from the expected state.
func (e *entry) differences(want siteState, snap engine.Snapshot) (wrong []string) {
	if e.versions == nil { // the settings
		if snap.Status.Limits != want.limits {
			wrong = append(wrong, fmt.Sprintf("%s: %+v, want %+v", e.name, snap.Status.Limits, want.limits))
		}
		return wrong
	}
	there := !want.isListed()
	for _, site := range snap.Sites {
		switch {
		case !slices.Contains(e.hosts(), site.Host):
		case !want.isListed() || site.Host != want.host:
			wrong = append(wrong, fmt.Sprintf("%s: %s is in the list: %s", e.name, site.Host, site.State))
		default:
			there = true
			for _, what := range want.differences(site) {
				wrong = append(wrong, e.name+": "+what)
			}
		}
	}
	if !there {
		wrong = append(wrong, fmt.Sprintf("%s: %s is not in the list", e.name, want.host))
	}
	return wrong
}

func (want siteState) differences(site engine.Site) (wrong []string) {
	report := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	paused := site.State == engine.Paused
	report(site.Infohash != want.content.infohash, "serves %s, want %s", site.Infohash, want.content.infohash)
	report(site.NextInfohash != "", "is to serve %s", site.NextInfohash)
	report(site.State == engine.Found, "found")
	report(site.Pinned != want.pinned, "pinned: %v", site.Pinned)
	report(paused != want.paused, "paused: %v", paused)
	report(site.NoClearnet != want.noClearnet, "kept from the clearnet: %v", site.NoClearnet)
	report(want.allowed && site.ErrorKind == engine.TooLarge, "not allowed any more: %s", site.Error)
	report(want.complete && !isComplete(site), "not complete: %s, %d of %d bytes %s %s",
		site.State, site.Completed, site.Size, site.Awaiting, site.Error)
	return wrong
}

// isComplete reports whether the snapshot says that the site is complete.
func isComplete(site engine.Site) bool {
	return site.State == engine.Seeding ||
		site.State == engine.Paused && site.Completed == site.Size && !site.Checking && site.Awaiting == ""
}
