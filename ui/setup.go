package ui

import (
	"bytes"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/state"
)

// setup keeps how the screen is set up in the state file.
type setup struct {
	cfg        *Config
	screen     *screen
	appearance *appearance
	drawing    *drawing

	path    string // empty keeps nothing
	written []byte // what the file holds
	changed bool   // something may have changed since
}

// restore sets the screen up as it was in the last run.
func (su *setup) restore() {
	if su.path == "" {
		return
	}
	s, err := state.Load(su.path)
	switch {
	case errors.Is(err, state.ErrFuture):
		su.path = ""
		su.screen.toast.Show(engine.Warning, "The screen is set up as at first: a newer wtptui wrote how it was, and that is kept")
	case err != nil:
		su.screen.toast.Show(engine.Warning, "The screen is set up as at first: "+engine.Message(err))
	}
	su.screen.list.SetSaved(s.Saved)
	su.screen.list.Restore(s.View)
	su.screen.list.Columns = columns.Parse(s.Columns)
	if s.Inspector != nil {
		su.screen.inspect, su.screen.chosen = *s.Inspector, true
	}
	su.screen.size = max(s.InspectorSize, 0)
	if slices.Contains(themes, s.Theme) {
		su.appearance.wanted = s.Theme
	}
	if s.ASCII != nil {
		su.appearance.asciiChoice = s.ASCII
		su.appearance.ascii = su.appearance.ascii || *s.ASCII
	}
	if s.Mouse != nil {
		su.appearance.mouseChoice = s.Mouse
		su.appearance.mouse = *s.Mouse && !su.cfg.NoMouse
	}
	su.drawing.drawUnseen = s.DrawUnseen
	su.written = su.state().Encode()
}

// state is how the screen is set up now.
func (su *setup) state() state.State {
	s := state.State{ // what has not been chosen stays open
		View: su.screen.list.Current(), Saved: su.screen.list.Saved(),
		InspectorSize: su.screen.size, Theme: su.appearance.wanted, DrawUnseen: su.drawing.drawUnseen,
		ASCII: su.appearance.asciiChoice, Mouse: su.appearance.mouseChoice,
	}
	s.View.Name, s.View.Filter = "", "" // a filter would hide sites from somebody who has forgotten it
	if set := su.screen.list.Columns; !slices.Equal(set, columns.Default()) {
		s.Columns = set.Strings()
	}
	if su.screen.chosen {
		s.Inspector = &su.screen.inspect
	}
	return s
}

// savedMsg reports how keeping the setup went.
type savedMsg struct{ err error }

// saveCmd writes the setup down if it has changed since it was last.
func (su *setup) saveCmd() tea.Cmd {
	path := su.path
	if path == "" || !su.changed {
		return nil
	}
	su.changed = false
	content := su.state().Encode()
	if bytes.Equal(content, su.written) {
		return nil
	}
	su.written = content
	return guarded(func() tea.Msg { return savedMsg{state.Save(path, content)} })
}

// saveNow writes the setup down when the program ends; there is nobody left to be told if that fails.
func (su *setup) saveNow() {
	if su.path == "" {
		return
	}
	if content := su.state().Encode(); !bytes.Equal(content, su.written) {
		_ = state.Save(su.path, content)
	}
}
