package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// commands are what a person can do. Each part has one task. An action that involves several of them belongs to the
// first.
type commands struct {
	screen     *screen
	appearance *appearance

	jobs        *jobRunner
	undoHistory *undoHistory
	actions     *siteActions
	limits      *limitMenus
	enough      *enoughEntry
	labeller    *labeller
	own         *ownCommands
	menus       *menus
	palette     *paletteOpener
	clipboard   *clipboard
	browser     *browser
	publisher   *publisher
	addPrompt   *addPrompt
	shutdown    *shutdown
}

// newCommands returns the commands; act carries out an action as its key does.
func newCommands(cfg *Config, conn *connection, sc *screen, display *display, act func(keys.Action) tea.Cmd) *commands {
	c := &commands{screen: sc, appearance: display.appearance}
	c.jobs = &jobRunner{cfg: cfg, conn: conn, screen: sc}
	c.undoHistory = &undoHistory{conn: conn, screen: sc, jobs: c.jobs}
	c.clipboard = &clipboard{cfg: cfg, conn: conn, screen: sc}
	c.browser = &browser{cfg: cfg, screen: sc, clipboard: c.clipboard}
	c.actions = &siteActions{conn: conn, screen: sc, jobs: c.jobs, browser: c.browser}
	c.limits = &limitMenus{conn: conn, screen: sc, jobs: c.jobs}
	c.enough = &enoughEntry{conn: conn, screen: sc, jobs: c.jobs}
	c.labeller = &labeller{conn: conn, screen: sc, jobs: c.jobs}
	c.own = newOwnCommands(cfg, conn, sc)
	c.menus = &menus{
		cfg: cfg, conn: conn, screen: sc, appearance: display.appearance, drawState: display.drawState, limits: c.limits,
	}
	c.palette = &paletteOpener{conn: conn, screen: sc, menus: c.menus, undoHistory: c.undoHistory, act: act}
	machineMenu := &machineMenu{conn: conn, screen: sc}
	c.publisher = &publisher{conn: conn, screen: sc, clipboard: c.clipboard, browser: c.browser, machineMenu: machineMenu}
	c.addPrompt = &addPrompt{conn: conn, screen: sc, machineMenu: machineMenu}
	c.shutdown = &shutdown{cfg: cfg, conn: conn, screen: sc}
	return c
}

// doAction carries out an action that concerns more than the screen; it reports whether the action was one.
func (c *commands) doAction(a keys.Action) (cmd tea.Cmd, ok bool) {
	if _, ok := actionVerbs[a]; ok {
		return c.actions.doAction(a), true
	}
	if own, ok := c.own.byAction[a]; ok {
		return c.own.runCommand(own), true
	}
	switch a {
	case keys.Add:
		return c.addPrompt.open(""), true
	case keys.Publish:
		return c.publisher.openWindow(""), true
	case keys.Undo:
		return c.undoHistory.undoLast(), true
	case keys.Redo:
		return c.undoHistory.redoLast(), true
	case keys.Open:
		return c.browser.openSites(), true
	case keys.ShowURL:
		return c.browser.openOrShow(a), true
	case keys.CopyURL:
		return c.clipboard.copyURLs(), true
	case keys.PublicHome:
		return c.actions.turnHomes(), true
	case keys.Bin:
		return c.undoHistory.openBin(), true
	case keys.Mouse:
		c.appearance.toggleMouse()
		return nil, true
	}
	return nil, c.openWindow(a)
}

// openWindow opens the window for an action; it reports whether there is one.
func (c *commands) openWindow(a keys.Action) bool {
	open := map[keys.Action]func(){
		keys.CopyMenu:     c.clipboard.openMenu,
		keys.SortMenu:     c.menus.openSortMenu,
		keys.ColumnMenu:   c.menus.openColumns,
		keys.SaveView:     c.menus.openViewsMenu,
		keys.ShowSettings: c.menus.openSettings,
		keys.Limits:       c.limits.open,
		keys.Enough:       c.enough.open,
		keys.Labels:       c.labeller.openWindow,
		keys.ShowPalette:  c.palette.open,
		keys.StopEngine:   c.shutdown.askStop,
	}[a]
	if open == nil {
		return false
	}
	open()
	return true
}

// handleResult handles the messages of the commands. A message that is for none of them is passed to the window.
func (c *commands) handleResult(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		if msg.err != nil {
			c.screen.toast.Show(engine.Problem, "Could not open a browser: "+engine.Message(msg.err)+
				". "+c.screen.keys.FirstKey(keys.ShowURL)+" shows the address")
		}
	case addedMsg:
		c.addPrompt.handleAdded(msg)
	case slowMsg:
		c.jobs.handleSlow(msg)
	case recordsMsg:
		return c.clipboard.copyText(msg.text)
	case copiedMsg:
		return c.clipboard.handleCopied(msg)
	case newestBinnedMsg:
		c.undoHistory.handleNewestBinned(msg)
	case endRequestMsg:
		return c.shutdown.handleRequest(msg)
	case ownDoneMsg:
		c.own.handleDone(msg)
	case ownScreenMsg:
		return c.own.handleScreen(msg)
	case engineStoppedMsg:
		return c.shutdown.handleStopped(msg)
	default:
		return c.screen.windows.update(msg)
	}
	return nil
}
