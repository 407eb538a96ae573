package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/keys"
	"wtptui/ui/overview"
	"wtptui/ui/question"
	"wtptui/ui/undo"
)

// siteActions are what a person can do with sites: with the marked ones, or the selected one.
type siteActions struct {
	conn    *connection
	screen  *screen
	jobs    *jobRunner
	browser *browser
}

// doSelected carries out the selected line of the site page: it switches to a version, folds a folder, opens a file.
func (sa *siteActions) doSelected() tea.Cmd {
	if choice, ok := sa.screen.page.SiteAction(); ok {
		return sa.applyChoice(choice)
	}
	if url, ok := sa.screen.page.URL(); ok && url != "" && sa.screen.page.HasSelection() {
		return sa.browser.openOrShow(keys.Open)
	}
	if !sa.screen.page.Handle(keys.Details) && sa.screen.page.IsSelectable() {
		sa.screen.toast.ShowNothingDone("Nothing is selected here: " + sa.screen.keys.FirstKey(keys.Down) +
			" selects the first line")
	}
	return nil
}

// applyChoice requests what a person has chosen for a site.
func (sa *siteActions) applyChoice(choice overview.SiteAction) tea.Cmd {
	s, ok := sa.screen.target()
	if !ok {
		sa.screen.toast.Show(engine.Warning, "The site is not here any more")
		return nil
	}
	switch {
	case choice.Toggle != "":
		return sa.jobs.runVerb(newRequest(choice.Toggle, []engine.Site{s}).verb, s)
	case choice.AcceptKey && s.NextKey != "":
		sa.acceptKeys(newRequest(keys.AcceptKey, []engine.Site{s}), "")
		return nil
	case choice.SwitchTo == s.Infohash && s.Held:
		sa.screen.toast.ShowNothingDone(badge.Name(s, nameWidth) + " stays at this version already")
		return nil
	case choice.SwitchTo == "" && !choice.Follow:
		return nil
	}
	sa.screen.windows.askQuestion(question.ForSwitch(s, choice.SwitchTo), func() tea.Cmd {
		return sa.jobs.runChange(undo.Change{
			Version: &undo.Version{From: undo.HeldVersion(s), To: choice.SwitchTo}, Hosts: []string{s.Ref()},
		}, []engine.Site{s})
	})
	return nil
}
