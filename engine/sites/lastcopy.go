package sites

import (
	"time"

	"wtptui/engine"
)

const (
	// aloneFor is how long nobody else must have all of a site until that is told: counts go up and down.
	aloneFor = 10 * time.Minute
	// sharedFor is how long somebody else must have had it again, until the next loss is told anew.
	sharedFor = time.Hour
)

// lastCopies tells a person, once, that a pinned site has become the last copy.
type lastCopies struct {
	events  *eventLog
	journal *journal
}

// aloneness is what lastCopies notes of a site. That others have had it is in its row, as Shared, so that a loss during
// which the program does not run is told as well.
type lastCopyState struct {
	alone bool
	// since is since when it is, or is not, alone; zero while that is not known.
	since time.Time
	// told says that it was told, and not forgotten since.
	reported bool
}

// observe takes the number of copies elsewhere; less than zero, if it is not known, changes nothing.
func (l *lastCopies) observe(s *site, copies int, now time.Time) {
	if copies < 0 || s.row.Found {
		return
	}
	a := &s.lastCopy
	if alone := copies == 0; a.since.IsZero() || alone != a.alone {
		a.alone, a.since = alone, now
	}
	held := now.Sub(a.since)
	switch {
	case !a.alone && !s.row.Shared && (!a.reported || held >= sharedFor):
		a.reported, s.row.Shared = false, true
		l.journal.markDirty(s)
	case a.alone && s.row.Shared && held >= aloneFor && s.row.Pinned && s.isComplete():
		a.reported, s.row.Shared = true, false
		l.journal.markDirty(s)
		l.events.record(s, engine.Warning, engine.Noticed, "this is the last copy that is known: nobody else has all of it any more")
	}
}
