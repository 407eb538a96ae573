package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/ui/eventlog"
	"wtptui/ui/format"
	"wtptui/ui/header"
	"wtptui/ui/keys"
	"wtptui/ui/prompt"
)

const running = header.Running

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
	cmd := m.receive(msg)
	showEndRequest(m)
	return join(cmd, m.follow())
}

// receive takes one message.
func (m *Model) receive(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.still = ""
		m.focus(m.inspecting() && m.inspector.Focused()) // There may be no room for it any more.
	case tea.BlurMsg:
		m.blur()
	case tea.FocusMsg:
		m.look()
		return m.detailCmd()
	case tea.BackgroundColorMsg:
		m.light = !msg.IsDark()
		m.setLook()
	case tea.ColorProfileMsg:
		if m.cfg.Color == colorprofile.Unknown {
			m.profile = msg.Profile
			m.setLook()
		}
	case tea.KeyPressMsg:
		m.touched = true
		m.look() // Some terminals forget to say that they have the focus again.
		return m.key(msg)
	case tea.PasteMsg:
		m.look()
		return m.paste(msg)
	case tea.MouseClickMsg:
		m.touched = true
		m.look()
		return m.press(msg.Mouse())
	case tea.MouseWheelMsg:
		m.wheel(msg.Mouse())
	case tickMsg:
		return m.tick(msg)
	default:
		return m.hear(msg)
	}
	return nil
}

// hear takes what commands report about the engine.
func (m *Model) hear(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case startedMsg:
		m.engine, m.phase = msg.engine, header.Waiting
		return m.watchCmd()
	case brokenMsg:
		m.fault, m.phase = msg.err, header.Broken
	case watchingMsg:
		m.feed = msg.feed
		cmd := m.cfg.await(m.feed)
		if m.cfg.StartAddress != "" {
			return tea.Batch(cmd, m.addCmd(m.cfg.StartAddress))
		}
		return cmd
	case snapshotMsg:
		m.take(msg.snap)
		return join(m.awaitNext(), m.watchWindow(msg.snap))
	case lostMsg:
		m.phase = header.Lost
	case endRequestMsg:
		m.endRequests = append(m.endRequests, msg.request)
		return awaitEndRequest(m.ctx, m.cfg.EndRequests)
	case detailMsg:
		return m.learn(msg)
	case doneMsg:
		m.done(msg)
	case addedMsg:
		m.added(msg)
	case slowMsg:
		m.slow(msg)
	case crashMsg:
		m.fall(msg.crash)
	default:
		return m.report(msg)
	}
	m.header.SetPhase(m.phase)
	return nil
}

// report takes what other commands report.
func (m *Model) report(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		if msg.err != nil {
			m.toast.Show(engine.Problem, "Could not open a browser: "+engine.Message(msg.err)+". "+m.keys.Of(keys.ShowURL)+" shows the address")
		}
	case copiedMsg:
		return m.copied(msg)
	case switchedMsg:
		return m.switched(msg)
	case limitedMsg:
		m.limited(msg)
	case savedMsg:
		if msg.err != nil {
			m.toast.Show(engine.Warning, "The screen's setup could not be kept: "+engine.Message(msg.err))
		}
	default:
		return m.listen(msg)
	}
	return nil
}

// tick lets a second pass.
func (m *Model) tick(msg tickMsg) tea.Cmd {
	m.now = msg.now
	m.toast.Tick(m.now)
	if m.frozen {
		return tea.Batch(m.tickCmd(), m.keepCmd())
	}
	m.list.Tick(m.now)
	if m.phase == running {
		m.rates.Sample(m.snap)
		m.showStatus()
	}
	if m.resting() {
		return tea.Batch(m.tickCmd(), m.keepCmd())
	}
	return tea.Batch(m.tickCmd(), m.keepCmd(), m.detailCmd())
}

// take shows a new snapshot.
func (m *Model) take(snap engine.Snapshot) {
	first := m.phase != running
	m.phase = running
	m.header.SetPhase(m.phase)
	m.tell(snap.Events, first)
	if m.frozen && !first {
		m.pending = &snap
		return
	}
	m.put(snap)
}

// put shows a snapshot.
func (m *Model) put(snap engine.Snapshot) {
	m.snap = snap
	m.decorate()
	m.showStatus()
	m.list.Set(snap.Sites, snap.Status.ServeURL)
	if m.page != nil {
		_, there := m.list.Find(m.page.Host())
		m.page.SetGone(!there)
	}
	if w, ok := m.window.(*eventlog.Window); ok {
		w.Set(m.events, m.now)
	}
}

// learn shows a site's detail and asks again if meanwhile there was a reason to.
func (m *Model) learn(msg detailMsg) tea.Cmd {
	m.asking = false
	if msg.err == nil {
		m.inspector.Set(msg.detail, m.now)
		if m.page != nil {
			m.page.Set(msg.detail, m.now)
		}
	}
	if m.again || msg.host != m.watched() {
		return m.detailCmd()
	}
	return nil
}

// watched is the host whose detail is on the screen; empty for none.
func (m *Model) watched() string {
	if m.page != nil {
		return m.page.Host()
	}
	if s, ok := m.list.Selected(); ok && m.inspecting() {
		return s.Host
	}
	return ""
}

// follow lets the panes that look at one site follow the selection, and asks for its detail when it is another one.
func (m *Model) follow() tea.Cmd {
	m.hint()
	host := m.watched()
	if m.page != nil {
		m.page.SetRates(m.rates.Site(host))
	} else {
		m.inspector.Look(host, m.rates.Site(host))
	}
	if host == m.looked {
		return nil
	}
	m.looked = host
	return m.detailCmd()
}

// added ends an addition: the site is selected, or the prompt says what went wrong.
func (m *Model) added(msg addedMsg) {
	asking, open := m.window.(*prompt.Pane)
	open = open && asking.Value() == strings.TrimSpace(msg.input)
	switch {
	case msg.err != nil && open:
		asking.Fail(engine.Message(msg.err))
	case msg.err != nil:
		m.toast.Show(engine.Problem, "Could not add "+format.Cut(engine.Clean(msg.input), 40)+": "+engine.Message(msg.err))
	default:
		if open {
			m.window = nil
		}
		m.list.Reveal(msg.site.Host)
		if m.page != nil {
			m.openPage(msg.site)
		}
		m.toast.Show(engine.Info, "Added "+format.Host(msg.site.Host, 40))
	}
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
