package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/question"
)

const noLocalURL = "Nothing is served to browsers in this run, so there is no local address"

// browser opens addresses in the person's browser, or shows how to reach them from there.
type browser struct {
	cfg       *Config
	screen    *screen
	clipboard *clipboard
}

// openSites opens the targets in the browser, or shows how to where the browser is on another computer.
func (b *browser) openSites() tea.Cmd {
	sites := b.screen.targets()
	switch {
	case len(sites) == 0:
		return nil
	case len(sites) == 1:
		return b.openOne(keys.Open, sites[0])
	case openRefusal(sitePointers(sites)) != "":
		b.screen.toast.Show(engine.Warning, "Could not open any of the "+
			format.Plural(len(sites), "marked site")+": "+openRefusal(sitePointers(sites)))
		return nil
	}
	sites = slices.DeleteFunc(sites, func(s engine.Site) bool { return s.LocalURL == "" || s.State == engine.Found })
	if len(sites) == 0 || b.sshForward(sites[0].LocalURL) != "" {
		return b.openFirst(sites)
	}
	open := func() tea.Cmd {
		var cmds []tea.Cmd
		for _, s := range sites {
			cmds = append(cmds, b.open(s.Machine, s.LocalURL))
		}
		b.screen.toast.Show(engine.Info, "Opening "+format.Plural(len(cmds), "site"))
		return tea.Batch(cmds...)
	}
	if len(sites) > question.MaxUnasked {
		b.screen.windows.askQuestion(question.Question{
			Title: "Open " + format.Plural(len(sites), "site") + "?", Verb: "Open", Text: "Each one gets a tab of your browser.",
		}, open)
		return nil
	}
	return open()
}

// openFirst opens the first of several sites where each needs a step by the person.
func (b *browser) openFirst(sites []engine.Site) tea.Cmd {
	if len(sites) == 0 {
		b.screen.toast.Show(engine.Warning, noLocalURL)
		return nil
	}
	return b.openOne(keys.Open, sites[0])
}

// openOrShow opens or shows the local address of the target.
func (b *browser) openOrShow(a keys.Action) tea.Cmd {
	s, ok := b.screen.target()
	if !ok {
		b.screen.toast.Show(engine.Warning, "No site is selected")
		return nil
	}
	return b.openOne(a, s)
}

// openOne opens or shows the local address of a site, or of the file that is selected in what is shown of it.
func (b *browser) openOne(a keys.Action, s engine.Site) tea.Cmd {
	if a == keys.Open && s.State == engine.Found {
		b.screen.toast.ShowNothingDone(badge.Name(s, nameWidth) + " was found in the data folder and is not served yet: " +
			b.screen.keys.FirstKey(keys.Pause) + " resumes it")
		return nil
	}
	local := s.LocalURL
	if file, ok := b.screen.fileURL(); ok && s.Ref() == b.screen.detailRef() {
		local = file
	}
	if local == "" {
		b.screen.toast.Show(engine.Warning, noLocalURL)
		return nil
	}
	forward := b.sshForward(local)
	if a == keys.Open && forward == "" {
		b.screen.toast.Show(engine.Info, "Opening "+local)
		return b.open(s.Machine, local)
	}
	copyKey := b.screen.keys.FirstKeyIn(keys.Notice, keys.CopyURL)
	text := local
	lines := []string{"Only browsers on this computer can reach it.", copyKey + " copies it, esc closes."}
	if forward != "" {
		text = forward + "\n" + local
		lines = []string{
			"This is an SSH session. Run this where your browser is, then open the address there:", "", "  " + forward, "",
			copyKey + " copies both, esc closes.",
		}
	}
	copied := func() tea.Cmd { return b.clipboard.copyText(text) }
	b.screen.windows.shown = dialog.NewAddress(b.screen.theme, "Local address", local, lines, copied)
	if a == keys.Open {
		return copied()
	}
	return nil
}

// sshForward returns the command that forwards a local address to the other end of an SSH session; empty outside of
// one.
func (b *browser) sshForward(local string) string {
	// "client-address client-port server-address server-port"
	conn := strings.Fields(b.cfg.getenv("SSH_CONNECTION"))
	if len(conn) != 4 {
		return ""
	}
	u, err := url.Parse(local)
	if err != nil || u.Port() == "" {
		return ""
	}
	to := conn[2]
	if user := b.cfg.getenv("USER"); user != "" {
		to = user + "@" + to
	}
	line := "ssh -L " + u.Port() + ":127.0.0.1:" + u.Port()
	if conn[3] != "22" {
		line += " -p " + conn[3]
	}
	return line + " " + to
}

func (b *browser) open(machine, url string) tea.Cmd {
	open := b.cfg.OpenURL
	return guardPanic(func() tea.Msg {
		if open == nil {
			return openedMsg{url, fmt.Errorf("no browser is known here")}
		}
		return openedMsg{url, open(machine, url)}
	})
}
