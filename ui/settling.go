package ui

import (
	"time"

	"wtptui/ui/undo"
)

// settleTime is how long a snapshot may still come that was taken before what was done.
const settleTime = 5 * time.Second

// unsettledChange is a change that was carried out, and that no snapshot has shown yet.
type unsettledChange struct {
	change undo.Change
	// until is when it is no longer waited for: somebody else may have changed the same at once.
	until time.Time
}

// dropSettled forgets the changes that are to be seen by now. A snapshot that was on its way while they were made shows
// none.
func (un *undoHistory) dropSettled() {
	for host, d := range un.unsettled {
		if d.change.IsApplied(host, un.engineState()) || !un.screen.now.Before(d.until) {
			delete(un.unsettled, host)
		}
	}
}

// addUnsettled notes that no snapshot has shown yet what a job did.
func (un *undoHistory) addUnsettled(j *job) {
	if un.unsettled == nil {
		un.unsettled = map[string]unsettledChange{}
	}
	for _, c := range j.changes {
		d := unsettledChange{c, un.screen.now.Add(settleTime)}
		if c.Limits != nil {
			un.unsettled[""] = d
		}
		for _, host := range c.Hosts {
			un.unsettled[host] = d
		}
	}
}

// engineState is what the newest snapshot shows.
func (un *undoHistory) engineState() undo.EngineState {
	return undo.EngineState{Lookup: un.screen.list.Lookup, Limits: un.conn.limitsOf, Unsettled: func(host string) bool {
		_, ok := un.unsettled[host]
		return ok
	}}
}
