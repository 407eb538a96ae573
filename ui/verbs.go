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

// doOrAsk applies a verb to sites, after a question where there has to be one.
func (sa *siteActions) doOrAsk(v engine.Verb, sites []engine.Site) tea.Cmd {
	if len(sites) == 0 {
		return nil
	}
	q, asks := question.For(v, sites, sa.conn.binPeriod())
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
