package e2e_test

import (
	"time"

	"wtptui/engine"
)

// isOwn reports whether the entry is published here, and isFetched whether it is downloaded.
func (e *entry) isOwn() bool     { return e.dir != "" }
func (e *entry) isFetched() bool { return e.dir == "" && e.versions != nil }

func (e *entry) isListed() bool          { return e.state.isListed() }
func (e *entry) canUndo() bool           { return e.state.canUndo() }
func (e *entry) isPinned() bool          { return e.isListed() && e.state.pinned }
func (e *entry) isPaused() bool          { return e.isListed() && e.state.paused }
func (e *entry) isWithoutClearnet() bool { return e.isListed() && e.state.noClearnet }
func (e *entry) isPartial() bool         { return e.isListed() && !e.state.complete }

// testedVerbs are the verbs that are sent over the control socket.
var testedVerbs = []struct {
	what string
	// percent is how often it is done when its turn has come, and most to how many sites at once.
	percent, most int
	fits          func(*entry) bool
	change        func(e *entry, at *siteState)
}{
	{
		"pin", 100, 3, func(e *entry) bool { return e.isListed() && !e.isPinned() },
		func(_ *entry, at *siteState) { at.pinned = true },
	},
	{
		"unpin", 50, 3, func(e *entry) bool { return e.isPinned() && e.isFetched() },
		func(_ *entry, at *siteState) { at.pinned = false },
	},
	{
		"pause", 50, 2, func(e *entry) bool { return e.isListed() && e.state.complete && !e.isPaused() },
		func(_ *entry, at *siteState) { at.paused = true },
	},
	{"resume", 100, 2, (*entry).isPaused, func(_ *entry, at *siteState) { at.paused = false }},
	{
		"no-clearnet", 100, 3, func(e *entry) bool { return e.isListed() && !e.isWithoutClearnet() },
		func(_ *entry, at *siteState) { at.noClearnet = true },
	},
	{"clearnet", 50, 3, (*entry).isWithoutClearnet, func(_ *entry, at *siteState) { at.noClearnet = false }},
	{
		"allow", 100, 1, func(e *entry) bool { return e.isListed() && !e.state.allowed },
		func(_ *entry, at *siteState) { at.allowed = true },
	},
	{
		"evict", 10, 2, func(e *entry) bool { return e.isListed() && e.isFetched() && !e.isPaused() },
		func(_ *entry, at *siteState) { at.markTakenAway(engine.Evict) },
	},
	{"undo", 100, 1, (*entry).canUndo, func(_ *entry, at *siteState) { at.takenAwayBy = "" }},
	{
		"remove", 4, 2, func(e *entry) bool { return e.isListed() || e.canUndo() },
		func(_ *entry, at *siteState) { at.markTakenAway(engine.Remove) },
	},
	{
		"add large", 100, 1, func(e *entry) bool { return e.large && e.state.host == "" },
		func(e *entry, at *siteState) { at.host, at.content = e.hosts()[0], e.versions[0] },
	},
	{"show", 100, 1, (*entry).isPartial, func(_ *entry, at *siteState) { at.complete = true }},
	{
		"set limits", 50, 1, func(e *entry) bool { return e.versions == nil },
		func(_ *entry, at *siteState) {
			at.limits.Down, at.limits.Up = at.limits.Down+100<<20, at.limits.Up+200<<20
		},
	},
}

// markTakenAway records that the verb has evicted or removed the site.
func (st *siteState) markTakenAway(verb engine.Verb) {
	if undoPeriods[verb] == 0 {
		*st = siteState{}
		return
	}
	st.takenAwayBy, st.takenAwayAt = verb, time.Now()
}
