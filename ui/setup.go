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

// setup stores in the state file how the screen is set up.
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

// loadState reads how the screen was set up, from StateFile or, if there is none yet, from FirstState.
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
			"Default settings are used: a newer wtptui saved the settings of this screen, which are kept")
	case err != nil:
		su.screen.toast.Show(engine.Warning, "Default settings are used: "+engine.Message(err))
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

// currentState returns how the screen is set up now.
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

// savedMsg reports the result of a save.
type savedMsg struct{ err error }

// saveCmd returns the command that saves the setup if it has changed. One save is under way at a time, so that an older
// one never overwrites a newer one.
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

// handleSaved shows the error of a save, and saves what has changed meanwhile.
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

// saveNow saves the setup when the program ends; an error can no longer be shown.
func (su *setup) saveNow() {
	if su.path == "" {
		return
	}
	su.inFlight.closeAndWait()
	if s, differs := su.stateToSave(); differs || su.saving {
		_ = saveState(su.path, s)
	}
}
