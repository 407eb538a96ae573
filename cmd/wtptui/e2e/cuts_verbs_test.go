package e2e_test

import (
	"time"

	"wtptui/engine"
)

// isOwn says that the entry is published here, and isOthers that it is fetched.
func (e *entry) isOwn() bool    { return e.dir != "" }
func (e *entry) isOthers() bool { return e.dir == "" && e.versions != nil }

func (e *entry) isHere() bool    { return e.now.isHere() }
func (e *entry) canUndo() bool   { return e.now.canUndo() }
func (e *entry) isPinned() bool  { return e.isHere() && e.now.pinned }
func (e *entry) isPaused() bool  { return e.isHere() && e.now.paused }
func (e *entry) isInside() bool  { return e.isHere() && e.now.noClearnet }
func (e *entry) isPartial() bool { return e.isHere() && !e.now.complete }

// verbs is what is done over the control socket.
var verbs = []struct {
	what string
	// percent is how often it is done when its turn has come, and most to how many sites at once.
	percent, most int
	fits          func(*entry) bool
	change        func(e *entry, at *standing)
}{
	{
		"pin", 100, 3, func(e *entry) bool { return e.isHere() && !e.isPinned() },
		func(_ *entry, at *standing) { at.pinned = true },
	},
	{
		"unpin", 50, 3, func(e *entry) bool { return e.isPinned() && e.isOthers() },
		func(_ *entry, at *standing) { at.pinned = false },
	},
	{
		"pause", 50, 2, func(e *entry) bool { return e.isHere() && e.now.complete && !e.isPaused() },
		func(_ *entry, at *standing) { at.paused = true },
	},
	{"resume", 100, 2, (*entry).isPaused, func(_ *entry, at *standing) { at.paused = false }},
	{
		"no-clearnet", 100, 3, func(e *entry) bool { return e.isHere() && !e.isInside() },
		func(_ *entry, at *standing) { at.noClearnet = true },
	},
	{"clearnet", 50, 3, (*entry).isInside, func(_ *entry, at *standing) { at.noClearnet = false }},
	{
		"allow", 100, 1, func(e *entry) bool { return e.isHere() && !e.now.allowed },
		func(_ *entry, at *standing) { at.allowed = true },
	},
	{
		"evict", 10, 2, func(e *entry) bool { return e.isHere() && e.isOthers() && !e.isPaused() },
		func(_ *entry, at *standing) { at.takeAway(engine.Evict) },
	},
	{"undo", 100, 1, (*entry).canUndo, func(_ *entry, at *standing) { at.gone = "" }},
	{
		"remove", 4, 2, func(e *entry) bool { return e.isHere() || e.canUndo() },
		func(_ *entry, at *standing) { at.takeAway(engine.Remove) },
	},
	{
		"add large", 100, 1, func(e *entry) bool { return e.large && e.now.host == "" },
		func(e *entry, at *standing) { at.host, at.content = e.hosts()[0], e.versions[0] },
	},
	{"show", 100, 1, (*entry).isPartial, func(_ *entry, at *standing) { at.complete = true }},
	{
		"set limits", 50, 1, func(e *entry) bool { return e.versions == nil },
		func(_ *entry, at *standing) {
			at.limits.Down, at.limits.Up = at.limits.Down+100<<20, at.limits.Up+200<<20
		},
	},
}

// takeAway takes the site away by a verb.
func (st *standing) takeAway(verb engine.Verb) {
	if undoFor[verb] == 0 {
		*st = standing{}
		return
	}
	st.gone, st.goneAt = verb, time.Now()
}
