package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/keys"
	"wtptui/ui/question"
)

// do asks the engine for what an action stands for with the targets, after a question where there has to be one.
func (sa *siteActions) do(a keys.Action) tea.Cmd {
	sites := sa.screen.targets()
	if len(sites) == 0 {
		return nil
	}
	r := requestOf(a, sites)
	name := siteName(sa.screen)
	if len(r.sites) == 0 {
		level, text := r.nothing(name)
		if level == engine.Info {
			sa.screen.toast.Idle(text)
		} else {
			sa.screen.toast.Show(level, text)
		}
		return nil
	}
	homes := publicHomes(sa.screen.homes, r.sites)
	q, asks := question.For(r.verb, r.sites, leftOut(r.left, name), sa.conn.binPeriod(), homes)
	if !asks || !sa.conn.running() {
		return sa.jobs.request(r)
	}
	r.left = nil // The question names it.
	sa.ask(q, func() tea.Cmd { return sa.jobs.request(r) })
	return nil
}

// ask asks before something is done.
func (sa *siteActions) ask(q question.Question, do func() tea.Cmd) {
	sa.screen.window = &confirm.Pane{Theme: sa.screen.theme, Title: q.Title, Text: q.Text, Verb: q.Verb, Do: do}
}
