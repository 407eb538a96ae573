package ui

import (
	"time"

	"wtptui/ui/undo"
)

// settleTime is how long a snapshot may still come that was taken before what was done.
const settleTime = 5 * time.Second

// deed is a change that was carried out, and that no snapshot has shown yet.
type deed struct {
	change undo.Change
	// until is when it is no longer waited for: somebody else may have changed the same at once.
	until time.Time
}

// settle forgets the changes that are to be seen by now. A snapshot that was on its way while they were made shows
// none.
func (un *undoing) settle() {
	for host, d := range un.unsettled {
		if d.change.Shows(host, un.now()) || !un.screen.now.Before(d.until) {
			delete(un.unsettled, host)
		}
	}
}

// unsettle notes that no snapshot has shown yet what a job did.
func (un *undoing) unsettle(j *job) {
	if un.unsettled == nil {
		un.unsettled = map[string]deed{}
	}
	for _, c := range j.changes {
		d := deed{c, un.screen.now.Add(settleTime)}
		if c.Limits != nil {
			un.unsettled[""] = d
		}
		for _, host := range c.Hosts {
			un.unsettled[host] = d
		}
	}
}

// now is what the newest snapshot shows.
func (un *undoing) now() undo.Now {
	return undo.Now{Find: un.screen.list.Find, Limits: un.conn.limitsOf, Unsettled: func(host string) bool {
		_, ok := un.unsettled[host]
		return ok
	}}
}
