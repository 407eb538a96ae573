package ui

import (
	"net/url"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/notice"
)

// verbs are the actions that are one verb of the engine each.
var verbs = map[keys.Action]engine.Verb{
	keys.Touch:    engine.Touch,
	keys.Evict:    engine.Evict,
	keys.Announce: engine.Announce,
	keys.Verify:   engine.Verify,
	keys.Allow:    engine.Allow,
}

// said tells that a verb was carried out; %s is the host.
var said = map[engine.Verb]string{
	engine.Pin:      "Pinned %s: kept and seeded for ever",
	engine.Unpin:    "Unpinned %s: it expires again",
	engine.Touch:    "%s has its whole time again",
	engine.Pause:    "Paused %s: it has left the swarm",
	engine.Resume:   "Resumed %s",
	engine.Announce: "Asking trackers and DHT for peers of %s",
	engine.Verify:   "Checking all data of %s",
	engine.Allow:    "Allowed %s whatever its size",
	engine.Undo:     "%s is back",
	engine.Remove:   "Removed %s and its history",
}

// verb applies a verb to the target, unless it makes no sense for it.
func (m *Model) verb(v engine.Verb) tea.Cmd {
	s, ok := m.target()
	switch {
	case !ok:
		m.toast.Show(engine.Warning, "No site is selected")
	case v == engine.Touch && s.Pinned:
		m.toast.Show(engine.Info, format.Host(s.Host, 40)+" is pinned: it never expires")
	case v == engine.Allow && s.ErrorKind != engine.TooLarge:
		m.toast.Show(engine.Info, format.Host(s.Host, 40)+" was not refused for its size")
	default:
		return m.do(v, s)
	}
	return nil
}

// do asks the engine, if there is one.
func (m *Model) do(v engine.Verb, s engine.Site) tea.Cmd {
	if m.phase != running {
		m.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	return m.doCmd(v, s)
}

// toggle turns a pin or a pause around.
func (m *Model) toggle(a keys.Action) tea.Cmd {
	s, ok := m.target()
	switch {
	case !ok:
		m.toast.Show(engine.Warning, "No site is selected")
		return nil
	case a == keys.Pin && s.Pinned:
		return m.do(engine.Unpin, s)
	case a == keys.Pin:
		return m.do(engine.Pin, s)
	case s.State == engine.Paused:
		return m.do(engine.Resume, s)
	}
	return m.do(engine.Pause, s)
}

// done tells how a verb went.
func (m *Model) done(msg doneMsg) {
	host := format.Host(msg.site.Host, 40)
	if msg.err != nil {
		m.toast.Show(engine.Problem, "Could not "+string(msg.verb)+" "+host+": "+engine.Message(msg.err))
		return
	}
	switch msg.verb {
	case engine.Evict:
		m.offerUndo(msg.site)
		m.leaveGone(msg.site.Host)
		return
	case engine.Undo:
		m.toast.Restored(msg.site.Host)
		m.list.Reveal(msg.site.Host)
	case engine.Remove:
		m.leaveGone(msg.site.Host)
	}
	m.toast.Show(engine.Info, strings.Replace(said[msg.verb], "%s", host, 1))
}

// leaveGone closes the page of a site that has just been sent away from it.
func (m *Model) leaveGone(host string) {
	if m.page != nil && m.page.Host() == host {
		m.page = nil
	}
}

// undo takes the newest eviction back.
func (m *Model) undo() tea.Cmd {
	e, ok := m.toast.Last()
	if !ok {
		m.toast.Show(engine.Info, "There is nothing to undo")
		return nil
	}
	return m.do(engine.Undo, engine.Site{Host: e.Host})
}

// askRemove asks before a removal, which cannot be undone.
func (m *Model) askRemove() {
	s, ok := m.target()
	if !ok {
		m.toast.Show(engine.Warning, "No site is selected")
		return
	}
	text := "Its data, its pin and its history are deleted, and this cannot be undone. To free the space only, evict it."
	if s.Mine {
		text = "It was published here. " + text
	}
	m.window = &confirm.Pane{Theme: m.theme, Title: "Remove " + format.Host(s.Host, 46) + "?", Text: text, Verb: "Remove", Do: func() tea.Cmd {
		return m.do(engine.Remove, engine.Site{Host: s.Host})
	}}
}

// address opens, shows or copies an address of the target.
func (m *Model) address(a keys.Action) tea.Cmd {
	s, ok := m.target()
	if !ok {
		m.toast.Show(engine.Warning, "No site is selected")
		return nil
	}
	if a == keys.CopyURL {
		return m.copy(s.URL)
	}
	local := s.LocalURL
	if file, ok := m.fileURL(); ok {
		local = file
	}
	if local == "" {
		m.toast.Show(engine.Warning, "Nothing is served to browsers in this run, so there is no local address")
		return nil
	}
	forward := m.forward(local)
	if a == keys.Open && forward == "" {
		m.toast.Show(engine.Info, "Opening "+local)
		return m.openCmd(local)
	}
	n := &notice.Pane{Theme: m.theme, Title: "Local address", URL: local, Copy: func() tea.Cmd { return m.copy(local) }, Lines: []string{"Only browsers on this computer can reach it.", m.keys.Of(keys.CopyURL) + " copies it, esc closes."}}
	if forward != "" {
		n.Lines = []string{"This is an SSH session. Run this where your browser is, then open the address there:", "", "  " + forward, "", m.keys.Of(keys.CopyURL) + " copies the address, esc closes."}
	}
	m.window = n
	if a == keys.Open {
		return m.copy(local)
	}
	return nil
}

// fileURL is the address of the file that is selected where files are shown.
func (m *Model) fileURL() (string, bool) {
	if m.page != nil {
		return m.page.URL()
	}
	return m.inspector.URL()
}

// copy gives text to the terminal, which may or may not put it into a clipboard: OSC 52 is never answered.
func (m *Model) copy(text string) tea.Cmd {
	m.toast.Show(engine.Info, text+" sent to the terminal")
	return tea.SetClipboard(text)
}

// forward is the command that brings a local address to the other end of an SSH session; empty outside of one.
func (m *Model) forward(local string) string {
	// "client-address client-port server-address server-port"
	conn := strings.Fields(m.cfg.getenv("SSH_CONNECTION"))
	if len(conn) != 4 {
		return ""
	}
	u, err := url.Parse(local)
	if err != nil || u.Port() == "" {
		return ""
	}
	return "ssh -L " + u.Port() + ":127.0.0.1:" + u.Port() + " " + conn[2]
}
