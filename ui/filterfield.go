package ui

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/field"
	"wtptui/ui/keys"
	"wtptui/ui/list"
	"wtptui/ui/theme"
)

// filterField is the field in which the list's filter is typed.
type filterField struct {
	theme *theme.Theme
	list  *list.Pane
	input *textinput.Model // nil when it is not being typed
}

// maxFilter is the longest filter that can be typed, in characters.
const maxFilter = 100

// startTyping starts typing, after the present filter.
func (f *filterField) startTyping() {
	in := field.New(f.theme, maxFilter, f.list.Filter())
	in.SetWidth(f.list.FilterWidth())
	f.input = &in
}

// typing reports whether the filter is being typed.
func (f *filterField) typing() bool { return f.input != nil }

// update edits the filter, and shows its matches at once.
func (f *filterField) update(msg tea.Msg) tea.Cmd {
	var cmd tea.Cmd
	*f.input, cmd = f.input.Update(msg)
	f.list.SetFilter(f.input.Value())
	return cmd
}

// stopTyping ends typing; the filter stays.
func (f *filterField) stopTyping() { f.input = nil }

// act carries out an action while the filter is being typed.
func (f *filterField) act(a keys.Action) tea.Cmd {
	switch a {
	case keys.Up, keys.Down:
		f.list.Handle(a)
		return nil
	case keys.Cancel:
		f.list.SetFilter("")
	}
	f.stopTyping()
	return nil
}

// view draws the field; empty while nothing is typed.
func (f *filterField) view() string {
	if f.input == nil {
		return ""
	}
	return f.input.View()
}
