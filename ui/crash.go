package ui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// Crash is the error of a dashboard that panicked. The terminal has been restored; Stack is for the log.
type Crash struct {
	Value any
	Stack []byte
}

// Error returns the value of the panic.
func (c *Crash) Error() string { return fmt.Sprintf("the dashboard crashed: %v", c.Value) }

// crashMsg reports a panic in a command.
type crashMsg struct{ crash *Crash }

// catchPanic must be deferred. It turns a panic into a Crash. Bubble Tea would catch it as well, but ends at once:
// while its input is still being read, and with the trace on a screen that nobody may see.
func catchPanic(handle func(*Crash)) {
	if v := recover(); v != nil {
		handle(&Crash{v, debug.Stack()})
	}
}

// guardPanic returns a command that reports its panic.
func guardPanic(cmd func() tea.Msg) tea.Cmd {
	return func() (msg tea.Msg) {
		defer catchPanic(func(c *Crash) { msg = crashMsg{c} })
		return cmd()
	}
}

// endAfterCrash records the first panic, and ends the program.
func (m *Model) endAfterCrash(c *Crash) {
	if m.crash != nil {
		return
	}
	m.crash = c
	if m.stop != nil {
		go m.stop() // It waits for the event loop, which is what has panicked.
	}
}
