package ui

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/state"
)

// setup keeps how the screen is set up in the state file.
type setup struct {
	cfg         *Config
	screen      *screen
	display     *display
	undoHistory *undoHistory

	path     string // empty keeps nothing
	written  []byte // what the file holds
	changed  bool   // something may have changed since
	saving   bool   // one save is under way
	inFlight inFlight
}

// loadState reads how the screen was set up, here or, if it never was, where it was first.
func (su *setup) loadState() (state.State, error) {
	if _, err := os.Stat(su.path); su.cfg.FirstState == "" || !errors.Is(err, fs.ErrNotExist) {
		return state.Load(su.path)
	}
	s, err := state.Load(su.cfg.FirstState)
	s.Undo = nil
	return s, err
}

// restoreState sets the screen up as it was in the last run.
func (su *setup) restoreState() {
	if su.path == "" {
		return
	}
	s, err := su.loadState()
	switch {
	case errors.Is(err, state.ErrNewer):
		su.path = ""
		su.screen.toast.Show(engine.Warning,
			"The screen has its default settings: a newer wtptui saved the others, and they are kept")
	case err != nil:
		su.screen.toast.Show(engine.Warning, "The screen has its default settings: "+engine.Message(err))
	}
	su.screen.list.SetSavedViews(s.Saved)
	su.screen.list.RestoreView(s.View)
	su.screen.list.Columns = columns.Parse(s.Columns).ForFleet(su.cfg.Fleet != nil)
	if s.Inspector != nil {
		su.screen.inspectorWanted, su.screen.inspectorChosen = *s.Inspector, true
	}
	su.screen.inspectorHeight = max(s.InspectorSize, 0)
	if slices.Contains(themes, s.Theme) {
		su.display.appearance.themeChoice = s.Theme
	}
	if s.ASCII != nil {
		su.display.appearance.asciiChoice = s.ASCII
		su.display.appearance.ascii = su.display.appearance.ascii || *s.ASCII
	}
	if s.Mouse != nil {
		su.display.appearance.mouseChoice = s.Mouse
		su.display.appearance.mouse = *s.Mouse && !su.cfg.NoMouse
	}
	su.display.drawState.drawUnfocused = s.DrawUnfocused
	if s.Undo != nil {
		su.undoHistory.stack = *s.Undo
	}
	su.written = su.currentState().Encode()
}

// currentState is how the screen is set up now.
func (su *setup) currentState() state.State {
	s := state.State{ // what has not been chosen stays open
		View: su.screen.list.CurrentView(), Saved: su.screen.list.SavedViews(),
		InspectorSize: su.screen.inspectorHeight, Theme: su.display.appearance.themeChoice,
		DrawUnfocused: su.display.drawState.drawUnfocused,
		ASCII:         su.display.appearance.asciiChoice, Mouse: su.display.appearance.mouseChoice,
	}
	s.View.Name, s.View.Filter = "", "" // a filter would hide sites from somebody who has forgotten it
	if set := su.screen.list.Columns; !slices.Equal(set, columns.Default().ForFleet(su.cfg.Fleet != nil)) {
		s.Columns = set.Strings()
	}
	if su.screen.inspectorChosen {
		s.Inspector = &su.screen.inspectorWanted
	}
	return s
}

// savedMsg reports how keeping the setup went.
type savedMsg struct{ err error }

// saveCmd writes the setup down if it has changed since it was last. One save is under way at a time, so that an older
// one never takes the place of a newer.
func (su *setup) saveCmd() tea.Cmd {
	if su.path == "" || su.saving || !su.changed && !su.undoHistory.changed {
		return nil
	}
	path, g := su.path, &su.inFlight
	state, differs := su.stateToSave()
	if !differs {
		return nil
	}
	su.saving = true
	return guardPanic(func() tea.Msg {
		if !g.tryAdd() {
			return nil
		}
		defer g.done()
		return savedMsg{saveState(path, state)}
	})
}

// handleSaved says if keeping the setup went wrong, and keeps what has changed meanwhile.
func (su *setup) handleSaved(msg savedMsg) tea.Cmd {
	su.saving = false
	if msg.err != nil {
		su.screen.toast.Show(engine.Warning, "The screen's settings could not be saved: "+engine.Message(msg.err))
	}
	return su.saveCmd()
}

// stateToSave returns what the file should hold, and whether that differs from what it holds.
func (su *setup) stateToSave() (s state.State, differs bool) {
	s = su.currentState()
	content := s.Encode()
	differs = su.undoHistory.changed || !bytes.Equal(content, su.written)
	su.changed, su.undoHistory.changed, su.written = false, false, content
	s.Undo = su.undoHistory.stack.Clone()
	return s, differs
}

func saveState(path string, s state.State) error { return state.Save(path, s.Encode()) }

// saveNow writes the setup down when the program ends; there is nobody left to be told if that fails.
func (su *setup) saveNow() {
	if su.path == "" {
		return
	}
	su.inFlight.closeAndWait()
	if s, differs := su.stateToSave(); differs || su.saving {
		_ = saveState(su.path, s)
	}
}
