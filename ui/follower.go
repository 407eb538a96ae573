package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/eventlog"
	"wtptui/ui/header"
)

// follower shows what the engine says, and what it says about the site that is selected.
type follower struct {
	conn        *connection
	screen      *screen
	display     *display
	undoHistory *undoHistory

	details  *details
	status   *status
	notifier *eventNotifier
}

func newFollower(conn *connection, sc *screen, display *display, undoHistory *undoHistory) *follower {
	return &follower{
		conn: conn, screen: sc, display: display, undoHistory: undoHistory,
		details: &details{conn: conn, screen: sc}, status: &status{conn: conn, screen: sc},
		notifier: &eventNotifier{conn: conn, screen: sc, undoHistory: undoHistory},
	}
}

// handleSnapshot shows a new snapshot, or keeps it while the screen is held still.
func (f *follower) handleSnapshot(snap engine.Snapshot) {
	first := !f.conn.running()
	f.conn.phase = header.Running
	f.screen.header.SetPhase(f.conn.phase)
	f.notifier.showEvents(snap.Events, first)
	if f.display.drawState.frozen && !first {
		f.display.drawState.pending = &snap
		return
	}
	f.showSnapshot(snap)
}

// showSnapshot shows a snapshot.
func (f *follower) showSnapshot(snap engine.Snapshot) {
	f.conn.snap = snap
	f.display.title.updateTitle()
	f.status.showStatus()
	f.screen.list.Set(snap.Sites, snap.Status.ServeURL)
	f.undoHistory.dropSettled()
	if f.screen.page != nil {
		_, there := f.screen.list.Lookup(f.screen.page.Ref())
		f.screen.page.SetGone(!there)
	}
	switch w := f.screen.windows.shown.(type) {
	case *eventlog.Window:
		w.Set(f.notifier.events, f.screen.now)
	case refresher:
		w.Refresh()
	}
}

// toggleFrozen holds the screen still, or shows what has come meanwhile.
func (f *follower) toggleFrozen() {
	d := f.display.drawState
	d.frozen = !d.frozen
	if !d.frozen && d.pending != nil {
		f.showSnapshot(*d.pending)
	}
	d.pending = nil
	d.showNote()
}

// openEventLog opens the window of everything that has happened.
func (f *follower) openEventLog() {
	site := eventlog.Sites{Name: f.screen.siteName, GoTo: f.screen.goToSite}
	f.screen.windows.shown = eventlog.NewWindow(f.screen.theme, f.screen.keys, f.notifier.events, f.screen.now, site)
}

// followSelection lets the panes that look at one site follow the selection, and asks for its detail when it is another
// one.
func (f *follower) followSelection() tea.Cmd {
	f.notifier.showHint()
	host := f.screen.detailRef()
	if page := f.screen.page; page != nil {
		page.SetRates(f.status.rates.Site(host))
		page.SetHomes(f.screen.homes)
		page.SetEnough(f.conn.enoughOf(host))
		page.SetGoals(f.conn.goalsOf(host))
	} else {
		site, _ := f.screen.list.Lookup(host)
		f.screen.inspector.SetSite(site, f.status.rates.Site(host))
	}
	return f.details.followSite(host)
}

// tick lets a second pass.
func (f *follower) tick(now time.Time) tea.Cmd {
	f.screen.now = now
	f.screen.toast.Tick(now)
	f.undoHistory.dropExpired()
	if f.display.drawState.frozen {
		return nil
	}
	f.screen.list.Tick(now)
	if f.conn.running() {
		f.status.rates.Sample(f.conn.snap)
		f.status.showStatus()
	}
	if f.display.drawState.paused() {
		return nil
	}
	return f.details.requestDetail()
}
