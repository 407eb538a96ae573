package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/ui/header"
)

// Model is the dashboard: the tea.Model that passes what comes in to its parts. Only the goroutine of Bubble Tea's
// event loop uses it and its parts; commands get copies.
type Model struct {
	cfg *Config
	// stop ends the program from outside of Update; nil in tests. crash is the panic that ended it.
	stop  func()
	crash *Crash

	conn     *connection // the engine, and what it said last
	screen   *screen     // the panes, and what lies on top
	display  *display    // how they are drawn
	follower *follower   // what shows what the engine says
	commands *commands   // what a person can do
	input    *input      // what turns keys and the mouse into that
	setup    *setup      // how the screen is set up from run to run
}

func newModel(ctx context.Context, config Config) *Model {
	config = config.withDefaults()
	cfg := &config
	conn, sc := &connection{cfg: cfg, ctx: ctx}, newScreen(cfg)
	m := &Model{cfg: cfg, conn: conn, screen: sc, display: newDisplay(cfg, conn, sc), input: &input{}}
	m.commands = newCommands(cfg, conn, sc, m.display, m.input.doAction)
	m.follower = newFollower(conn, sc, m.display, m.commands.undoHistory)
	*m.input = newInput(m)
	m.setup = &setup{cfg: cfg, screen: sc, display: m.display, undoHistory: m.commands.undoHistory, path: cfg.StateFile}

	m.setup.restoreState()
	m.display.appearance.applyTheme()
	m.display.title.updateTitle()
	return m
}

// Init implements tea.Model: it starts the engine and the clock, and asks the terminal for its background.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.conn.startEngine(), m.cfg.tickCmd(), m.commands.shutdown.awaitRequest(), tea.RequestBackgroundColor)
}

// Update implements tea.Model.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	return m, cmd
}

// View implements tea.Model.
func (m *Model) View() (v tea.View) {
	v = m.display.view()
	if m.crash == nil {
		defer catchPanic(m.endAfterCrash)
		v.Content = m.display.content()
	}
	return v
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	if m.crash != nil {
		return nil
	}
	defer catchPanic(m.endAfterCrash)
	cmd := m.handle(msg)
	m.commands.shutdown.showRequest()
	return joinCmds(cmd, m.follower.followSelection())
}

// handle handles one message.
func (m *Model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.screen.resize(msg.Width, msg.Height)
		m.display.drawState.lastFrame = ""
	case tea.BlurMsg:
		m.display.drawState.focusLost()
	case tea.FocusMsg:
		m.display.drawState.focusGained()
		return m.follower.details.requestDetail()
	case tea.BackgroundColorMsg:
		m.display.appearance.setLight(!msg.IsDark())
	case tea.ColorProfileMsg:
		if m.cfg.Color == colorprofile.Unknown {
			m.display.appearance.setProfile(msg.Profile)
		}
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseClickMsg:
		m.setup.changed = true
		m.display.drawState.focusGained() // Some terminals forget to say that they have the focus again.
		return m.input.handle(msg)
	case tea.MouseWheelMsg:
		m.input.mouse.handleWheel(msg.Mouse())
	case tickMsg:
		return m.tick(msg)
	case crashMsg:
		m.endAfterCrash(msg.crash)
	default:
		return m.handleEngineMsg(msg)
	}
	return nil
}

// handleEngineMsg handles the messages about the engine.
func (m *Model) handleEngineMsg(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case startedMsg:
		m.conn.engine, m.conn.phase = msg.engine, header.Waiting
		return m.conn.watchEngine()
	case brokenMsg:
		m.conn.err, m.conn.phase = msg.err, header.Broken
	case watchingMsg:
		m.conn.feed = msg.feed
		cmd := m.cfg.await(m.conn.feed)
		if m.cfg.StartAddress != "" {
			return tea.Batch(cmd, m.commands.addPrompt.addSite(m.cfg.StartAddress, ""))
		}
		return cmd
	case snapshotMsg:
		m.follower.handleSnapshot(msg.snap)
		return joinCmds(m.conn.awaitNextSnapshot(), m.screen.windows.watch(msg.snap))
	case lostMsg:
		m.conn.phase = header.Lost
	case detailMsg:
		return m.follower.details.handleDetail(msg)
	case doneMsg:
		return tea.Batch(m.commands.undoHistory.handleDone(msg), m.setup.saveCmd(), m.follower.details.requestDetail())
	case savedMsg:
		return m.setup.handleSaved(msg)
	default:
		return m.commands.handleResult(msg)
	}
	m.screen.header.SetPhase(m.conn.phase)
	return nil
}

// tick handles the passing of a second.
func (m *Model) tick(msg tickMsg) tea.Cmd {
	cmd := m.follower.tick(msg.now)
	return tea.Batch(m.cfg.tickCmd(), m.setup.saveCmd(), cmd)
}

// joinCmds joins two commands of which either may be nil.
func joinCmds(a, b tea.Cmd) tea.Cmd {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return tea.Batch(a, b)
}
