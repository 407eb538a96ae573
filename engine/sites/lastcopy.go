package sites

import (
	"time"

	"wtptui/engine"
)

const (
	// aloneFor is how long nobody else must have all of a site before that is reported, since counts go up and down.
	aloneFor = 10 * time.Minute
	// sharedFor is how long somebody else must have had it again before the next loss is reported.
	sharedFor = time.Hour
)

// lastCopies warns a person, once, that a pinned site has become the last known copy.
type lastCopies struct {
	events  *eventLog
	journal *journal
}

// lastCopyState is the state of lastCopies for a site. That others have had all of it is stored in the row, as Shared,
// so that a loss while the program does not run is reported as well.
type lastCopyState struct {
	alone bool
	// since is since when the site is, or is not, the last copy; zero if unknown.
	since time.Time
	// reported reports whether the loss was reported and has not been reset since.
	reported bool
}

// observe handles the number of copies elsewhere. A negative number means unknown and changes nothing.
func (l *lastCopies) observe(s *site, copies int, now time.Time) {
	if copies < 0 || s.row.Found {
		return
	}
	a := &s.lastCopy
	if alone := copies == 0; a.since.IsZero() || alone != a.alone {
		a.alone, a.since = alone, now
	}
	lasted := now.Sub(a.since)
	switch {
	case !a.alone && !s.row.Shared && (!a.reported || lasted >= sharedFor):
		a.reported, s.row.Shared = false, true
		l.journal.markDirty(s)
	case a.alone && s.row.Shared && lasted >= aloneFor && s.row.Pinned && s.isComplete():
		a.reported, s.row.Shared = true, false
		l.journal.markDirty(s)
		l.events.record(s, engine.Warning, engine.Noticed,
			"this is the last copy that is known: nobody else has all of it any more")
	}
}
