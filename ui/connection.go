package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/header"
)

// connection is the connection to the engine: whether it runs, and its newest snapshot. Its commands get copies of what
// they need.
type connection struct {
	cfg      *Config
	ctx      context.Context // It is the program's life, which commands must not outlast.
	inFlight inFlight

	engine engine.Engine
	feed   <-chan engine.Snapshot
	phase  header.Phase
	err    error           // of Start or Watch
	snap   engine.Snapshot // the newest one that is shown
}

// running reports whether the engine answers.
func (c *connection) running() bool { return c.phase == header.Running }

// notRunning returns why the engine does not answer, and what to do about it.
func (c *connection) notRunning() string {
	switch c.phase {
	case header.Broken:
		return "The engine could not start: quit, fix what it reports, and start wtptui again"
	case header.Lost:
		return "The engine has stopped: start wtptui again"
	}
	return "The engine is still starting: try again in a moment"
}

// snapshotInterval is the least time between two snapshots: an engine with many events sends one for each, and no
// person sees more than ten a second.
const snapshotInterval = 100 * time.Millisecond

// awaitSnapshot returns a command that waits for one snapshot. There is never more than one such command, and the feed
// holds the newest snapshot only, so that a slow screen skips some instead of falling behind.
func awaitSnapshot(feed <-chan engine.Snapshot) tea.Cmd {
	return guardPanic(func() tea.Msg {
		s, ok := <-feed
		if !ok {
			return lostMsg{}
		}
		return snapshotMsg{s}
	})
}

// startEngine returns the command that starts the engine.
func (c *connection) startEngine() tea.Cmd {
	ctx, start, g := c.ctx, c.cfg.Start, &c.inFlight
	return guardPanic(func() tea.Msg {
		if !g.tryAdd() {
			return nil
		}
		defer g.done()
		e, err := start(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return brokenMsg{err}
		}
		return startedMsg{e}
	})
}

// watchEngine returns the command that requests the engine's snapshots.
func (c *connection) watchEngine() tea.Cmd {
	ctx, e := c.ctx, c.engine
	return guardPanic(func() tea.Msg {
		feed, err := e.Watch(ctx)
		if err != nil {
			return brokenMsg{err}
		}
		return watchingMsg{feed}
	})
}

// awaitNextSnapshot returns a command that waits for the next snapshot, but not before the last one has been shown for
// a while.
func (c *connection) awaitNextSnapshot() tea.Cmd {
	next, feed := c.cfg.await(c.feed), c.feed
	if next == nil || feed == nil {
		return next
	}
	ctx := c.ctx
	return func() tea.Msg {
		select {
		case <-time.After(snapshotInterval):
		case <-ctx.Done():
		}
		return next()
	}
}

// binPeriod returns how long the engine keeps removed sites; zero when it does not.
func (c *connection) binPeriod() time.Duration {
	return time.Duration(c.snap.Status.Bin.Period) * time.Second
}

// limitsOf returns the limits of a label, or with an empty label those over all sites; in a fleet those of a machine.
func (c *connection) limitsOf(label, machine string) engine.Limits {
	general, labels := c.snap.Status.Limits, c.snap.Status.LabelLimits
	if machine != "" {
		m, _ := c.snap.Status.FindMachine(machine)
		general, labels = m.Limits, m.LabelLimits
	}
	found := engine.Limits{Label: label}
	if label == "" {
		found = general
	}
	for _, l := range labels {
		if label != "" && l.Label == label {
			found = l
		}
	}
	found.Machine = machine
	return found
}

// enoughOf returns Status.Enough of the engine that has the site of a Ref.
func (c *connection) enoughOf(ref string) int {
	if m, ok := c.machineOf(ref); ok {
		return m.Enough
	}
	return c.snap.Status.Enough
}

// goalsOf returns Status.Goals of the engine that has the site of a Ref.
func (c *connection) goalsOf(ref string) []engine.Goals {
	if m, ok := c.machineOf(ref); ok {
		return m.Goals
	}
	return c.snap.Status.Goals
}

// machineOf returns the machine that has the site of a Ref, in a fleet.
func (c *connection) machineOf(ref string) (engine.Machine, bool) {
	_, machine := engine.CutRef(ref)
	return c.snap.Status.FindMachine(machine)
}

// fleet returns the machines of the engine; none if it is not a fleet.
func (c *connection) fleet() []engine.Machine { return c.snap.Status.Machines }
