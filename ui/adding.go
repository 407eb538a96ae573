package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/header"
	"wtptui/ui/prompt"
)

// adding opens the prompt for an address, and adds what was typed.
type adding struct {
	conn     *connection
	screen   *screen
	choosing *choosing
}

// ask opens the add prompt, in a fleet after a person has chosen the machine.
func (ad *adding) ask(text string) tea.Cmd {
	return ad.choosing.machine("Add a site on which machine?", func(machine string) tea.Cmd {
		ad.prompt(text, machine)
		return nil
	})
}

// prompt opens the add prompt for a machine of a fleet, or with an empty name for the engine.
func (ad *adding) prompt(text, machine string) {
	ad.screen.window = prompt.New(ad.screen.theme, text, machine, func(p *prompt.Pane) tea.Cmd {
		switch {
		case ad.conn.phase == header.Broken:
			p.Fail("the engine could not start: quit, mend what it says, and start wtptui again")
		case ad.conn.engine == nil:
			p.Fail("the engine is still starting: try again in a moment")
		case ad.conn.phase == header.Lost:
			p.Fail("the engine has stopped: start wtptui again")
		default:
			p.Busy(true)
			return ad.add(p.Value(), machine)
		}
		return nil
	})
}

// add reads a .torrent file if the input names one, and opens the site.
func (ad *adding) add(input, machine string) tea.Cmd {
	ctx, e := ad.conn.ctx, ad.conn.engine
	return guarded(func() tea.Msg {
		req, err := engine.LoadTorrent(input)
		if err != nil {
			return addedMsg{input: input, err: err}
		}
		req.Machine = machine
		site, err := e.Add(ctx, req)
		return addedMsg{input, site, err}
	})
}

// handleAdded ends an addition: the site is selected, or the prompt says what went wrong.
func (ad *adding) handleAdded(msg addedMsg) {
	asking, open := ad.screen.window.(*prompt.Pane)
	open = open && asking.Value() == strings.TrimSpace(msg.input)
	switch {
	case msg.err != nil && open:
		asking.Fail(engine.Message(msg.err))
	case msg.err != nil:
		ad.screen.toast.Show(engine.Problem, "Could not add "+format.Cut(engine.Clean(msg.input), 40)+": "+engine.Message(msg.err))
	default:
		if open {
			ad.screen.window = nil
		}
		ad.screen.list.Reveal(msg.site.Ref())
		if ad.screen.page != nil {
			ad.screen.openPage(msg.site)
		}
		ad.screen.toast.Show(engine.Info, "Added "+badge.Name(msg.site, nameWidth))
	}
}
