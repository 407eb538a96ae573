package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/question"
	"wtptui/ui/undo"
)

// turnHomes takes the targets off their homes, after a question, or puts them back if all are off.
func (sa *siteActions) turnHomes() tea.Cmd {
	sites := sa.screen.targets()
	if len(sites) == 0 {
		return nil
	}
	all := homesOf(sa.screen.homes, sites)
	if len(all) == 0 {
		sa.screen.toast.ShowNothingDone(nameOf(sites) + " has no public home: `wtptui serve --home` gives sites one")
		return nil
	}
	on := publicHomes(all, sites)
	if len(on) == 0 || !sa.conn.running() {
		return sa.setHomes(sites, all, true)
	}
	key := sa.screen.keys.FirstKey(keys.PublicHome)
	q := question.ForHomesOff(sites, on, key)
	sa.screen.windows.askQuestion(q, func() tea.Cmd { return sa.setHomes(sites, on, false) })
	return nil
}

// setHomes asks the engine to turn homes on or off.
func (sa *siteActions) setHomes(sites []engine.Site, all []engine.Home, on bool) tea.Cmd {
	j := &job{sites: sites, name: nameOf(sites)}
	for _, h := range all {
		j.changes = append(j.changes, undo.Change{Home: &undo.Home{Name: h.Ref(), On: on}})
	}
	return sa.jobs.startJob(j)
}

// homesOf returns those of the homes that serve one of the sites.
func homesOf(all []engine.Home, sites []engine.Site) (homes []engine.Home) {
	for _, h := range all {
		if slices.ContainsFunc(sites, func(s engine.Site) bool { return s.Ref() == h.SiteRef() }) {
			homes = append(homes, h)
		}
	}
	return homes
}

// publicHomes returns those of homesOf that are on.
func publicHomes(all []engine.Home, sites []engine.Site) []engine.Home {
	return slices.DeleteFunc(homesOf(all, sites), func(h engine.Home) bool { return h.Off })
}

// anyHome reports whether one of the sites that an action concerns has a home.
func (sc *screen) anyHome() bool {
	if len(sc.homes) == 0 {
		return false
	}
	for s := range firstSites(sc.eachTarget(), maxExamined) {
		if slices.ContainsFunc(sc.homes, func(h engine.Home) bool { return h.SiteRef() == s.Ref() }) {
			return true
		}
	}
	return false
}

// homesText returns the message that homes were turned on or off.
func (j *job) homesText() string {
	var names []string
	for _, c := range j.changes {
		names = append(names, c.Home.Name)
	}
	if j.changes[0].Home.On {
		return "Public again: " + strings.Join(names, ", ")
	}
	return "Taken off " + strings.Join(names, ", ") + ": visitors get 410 Gone"
}
