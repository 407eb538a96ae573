package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/labels"
	"wtptui/ui/undo"
)

// labeller opens the window in which sites get labels, and requests the changes that are chosen there.
type labeller struct {
	conn   *connection
	screen *screen
	jobs   *jobRunner
}

// openWindow opens the window for the targets.
func (la *labeller) openWindow() {
	sites := la.screen.targets()
	if len(sites) == 0 {
		return
	}
	name := format.Plural(len(sites), "site")
	if len(sites) == 1 {
		name = badge.Name(sites[0], nameWidth)
	}
	hosts := refsOf(sites)
	la.screen.windows.shown = labels.New(la.screen.theme, name, sites, la.conn.snap, func(a engine.Assignment) tea.Cmd {
		return la.jobs.runChange(undo.Change{Assign: &a, Hosts: hosts}, la.currentSites(hosts))
	})
}

// currentSites returns those of the sites that are still here, as they are now. What is undone later depends on that.
func (la *labeller) currentSites(hosts []string) []engine.Site {
	var sites []engine.Site
	for _, host := range hosts {
		if s, ok := la.screen.list.Lookup(host); ok {
			sites = append(sites, s)
		}
	}
	return sites
}
