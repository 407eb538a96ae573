package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/question"
)

// verbs are the actions that are one verb of the engine each.
var verbs = map[keys.Action]engine.Verb{
	keys.Touch:    engine.Touch,
	keys.Evict:    engine.Evict,
	keys.Remove:   engine.Remove,
	keys.Announce: engine.Announce,
	keys.Verify:   engine.Verify,
	keys.Allow:    engine.Allow,
}

// pointless says why a verb makes no sense for a site; empty when it does.
func pointless(v engine.Verb, s engine.Site) string {
	switch {
	case v == engine.Touch && s.Pinned:
		return " is pinned: it never expires"
	case v == engine.Allow && s.ErrorKind != engine.TooLarge:
		return " was not refused for its size"
	}
	return ""
}

// apply applies a verb to the targets, unless it makes no sense for them.
func (sa *siteActions) apply(v engine.Verb) tea.Cmd {
	sites := sa.screen.targets()
	var sensible []engine.Site
	for _, s := range sites {
		if pointless(v, s) == "" {
			sensible = append(sensible, s)
		}
	}
	switch {
	case len(sites) == 0:
	case len(sensible) == 0 && len(sites) == 1:
		sa.screen.toast.Idle(nameOf(sites) + pointless(v, sites[0]))
	case len(sensible) == 0:
		sa.screen.toast.Idle("Each of the " + format.Plural(len(sites), "marked site") + pointless(v, sites[0]))
	default:
		return sa.doOrAsk(v, sensible)
	}
	return nil
}

// turns are the actions that turn something around: what is on for all targets goes off, else it goes on where it is
// off.
var turns = map[keys.Action]struct {
	on, off engine.Verb
	is      func(engine.Site) bool
}{
	keys.Pin: {engine.Pin, engine.Unpin, func(s engine.Site) bool { return s.Pinned }},
	keys.Pause: {engine.Pause, engine.Resume, func(s engine.Site) bool {
		return s.State == engine.Paused || s.State == engine.Found
	}},
	keys.NoClearnet: {engine.NoClearnet, engine.Clearnet, func(s engine.Site) bool { return s.NoClearnet }},
}

// toggle turns something around.
func (sa *siteActions) toggle(a keys.Action) tea.Cmd {
	turn := turns[a]
	sites := sa.screen.targets()
	var off []engine.Site
	for _, s := range sites {
		if !turn.is(s) {
			off = append(off, s)
		}
	}
	switch {
	case len(sites) == 0:
		return nil
	case len(off) == 0:
		return sa.doOrAsk(turn.off, sites)
	}
	return sa.doOrAsk(turn.on, off)
}

// doOrAsk applies a verb to sites, after a question where there has to be one.
func (sa *siteActions) doOrAsk(v engine.Verb, sites []engine.Site) tea.Cmd {
	if len(sites) == 0 {
		return nil
	}
	q, asks := question.For(v, sites, sa.conn.binPeriod())
	sites = question.Sensible(v, sites)
	if !asks || !sa.conn.running() {
		return sa.jobs.do(v, sites...)
	}
	sa.ask(q, func() tea.Cmd { return sa.jobs.do(v, sites...) })
	return nil
}

// ask asks before something is done.
func (sa *siteActions) ask(q question.Question, do func() tea.Cmd) {
	sa.screen.window = &confirm.Pane{Theme: sa.screen.theme, Title: q.Title, Text: q.Text, Verb: q.Verb, Do: do}
}
