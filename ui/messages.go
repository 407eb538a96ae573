package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
)

// The messages of commands.
type (
	tickMsg     struct{ now time.Time }
	startedMsg  struct{ engine engine.Engine }
	brokenMsg   struct{ err error }
	watchingMsg struct{ feed <-chan engine.Snapshot }
	snapshotMsg struct{ snap engine.Snapshot }
	lostMsg     struct{}
	detailMsg   struct {
		host   string
		detail engine.Detail
		err    error
	}
	addedMsg struct {
		input string
		site  engine.Site
		err   error
	}
	openedMsg struct {
		url string
		err error
	}
)

// second is how often countdowns, histories and details are updated.
const second = time.Second

// tickCmd returns a command that waits for a second.
func (c Config) tickCmd() tea.Cmd {
	now := c.Now
	return c.tick(second, guardPanic(func() tea.Msg { return tickMsg{now()} }))
}
