package ui

import (
	"time"

	"wtptui/ui/undo"
)

// settleTime is how long a snapshot may still arrive that was taken before a change.
const settleTime = 5 * time.Second

// unsettledChange is a change that was carried out, and that no snapshot has shown yet.
type unsettledChange struct {
	change undo.Change
	// until is when it is no longer waited for: somebody else may have changed the same at once.
	until time.Time
}

// dropSettled drops the changes that the newest snapshot shows. A snapshot that was under way while they were made
// shows none.
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

// engineState returns the engine's state in the newest snapshot.
func (un *undoHistory) engineState() undo.EngineState {
	return undo.EngineState{Lookup: un.screen.list.Lookup, Limits: un.conn.limitsOf, Unsettled: func(host string) bool {
		_, ok := un.unsettled[host]
		return ok
	}}
}
