package ui

import (
	"fmt"
	"strings"

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

// said tells that a verb was carried out; %s is the host, or how many sites.
var said = map[engine.Verb]string{
	engine.Pin:        "Pinned %s: kept and seeded for ever",
	engine.Unpin:      "Unpinned %s: to expire again",
	engine.Touch:      "Whole time again for %s",
	engine.Pause:      "Paused %s: out of the swarm",
	engine.Resume:     "Resumed %s",
	engine.Announce:   "Asking trackers and DHT for peers of %s",
	engine.Verify:     "Checking all data of %s",
	engine.Allow:      "Allowed %s whatever the size",
	engine.NoClearnet: "Kept %s from asking other servers",
	engine.Clearnet:   "Let %s ask other servers again",
	engine.Undo:       "Back again: %s",
	engine.Remove:     "Removed %s with its history",
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

// do asks the engine, if there is one.
func (m *Model) do(v engine.Verb, s engine.Site) tea.Cmd {
	if m.phase != running {
		m.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	if v == engine.Evict {
		m.expect(s)
	}
	return m.doCmd(v, s)
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

// done tells how a verb went.
func (m *Model) done(msg doneMsg) {
	host := format.Host(msg.site.Host, 40)
	if msg.err != nil {
		delete(m.evicting, msg.site.Host)
		m.toast.Show(engine.Problem, "Could not "+string(msg.verb)+" "+host+": "+engine.Message(msg.err))
		return
	}
	switch msg.verb {
	case engine.Evict:
		m.offerUndo(msg.site)
		m.leaveGone(msg.site.Host)
		return
	case engine.Undo:
		m.toast.Restored(msg.site.Host)
		m.list.Reveal(msg.site.Host)
	case engine.Remove:
		m.leaveGone(msg.site.Host)
	}
	m.toast.Show(engine.Info, strings.Replace(said[msg.verb], "%s", host, 1))
}

// leaveGone closes the page of a site that has just been sent away from it.
func (m *Model) leaveGone(host string) {
	if m.page != nil && m.page.Host() == host {
		m.page = nil
	}
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
		if len(sites) == 1 {
			return m.do(engine.Remove, sites[0])
		}
		if m.batch != nil || m.phase != running {
			return m.doAll(engine.Remove, sites)
		}
		return m.begin(engine.Remove, sites)
	}}
}
