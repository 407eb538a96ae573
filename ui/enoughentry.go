package ui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/undo"
)

// enoughEntry is the window in which a person sets how many other seeds of a site are enough for it to rest.
type enoughEntry struct {
	conn   *connection
	screen *screen
	jobs   *jobRunner
}

// open opens the window for the targets, with the value of the first of them.
func (en *enoughEntry) open() {
	sites := en.screen.targets()
	if len(sites) == 0 {
		return
	}
	hint := "A number: the site rests while at least that many others seed it, and seeds again when there are fewer. " +
		"never: it always seeds. default: as for all sites, which is " + enoughText(en.defaultFor(&sites[0])) + "."
	en.screen.windows.shown = dialog.NewEntry(en.screen.theme, dialog.Entry{
		Title: "Enough seeds for " + nameOf(sites), Value: enoughText(sites[0].Enough), Selected: true, Hint: hint,
		Submit: func(f *dialog.Form) (tea.Cmd, bool) {
			n, err := engine.ParseEnough(f.Text())
			if err != nil {
				return f.ShowError(err)
			}
			a := engine.Assignment{SetEnough: true, Enough: n}
			return en.jobs.runChange(undo.Change{Assign: &a, Hosts: refsOf(sites)}, sites), false
		},
	})
}

// defaultFor returns the default where a site is, as a Site.Enough.
func (en *enoughEntry) defaultFor(s *engine.Site) int {
	if n := en.conn.enoughOf(s.Ref()); n > 0 {
		return n
	}
	return -1
}

// enoughText returns a Site.Enough in the form that engine.ParseEnough parses.
func enoughText(n int) string {
	switch {
	case n < 0:
		return "never"
	case n == 0:
		return "default"
	}
	return strconv.Itoa(n)
}
