package ui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/header"
)

// addPrompt opens the prompt for an address, and adds the typed one.
type addPrompt struct {
	conn        *connection
	screen      *screen
	machineMenu *machineMenu
	// form is the prompt that was opened last.
	form *dialog.Form
}

// open opens the prompt, in a fleet after a person has chosen the machine.
func (ad *addPrompt) open(text string) tea.Cmd {
	return ad.machineMenu.chooseMachine("Add a site on which machine?", func(machine string) tea.Cmd {
		ad.openFor(text, machine)
		return nil
	})
}

// openFor opens the prompt for a machine of a fleet, or with an empty name for the engine.
func (ad *addPrompt) openFor(text, machine string) {
	title := "Add a site"
	if machine != "" {
		title += " on " + machine
	}
	address := &typedAddress{theme: ad.screen.theme}
	ad.form = dialog.NewEntry(ad.screen.theme, dialog.Entry{
		Title: title, Scopes: "prompt", Width: 84, Value: text, Limit: 4*engine.MaxAddressLength + 1,
		Explain: address.below, ExplainRows: 3, Check: address.check,
		Submit: func(f *dialog.Form) (tea.Cmd, bool) {
			if address.rewrite(f) {
				return nil, true
			}
			if err := address.check(f.Text()); err != nil {
				return f.ShowError(err)
			}
			if ad.conn.engine == nil || ad.conn.phase == header.Lost || ad.conn.phase == header.Broken {
				return f.ShowError(errors.New(ad.conn.notRunning()))
			}
			f.ShowWaiting("asking the engine…")
			return ad.addSite(f.Text(), machine), true
		},
	})
	ad.screen.windows.shown = ad.form
}

// addSite reads a .torrent file if the input names one, and adds the site.
func (ad *addPrompt) addSite(input, machine string) tea.Cmd {
	ctx, e := ad.conn.ctx, ad.conn.engine
	return guardPanic(func() tea.Msg {
		req, err := engine.NewAddRequest(input)
		if err != nil {
			return addedMsg{input: input, err: err}
		}
		req.Machine = machine
		site, err := e.Add(ctx, req)
		return addedMsg{input, site, err}
	})
}

// handleAdded ends an addition: the site is selected, or the prompt shows what went wrong.
func (ad *addPrompt) handleAdded(msg addedMsg) {
	open := ad.form != nil && ad.screen.windows.shown == window(ad.form) && ad.form.Text() == strings.TrimSpace(msg.input)
	switch {
	case msg.err != nil && open:
		ad.form.ShowError(msg.err)
	case msg.err != nil:
		ad.screen.toast.Show(engine.Problem,
			"Could not add "+format.Cut(engine.Clean(msg.input), 40)+": "+engine.Message(msg.err))
	default:
		if open {
			ad.screen.windows.shown = nil
		}
		ad.screen.list.Reveal(msg.site.Ref())
		if ad.screen.page != nil {
			ad.screen.openPage(msg.site)
		}
		ad.screen.toast.Show(engine.Info, "Added "+badge.Name(msg.site, nameWidth))
	}
}
