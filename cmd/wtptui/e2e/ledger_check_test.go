package e2e_test

import (
	"fmt"
	"slices"
	"strings"

	"wtptui/engine"
)

// problem returns what of a snapshot is other than it was told; empty if nothing is.
func (l *ledger) problem(snap engine.Snapshot) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wrong []string
	known := map[string]bool{}
	for _, e := range l.entries {
		for _, host := range e.hosts() {
			known[host] = true
		}
		if e.step == nil {
			wrong = append(wrong, e.differences(e.now, snap)...)
		}
	}
	for _, site := range snap.Sites {
		if !known[site.Host] {
			wrong = append(wrong, fmt.Sprintf("%s, which nobody has asked for, is %s", site.Host, site.State))
		}
	}
	for s := range l.steps {
		if _, differs := s.outcome(snap); len(differs) > 0 {
			wrong = append(wrong, differs...)
		}
	}
	return strings.Join(wrong, "\n")
}

// settle takes from a snapshot without a problem what has become of all that was under way.
func (l *ledger) settle(snap engine.Snapshot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.steps {
		l.cut[s.what]++
		outcome, _ := s.outcome(snap)
		l.end(s, outcome)
	}
}

// outcome returns which one of its outcomes the step has come to, the one that promises least if there are several; or,
// if it is none of them, why.
func (s *step) outcome(snap engine.Snapshot) (i int, differs []string) {
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
	return slices.MinFunc(found, func(a, b int) int { return s.promises(a) - s.promises(b) }), nil
}

// promises counts what an outcome promises that cannot be seen.
func (s *step) promises(outcome int) (n int) {
	for _, st := range s.outcomes[outcome] {
		for _, promise := range []bool{st.allowed, st.complete, st.gone != ""} {
			if promise {
				n++
			}
		}
	}
	return n
}

// differences returns what of an entry is other than the standing says.
func (e *entry) differences(want standing, snap engine.Snapshot) (wrong []string) {
	if e.versions == nil { // the settings
		if snap.Status.Limits != want.limits {
			wrong = append(wrong, fmt.Sprintf("%s: %+v, want %+v", e.name, snap.Status.Limits, want.limits))
		}
		return wrong
	}
	there := !want.isHere()
	for _, site := range snap.Sites {
		switch {
		case !slices.Contains(e.hosts(), site.Host):
		case !want.isHere() || site.Host != want.host:
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

func (want standing) differences(site engine.Site) (wrong []string) {
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

// isComplete says that a site is told to be complete.
func isComplete(site engine.Site) bool {
	return site.State == engine.Seeding ||
		site.State == engine.Paused && site.Completed == site.Size && !site.Checking && site.Awaiting == ""
}
