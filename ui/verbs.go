package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/keys"
	"wtptui/ui/question"
)

// doAction requests what an action stands for with the targets, after a question where one is necessary.
func (sa *siteActions) doAction(a keys.Action) tea.Cmd {
	sites := sa.screen.targets()
	if len(sites) == 0 {
		return nil
	}
	r := newRequest(a, sites)
	name := sa.screen.siteName
	if len(r.sites) == 0 {
		level, text := r.noSitesText(name)
		if level == engine.Info {
			sa.screen.toast.ShowNothingDone(text)
		} else {
			sa.screen.toast.Show(level, text)
		}
		return nil
	}
	if r.verb == engine.AcceptKey && sa.conn.running() {
		sa.acceptKeys(r, leftOutText(r.skipped, name))
		return nil
	}
	homes := publicHomes(sa.screen.homes, r.sites)
	q, asks := question.ForVerb(r.verb, r.sites, leftOutText(r.skipped, name), sa.conn.binPeriod(), homes)
	if !asks || !sa.conn.running() {
		return sa.jobs.runRequest(r)
	}
	r.skipped = nil // The question names it.
	sa.screen.windows.askQuestion(q, func() tea.Cmd { return sa.jobs.runRequest(r) })
	return nil
}

// acceptKeys asks before it accepts the keys that the sites' domains name now. It accepts only those that the person
// was asked about.
func (sa *siteActions) acceptKeys(r request, left string) {
	q, _ := question.ForVerb(r.verb, r.sites, left, sa.conn.binPeriod(), nil)
	r.skipped = nil // The question names it.
	sa.screen.windows.askQuestion(q, func() tea.Cmd {
		for _, s := range r.sites {
			if now, ok := sa.currentSite(s.Ref()); !ok || now.NextKey != s.NextKey {
				sa.screen.toast.Show(engine.Warning,
					"Nothing was done: meanwhile the domain of "+badge.Name(s, nameWidth)+" names another key")
				return nil
			}
		}
		return sa.jobs.runRequest(r)
	})
}

// currentSite returns a site as it is now.
func (sa *siteActions) currentSite(ref string) (engine.Site, bool) {
	for _, s := range sa.conn.snap.Sites {
		if s.Ref() == ref {
			return s, true
		}
	}
	return engine.Site{}, false
}
