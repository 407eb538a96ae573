package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// verbs are the actions that are one verb of the engine each.
var verbs = map[keys.Action]engine.Verb{
	keys.Touch:    engine.Touch,
	keys.Evict:    engine.Evict,
	keys.Announce: engine.Announce,
	keys.Verify:   engine.Verify,
	keys.Allow:    engine.Allow,
}

// targets are the sites that an action is about: the marked ones, or else the selected one.
func (m *Model) targets() []engine.Site {
	if m.page == nil {
		if marked := m.list.Marked(); len(marked) > 0 {
			return marked
		}
	}
	if s, ok := m.target(); ok {
		return []engine.Site{s}
	}
	m.toast.Show(engine.Warning, "No site is selected")
	return nil
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

// verb applies a verb to the targets, unless it makes no sense for them.
func (m *Model) verb(v engine.Verb) tea.Cmd {
	sites := m.targets()
	var sensible []engine.Site
	for _, s := range sites {
		if pointless(v, s) == "" {
			sensible = append(sensible, s)
		}
	}
	switch {
	case len(sites) == 0:
	case len(sensible) == 0 && len(sites) == 1:
		m.toast.Idle(format.Host(sites[0].Host, 40) + pointless(v, sites[0]))
	case len(sensible) == 0:
		m.toast.Idle("Each of the " + format.Plural(len(sites), "marked site") + pointless(v, sites[0]))
	default:
		return m.doAll(v, sensible)
	}
	return nil
}

// turns are the actions that turn something around: what is on for all targets goes off, else it goes on where it is off.
var turns = map[keys.Action]struct {
	on, off engine.Verb
	is      func(engine.Site) bool
}{
	keys.Pin:        {engine.Pin, engine.Unpin, func(s engine.Site) bool { return s.Pinned }},
	keys.Pause:      {engine.Pause, engine.Resume, func(s engine.Site) bool { return s.State == engine.Paused }},
	keys.NoClearnet: {engine.NoClearnet, engine.Clearnet, func(s engine.Site) bool { return s.NoClearnet }},
}

// toggle turns something around.
func (m *Model) toggle(a keys.Action) tea.Cmd {
	turn := turns[a]
	sites := m.targets()
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
		return m.doAll(turn.off, sites)
	}
	return m.doAll(turn.on, off)
}

// askRemove asks before a removal, which cannot be undone.
func (m *Model) askRemove() {
	sites := m.targets()
	if len(sites) == 0 {
		return
	}
	title, theirs := "Remove "+format.Host(sites[0].Host, 46)+"?", "Its data, its pin and its history"
	if len(sites) > 1 {
		title, theirs = "Remove "+format.Plural(len(sites), "site")+"?", "Their data, their pins and their history"
	}
	text := theirs + " are deleted, and this cannot be undone. To free the space only, evict."
	mine := 0
	for _, s := range sites {
		if s.Mine {
			mine++
		}
	}
	switch {
	case mine > 0 && len(sites) == 1:
		text = "It was published here. " + text
	case mine > 0:
		text = fmt.Sprintf("%d of them were published here. ", mine) + text
	}
	m.window = &confirm.Pane{Theme: m.theme, Title: title, Text: text, Verb: "Remove", Do: func() tea.Cmd {
		return m.do(engine.Remove, sites...)
	}}
}
