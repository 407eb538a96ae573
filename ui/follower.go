package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/eventlog"
	"wtptui/ui/header"
)

// follower shows the engine's state, and the details of the selected site.
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

// handleSnapshot shows a new snapshot, or stores it while the screen is frozen.
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
		_, found := f.screen.list.Lookup(f.screen.page.Ref())
		f.screen.page.SetGone(!found)
	}
	switch w := f.screen.windows.shown.(type) {
	case *eventlog.Window:
		w.Set(f.notifier.events, f.screen.now)
	case refresher:
		w.Refresh()
	}
}

// toggleFrozen freezes the screen, or shows the newest snapshot.
func (f *follower) toggleFrozen() {
	d := f.display.drawState
	d.frozen = !d.frozen
	if !d.frozen && d.pending != nil {
		f.showSnapshot(*d.pending)
	}
	d.pending = nil
	d.showNote()
}

// openEventLog opens the window of all events.
func (f *follower) openEventLog() {
	site := eventlog.Sites{Name: f.screen.siteName, GoTo: f.screen.goToSite}
	f.screen.windows.shown = eventlog.NewWindow(f.screen.theme, f.screen.keys, f.notifier.events, f.screen.now, site)
}

// followSelection updates the panes about one site to the selected site, and requests its detail when it is another
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

// tick handles the passing of a second.
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
