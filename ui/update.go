package ui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/ui/eventlog"
	"wtptui/ui/header"
	"wtptui/ui/keys"
)

// Init implements tea.Model: it starts the engine and the clock, and asks the terminal for its background.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.conn.start(), m.cfg.tickCmd(), m.ending.await(), tea.RequestBackgroundColor)
}

// Update implements tea.Model.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	return m, cmd
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	if m.crash != nil {
		return nil
	}
	defer caught(m.fall)
	cmd := m.handle(msg)
	m.ending.showRequest()
	return join(cmd, m.followSelection())
}

// handle takes one message.
func (m *Model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.screen.w, m.screen.h = msg.Width, msg.Height
		m.drawing.still = ""
		m.screen.focus(m.screen.inspectorShown() && m.screen.inspector.Focused()) // There may be no room for it any more.
	case tea.BlurMsg:
		m.drawing.focusLost()
	case tea.FocusMsg:
		m.drawing.focusGained()
		return m.details.request()
	case tea.BackgroundColorMsg:
		m.appearance.light = !msg.IsDark()
		m.appearance.apply()
	case tea.ColorProfileMsg:
		if m.cfg.Color == colorprofile.Unknown {
			m.appearance.profile = msg.Profile
			m.appearance.apply()
		}
	case tea.KeyPressMsg:
		m.setup.changed = true
		m.drawing.focusGained() // Some terminals forget to say that they have the focus again.
		return m.key(msg)
	case tea.PasteMsg:
		m.drawing.focusGained()
		return m.paste(msg)
	case tea.MouseClickMsg:
		m.setup.changed = true
		m.drawing.focusGained()
		return m.pointer.press(msg.Mouse())
	case tea.MouseWheelMsg:
		m.pointer.wheel(msg.Mouse())
	case tickMsg:
		return m.tick(msg)
	default:
		return m.handleEngineMsg(msg)
	}
	return nil
}

// handleEngineMsg takes what commands report about the engine.
func (m *Model) handleEngineMsg(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case startedMsg:
		m.conn.engine, m.conn.phase = msg.engine, header.Waiting
		return m.conn.watch()
	case brokenMsg:
		m.conn.fault, m.conn.phase = msg.err, header.Broken
	case watchingMsg:
		m.conn.feed = msg.feed
		cmd := m.cfg.await(m.conn.feed)
		if m.cfg.StartAddress != "" {
			return tea.Batch(cmd, m.adding.add(m.cfg.StartAddress, ""))
		}
		return cmd
	case snapshotMsg:
		m.takeSnapshot(msg.snap)
		return join(m.conn.awaitNext(), m.screen.windows.watch(msg.snap))
	case lostMsg:
		m.conn.phase = header.Lost
	case detailMsg:
		return m.details.handle(msg)
	case doneMsg:
		return tea.Batch(m.undoing.handleDone(msg), m.setup.saveCmd(), m.details.request())
	case addedMsg:
		m.adding.handleAdded(msg)
	case slowMsg:
		m.jobs.handleSlow(msg)
	case crashMsg:
		m.fall(msg.crash)
	default:
		return m.handleCommandResult(msg)
	}
	m.screen.header.SetPhase(m.conn.phase)
	return nil
}

// handleCommandResult takes what other commands report.
func (m *Model) handleCommandResult(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		if msg.err != nil {
			m.screen.toast.Show(engine.Problem, "Could not open a browser: "+engine.Message(msg.err)+". "+m.screen.keys.Of(keys.ShowURL)+" shows the address")
		}
	case recordsMsg:
		return m.clipboard.copy(msg.text)
	case copiedMsg:
		return m.clipboard.handleCopied(msg)
	case newestMsg:
		m.undoing.handleNewest(msg)
	case endRequestMsg:
		return m.ending.handleRequest(msg)
	case ownDoneMsg:
		m.own.handleDone(msg)
	case ownScreenMsg:
		return m.own.handleScreen(msg)
	case engineStoppedMsg:
		return m.ending.handleStopped(msg)
	case savedMsg:
		m.setup.saving = false
		if msg.err != nil {
			m.screen.toast.Show(engine.Warning, "The screen's setup could not be kept: "+engine.Message(msg.err))
		}
		return m.setup.saveCmd()
	default:
		return m.screen.windows.update(msg)
	}
	return nil
}

// tick lets a second pass.
func (m *Model) tick(msg tickMsg) tea.Cmd {
	m.screen.now = msg.now
	m.screen.toast.Tick(m.screen.now)
	m.undoing.expire()
	if m.drawing.frozen {
		return tea.Batch(m.cfg.tickCmd(), m.setup.saveCmd())
	}
	m.screen.list.Tick(m.screen.now)
	if m.conn.running() {
		m.status.rates.Sample(m.conn.snap)
		m.status.show()
	}
	if m.drawing.paused() {
		return tea.Batch(m.cfg.tickCmd(), m.setup.saveCmd())
	}
	return tea.Batch(m.cfg.tickCmd(), m.setup.saveCmd(), m.details.request())
}

// takeSnapshot shows a new snapshot.
func (m *Model) takeSnapshot(snap engine.Snapshot) {
	first := !m.conn.running()
	m.conn.phase = header.Running
	m.screen.header.SetPhase(m.conn.phase)
	m.news.mention(snap.Events, first)
	if m.drawing.frozen && !first {
		m.drawing.pending = &snap
		return
	}
	m.showSnapshot(snap)
}

// showSnapshot shows a snapshot.
func (m *Model) showSnapshot(snap engine.Snapshot) {
	m.conn.snap = snap
	m.title.update()
	m.status.show()
	m.screen.list.Set(snap.Sites, snap.Status.ServeURL)
	m.undoing.settle()
	if m.screen.page != nil {
		_, there := m.screen.list.Find(m.screen.page.Ref())
		m.screen.page.SetGone(!there)
	}
	switch w := m.screen.windows.shown.(type) {
	case *eventlog.Window:
		w.Set(m.news.events, m.screen.now)
	case refreshed:
		w.Refresh()
	}
}

// followSelection lets the panes that look at one site follow the selection, and asks for its detail when it is another one.
func (m *Model) followSelection() tea.Cmd {
	m.news.showHint()
	host := m.screen.detailRef()
	if m.screen.page != nil {
		m.screen.page.SetRates(m.status.rates.Site(host))
		m.screen.page.SetHomes(m.screen.homes)
		m.screen.page.SetEnough(m.conn.enoughOf(host))
		m.screen.page.SetGoals(m.conn.goalsOf(host))
	} else {
		site, _ := m.screen.list.Find(host)
		m.screen.inspector.Look(site, m.status.rates.Site(host))
	}
	return m.details.follow(host)
}

// join joins two commands of which either may be nil.
func join(a, b tea.Cmd) tea.Cmd {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return tea.Batch(a, b)
}
