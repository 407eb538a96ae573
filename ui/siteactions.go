package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/overview"
)

// siteActions are what a person can do with sites: with the marked ones, or the selected one.
type siteActions struct {
	conn    *connection
	screen  *screen
	jobs    *jobRunner
	browser *browser
	details *details
}

// switchedMsg says how turning a site to another version went; hash is empty for following the domain again.
type switchedMsg struct {
	host, hash string
	err        error
}

// choose does what the selected line of the site page stands for: it turns to a version, folds a folder, opens a file.
func (sa *siteActions) choose() tea.Cmd {
	if choice, ok := sa.screen.page.SiteAction(); ok {
		return sa.applyChoice(choice)
	}
	if url, ok := sa.screen.page.URL(); ok && url != "" && sa.screen.page.Chooses() {
		return sa.browser.openOrShow(keys.Open)
	}
	if !sa.screen.page.Handle(keys.Details) && sa.screen.page.CouldChoose() {
		sa.screen.toast.Idle("Nothing is selected here: " + sa.screen.keys.Of(keys.Down) + " selects the first line")
	}
	return nil
}

// applyChoice asks the engine for what a person wants of a site.
func (sa *siteActions) applyChoice(choice overview.SiteAction) tea.Cmd {
	s, ok := sa.screen.target()
	if !ok {
		sa.screen.toast.Show(engine.Warning, "The site is not here any more")
		return nil
	}
	switch {
	case choice.Clearnet && s.NoClearnet:
		return sa.jobs.do(engine.Clearnet, s)
	case choice.Clearnet:
		return sa.jobs.do(engine.NoClearnet, s)
	case choice.Hold == s.Infohash && s.Held:
		sa.screen.toast.Idle(format.Host(s.Host, 40) + " stays at this version already")
		return nil
	case choice.Hold == "" && !choice.Follow:
		return nil
	}
	return sa.switchVersion(s.Host, choice.Hold)
}

func (sa *siteActions) switchVersion(host, hash string) tea.Cmd {
	if !sa.conn.running() {
		sa.screen.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	ctx, e := sa.conn.ctx, sa.conn.engine
	return guarded(func() tea.Msg {
		return switchedMsg{host, hash, e.Switch(ctx, host, hash)}
	})
}

// handleSwitched tells how turning to a version went.
func (sa *siteActions) handleSwitched(msg switchedMsg) tea.Cmd {
	host := format.Host(msg.host, 40)
	switch {
	case msg.err != nil:
		sa.screen.toast.Show(engine.Problem, "Could not switch "+host+": "+engine.Message(msg.err))
	case msg.hash == "":
		sa.screen.toast.Show(engine.Info, host+" follows its domain again")
	default:
		sa.screen.toast.Show(engine.Info, host+" stays at "+format.Host(msg.hash, 14)+", whatever its domain says")
	}
	return sa.details.request()
}
