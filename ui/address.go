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

const noLocal = "Nothing is served to browsers in this run, so there is no local address"

// openSites opens the targets in the browser, or where that is none of ours, says how to.
func (m *Model) openSites() tea.Cmd {
	sites := m.targets()
	if len(sites) < 2 {
		return m.address(keys.Open)
	}
	if m.forward(sites[0].LocalURL) != "" {
		return m.address(keys.Open)
	}
	open := func() tea.Cmd {
		var cmds []tea.Cmd
		for _, s := range sites {
			if s.LocalURL != "" && s.State != engine.Found {
				cmds = append(cmds, m.openCmd(s.LocalURL))
			}
		}
		m.toast.Show(engine.Info, "Opening "+format.Plural(len(cmds), "site"))
		return tea.Batch(cmds...)
	}
	if len(sites) > askAbove {
		m.window = &confirm.Pane{
			Theme: m.theme, Title: "Open " + format.Plural(len(sites), "site") + "?", Verb: "Open",
			Text: "Each one gets a tab of your browser.", Do: open,
		}
		return nil
	}
	return open()
}

// address opens or shows the local address of the target.
func (m *Model) address(a keys.Action) tea.Cmd {
	s, ok := m.target()
	if !ok {
		m.toast.Show(engine.Warning, "No site is selected")
		return nil
	}
	if a == keys.Open && s.State == engine.Found {
		m.toast.Idle(format.Host(s.Host, 40) + " was found in the data folder and is not served yet: " + m.keys.Of(keys.Pause) + " resumes it")
		return nil
	}
	local := s.LocalURL
	if file, ok := m.fileURL(); ok {
		local = file
	}
	if local == "" {
		m.toast.Show(engine.Warning, noLocal)
		return nil
	}
	forward := m.forward(local)
	if a == keys.Open && forward == "" {
		m.toast.Show(engine.Info, "Opening "+local)
		return m.openCmd(local)
	}
	copyKey := m.keys.In(keys.Notice, keys.CopyURL)
	n := &notice.Pane{
		Theme: m.theme, Title: "Local address", URL: local, Copy: func() tea.Cmd { return m.copy(local) },
		Lines: []string{"Only browsers on this computer can reach it.", copyKey + " copies it, esc closes."},
	}
	if forward != "" {
		n.Lines = []string{"This is an SSH session. Run this where your browser is, then open the address there:", "", "  " + forward, "", copyKey + " copies both, esc closes."}
		n.Copy = func() tea.Cmd { return m.copy(forward + "\n" + local) }
	}
	m.window = n
	if a == keys.Open {
		return m.copy(forward + "\n" + local)
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
	to := conn[2]
	if user := m.cfg.getenv("USER"); user != "" {
		to = user + "@" + to
	}
	line := "ssh -L " + u.Port() + ":127.0.0.1:" + u.Port()
	if conn[3] != "22" {
		line += " -p " + conn[3]
	}
	return line + " " + to
}
