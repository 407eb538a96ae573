package e2e_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// undoPeriods holds for how long the effect of a verb can be undone.
var undoPeriods = map[engine.Verb]time.Duration{engine.Evict: 24 * time.Hour, engine.Remove: 24 * time.Hour}

// ledger records what a program has acknowledged about its sites and settings, and the operations that are running when
// it crashes. The next start has to show all that was acknowledged, and each interrupted operation completely or not at
// all.
type ledger struct {
	mu         sync.Mutex
	entries    []*entry
	operations map[*operation]struct{} // those that are under way
	// succeeded counts the operations that have succeeded, and cut those that were under way at an end, by what was done.
	succeeded, interrupted map[string]int
}

// content is one version of a site.
type content struct {
	infohash string
	files    map[string][]byte // by path; nil where nobody compares them
}

// siteState is what was acknowledged about one site, or about the settings.
type siteState struct {
	host                                string // empty when there is no such site
	content                             *content
	pinned, paused, noClearnet, allowed bool
	// complete reports whether all of it was told to be here.
	complete bool
	// formerVersions are former versions that are still here, newest last.
	formerVersions []*content
	// takenAwayBy is what took the site away, if it can be brought back, and takenAwayAt when that began.
	takenAwayBy engine.Verb
	takenAwayAt time.Time
	limits      engine.Limits
}

// entry is a site, under any of its names, or the settings.
type entry struct {
	name string
	// versions are all that it may serve; domain is its name, or empty when it is named by its infohash.
	versions []*content
	domain   string
	// dir is the folder that it is published from; empty for what is fetched from others.
	dir string
	// large reports whether it is not fetched unless it is allowed.
	large bool
	// fixed reports whether nobody does anything to it.
	fixed     bool
	state     siteState
	operation *operation // what is being done to it
}

// operation is an operation that is running.
type operation struct {
	what    string
	entries []*entry
	// outcomes are what may have become of the entries, of all of them the same one: the first is what they were before,
	// the last what they are when it has succeeded.
	outcomes [][]siteState
}

func newLedger(entries ...*entry) *ledger {
	return &ledger{
		entries: entries, operations: map[*operation]struct{}{}, succeeded: map[string]int{}, interrupted: map[string]int{},
	}
}

// action is something that can be done to entries.
type action struct {
	what string
	fits func(*entry) bool
	// stages are what becomes of an entry, one after the other.
	stages []func(*entry, siteState) siteState
}

// start picks at random up to `most` idle entries that the action fits, and records that an operation on them has
// begun. It returns nil if there are none.
func (l *ledger) start(rnd *rand.Rand, most int, a action) *operation {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &operation{what: a.what}
	for _, i := range rnd.Perm(len(l.entries)) {
		e := l.entries[i]
		if e.isUndoExpired() {
			e.state = siteState{}
		}
		if len(s.entries) < most && e.operation == nil && !e.fixed && a.fits(e) {
			s.entries = append(s.entries, e)
			e.operation = s
		}
	}
	if len(s.entries) == 0 {
		return nil
	}
	at := make([]siteState, len(s.entries))
	for i, e := range s.entries {
		at[i] = e.state
	}
	s.outcomes = append(s.outcomes, slices.Clone(at))
	for _, stage := range a.stages {
		for i, e := range s.entries {
			at[i] = stage(e, at[i])
		}
		s.outcomes = append(s.outcomes, slices.Clone(at))
	}
	l.operations[s] = struct{}{}
	return s
}

// markStage records that the operation was reported to have reached a stage, from 1.
func (l *ledger) markStage(s *operation, stage int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.outcomes = s.outcomes[stage:]
}

// markSucceeded records that the operation was reported to have succeeded.
func (l *ledger) markSucceeded(s *operation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.succeeded[s.what]++
	l.remove(s, len(s.outcomes)-1)
}

// markUnchanged records that the operation was reported to have changed nothing.
func (l *ledger) markUnchanged(s *operation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(s, 0)
}

// remove ends the operation with an outcome. l.mu is held.
func (l *ledger) remove(s *operation, outcome int) {
	for i, e := range s.entries {
		e.state, e.operation = s.outcomes[outcome][i], nil
	}
	delete(l.operations, s)
}

// undoTimeLeft returns for how long the site can still be brought back. It is negative when that time is over, and
// false if the site was not taken away.
func (s siteState) undoTimeLeft() (time.Duration, bool) {
	return time.Until(s.takenAwayAt.Add(undoPeriods[s.takenAwayBy])), s.takenAwayBy != ""
}

// clockSlack is how exactly the end of the time to undo is known here: close to it, nothing is checked.
const clockSlack = 2 * time.Second

// isUndoExpired reports whether the site cannot be brought back any more.
func (e *entry) isUndoExpired() bool {
	left, gone := e.state.undoTimeLeft()
	return gone && e.operation == nil && left < -clockSlack
}

// isListed reports whether the site is in the list.
func (s siteState) isListed() bool { return s.host != "" && s.takenAwayBy == "" }

// canUndo reports whether the site was taken away and can be brought back.
func (s siteState) canUndo() bool {
	left, gone := s.undoTimeLeft()
	return gone && left > clockSlack
}

// hosts returns all hosts under which the entry's site may be listed.
func (e *entry) hosts() []string {
	if e.domain != "" {
		return []string{e.domain}
	}
	var hosts []string
	for _, v := range e.versions {
		hosts = append(hosts, v.infohash)
	}
	return hosts
}

// describeOperations returns a line about what is running.
func (l *ledger) describeOperations() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for s := range l.operations {
		for _, e := range s.entries {
			all = append(all, s.what+" "+e.name)
		}
	}
	return strings.Join(all, ", ")
}
