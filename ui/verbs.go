package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// doAll applies a verb to sites, after a question when they are very many.
func (sa *siteActions) doAll(v engine.Verb, sites []engine.Site) tea.Cmd {
	if len(sites) > askAbove && sa.conn.running() {
		sa.askAll(v, sites)
		return nil
	}
	return sa.jobs.do(v, sites...)
}

// askAll asks before something is done to very many sites.
func (sa *siteActions) askAll(v engine.Verb, sites []engine.Site) {
	text := "This is about every marked site, also those that are not on the screen."
	if v == engine.Evict {
		text += " Their data goes to the bin, and is deleted after " + format.Span(max(sa.conn.binPeriod(), engine.UndoPeriod)) +
			": it can be undone until then."
	}
	word := capital(string(v))
	sa.screen.window = &confirm.Pane{
		Theme: sa.screen.theme, Title: word + " " + format.Plural(len(sites), "site") + "?", Text: text, Verb: word,
		Do: func() tea.Cmd { return sa.jobs.do(v, sites...) },
	}
}

// verbs are the actions that are one verb of the engine each.
var verbs = map[keys.Action]engine.Verb{
	keys.Touch:    engine.Touch,
	keys.Evict:    engine.Evict,
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
		sa.screen.toast.Idle(format.Host(sites[0].Host, 40) + pointless(v, sites[0]))
	case len(sensible) == 0:
		sa.screen.toast.Idle("Each of the " + format.Plural(len(sites), "marked site") + pointless(v, sites[0]))
	default:
		return sa.doAll(v, sensible)
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
		return sa.doAll(turn.off, sites)
	}
	return sa.doAll(turn.on, off)
}

// askRemove asks before a removal.
func (sa *siteActions) askRemove() {
	sites := sa.screen.targets()
	if len(sites) == 0 {
		return
	}
	title := "Remove " + format.Host(sites[0].Host, 46) + "?"
	if len(sites) > 1 {
		title = "Remove " + format.Plural(len(sites), "site") + "?"
	}
	sa.screen.window = &confirm.Pane{
		Theme: sa.screen.theme, Title: title, Text: removalText(sites, sa.conn.binPeriod()), Verb: "Remove",
		Do: func() tea.Cmd { return sa.jobs.do(engine.Remove, sites...) },
	}
}

// removalText says what becomes of sites that are removed, and what is special about some of them; bin is how long they
// can be brought back.
func removalText(sites []engine.Site, bin time.Duration) string {
	mine, found := 0, 0
	for _, s := range sites {
		if s.Mine {
			mine++
		}
		if s.State == engine.Found {
			found++
		}
	}
	about := func(n int, one, some string) string {
		switch {
		case n == 0:
			return ""
		case len(sites) == 1:
			return one
		}
		return fmt.Sprintf("%d of them %s", n, some)
	}
	text := about(mine, "It was published here. ", "were published here. ")
	text += about(found, "It was found in the data folder, and nothing else knows what it is. ",
		"were found in the data folder, and nothing else knows what they are. ")
	if len(sites) == 1 {
		text += "Its data, its pin and its history"
	} else {
		text += "Their data, their pins and their history"
	}
	if bin > 0 {
		text += " go to the bin, and are deleted after " + format.Span(bin) +
			". Until then, unless the space is needed, all of it can be brought back."
	} else {
		text += " are deleted, and this cannot be undone."
	}
	if found+mine == 0 {
		text += " To keep the history, evict."
	}
	return text
}
