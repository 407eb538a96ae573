package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/overview"
)

// switchedMsg says how turning a site to another version went; hash is empty for following the domain again.
type switchedMsg struct {
	host, hash string
	err        error
}

// choose does what the selected line of the site page stands for: it turns to a version, folds a folder, opens a file.
func (m *Model) choose() tea.Cmd {
	if wish, ok := m.page.Wish(); ok {
		return m.grant(wish)
	}
	if url, ok := m.page.URL(); ok && url != "" && m.page.Chooses() {
		return m.address(keys.Open)
	}
	m.page.Handle(keys.Details)
	return nil
}

// grant asks the engine for what a person wants of a site.
func (m *Model) grant(wish overview.Wish) tea.Cmd {
	s, ok := m.target()
	if !ok {
		m.toast.Show(engine.Warning, "The site is not here any more")
		return nil
	}
	switch {
	case wish.Clearnet && s.NoClearnet:
		return m.do(engine.Clearnet, s)
	case wish.Clearnet:
		return m.do(engine.NoClearnet, s)
	case wish.Hold == s.Infohash && s.Held:
		m.toast.Idle(format.Host(s.Host, 40) + " stays at this version already")
		return nil
	case wish.Hold == "" && !wish.Follow:
		return nil
	}
	return m.switchCmd(s.Host, wish.Hold)
}

func (m *Model) switchCmd(host, hash string) tea.Cmd {
	if m.phase != running {
		m.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	ctx, e := m.ctx, m.engine
	return guarded(func() tea.Msg {
		return switchedMsg{host, hash, e.Switch(ctx, host, hash)}
	})
}

// switched tells how turning to a version went.
func (m *Model) switched(msg switchedMsg) tea.Cmd {
	host := format.Host(msg.host, 40)
	switch {
	case msg.err != nil:
		m.toast.Show(engine.Problem, "Could not switch "+host+": "+engine.Message(msg.err))
	case msg.hash == "":
		m.toast.Show(engine.Info, host+" follows its domain again")
	default:
		m.toast.Show(engine.Info, host+" stays at "+format.Host(msg.hash, 14)+", whatever its domain says")
	}
	return m.detailCmd()
}
