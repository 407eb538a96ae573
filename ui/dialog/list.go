package dialog

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/field"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/search"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Line is one line of a List.
type Line struct {
	// ID identifies the line, so that it stays selected when the lines change; by default its Label.
	ID string
	// Key is a letter that chooses the line at once, other than those that move in a list; empty for none.
	Key string
	// Box replaces the letter where lines are ticked: "[x]".
	Box string
	// Label is the name of the line, and Detail its value, or a preview of its result.
	Label, Detail string
	// Help is shown below the list while the line is selected. SearchWords are further words by which a search finds the
	// line.
	Help, SearchWords string
	// Do carries out the line's action. It must close the window itself, if the window is to be closed.
	Do func() tea.Cmd
}

func (l *Line) id() string {
	if l.ID != "" {
		return l.ID
	}
	return l.Label
}

// List is a window of lines, one of which is selected. NewList returns one; its fields must not change after that. The
// fields after Load are for lists that have more than lines.
type List struct {
	Theme *theme.Theme
	Title string
	// Scopes names the stack of scopes (keys.Stacks) that is in force.
	Scopes string
	// Load returns the lines as they are now. It is called at first, after each choice, and by Refresh. A line that is
	// still there should keep its place and its key, since somebody may be about to press it.
	Load func() []Line

	// Choose carries out an action with line i and reports whether the window stays open. If it is nil, the line's Do is
	// called, and the window stays. It is also called when there are no lines; i is then 0.
	Choose func(a keys.Action, i int) (cmd tea.Cmd, open bool)
	// OnClick returns the action of a click at line i; x counts from the beginning of its detail, in cells. An empty
	// action only selects the line. If OnClick is nil the action is keys.Accept.
	OnClick func(i, x int) keys.Action
	// Filter is the field above the lines; nil for none.
	Filter *Filter
	// Width is the largest inner width, in cells; 0 for the width of the lines.
	Width int
	// MaxRows returns the largest number of lines that are shown; nil for all of them.
	MaxRows func() int
	// DrawLine draws line i in w cells, instead of the fields of the Line.
	DrawLine func(i, w int, selected bool) string
	// DetailAccent makes details stand out, and DetailRight aligns them to the right.
	DetailAccent, DetailRight bool
	// Notes are shown below the help of the selected line.
	Notes []string
	// EmptyText returns what is shown when there are no lines.
	EmptyText func() string

	lines  []Line
	sel    table.Selection
	input  textinput.Model
	search search.Search
}

// Filter is a field in which a person types what to search for in a List.
type Filter struct {
	// Limit is the longest text, in characters; 0 for any.
	Limit int
	// Changed is called with each new text, before the lines are loaded again.
	Changed func(text string)
	// CountText is shown at the right of the field, and NoteText below it.
	CountText, NoteText func() string
}

// NewList returns the window of a list in which line at is selected.
func NewList(l List, at int) *List {
	if l.Filter != nil {
		l.input = field.New(l.Theme, l.Filter.Limit, "")
	}
	l.lines = l.Load()
	l.sel.SelectRow(at, len(l.lines), l.idAt)
	return &l
}

// Refresh loads the lines again; the selection stays with its line.
func (l *List) Refresh() {
	l.lines = l.Load()
	l.sel.Restore(len(l.lines), l.idAt)
	l.search.Invalidate()
}

func (l *List) idAt(i int) string { return l.lines[i].id() }

// Select selects the line with an ID, once it is there.
func (l *List) Select(id string) {
	l.sel.Select(id)
	l.sel.Restore(len(l.lines), l.idAt)
}

// Index returns which line is selected; 0 when there are none.
func (l *List) Index() int { return l.sel.Index() }

// Text returns the text in the filter.
func (l *List) Text() string { return l.input.Value() }

// SetText replaces the text in the filter.
func (l *List) SetText(text string) {
	l.input.SetValue(text)
	l.Filter.Changed(text)
	l.Refresh()
}

// Situation names the stack of scopes that is in force.
func (l *List) Situation() string { return l.Scopes }

// Act moves, closes the window, or carries out an action with the selected line.
func (l *List) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	switch {
	case a == keys.Cancel:
		return nil, false
	case l.sel.Move(a, len(l.lines), l.idAt):
		return nil, true
	}
	return l.choose(a, l.sel.Index())
}

func (l *List) choose(a keys.Action, i int) (cmd tea.Cmd, open bool) {
	switch {
	case l.Choose != nil:
		cmd, open = l.Choose(a, i)
	case a == keys.Accept && i < len(l.lines):
		cmd, open = l.lines[i].Do(), true
	default:
		open = true
	}
	l.Refresh()
	return cmd, open
}

// Update handles a line's letter, or edits the filter with a key or a paste.
func (l *List) Update(msg tea.Msg) tea.Cmd {
	if l.Filter != nil {
		return l.updateFilter(msg)
	}
	if press, ok := msg.(tea.KeyPressMsg); ok {
		for i := range l.lines {
			if l.lines[i].Key != "" && l.lines[i].Key == press.String() {
				return l.lines[i].Do()
			}
		}
	}
	return nil
}

func (l *List) updateFilter(msg tea.Msg) tea.Cmd {
	before := l.input.Value()
	var cmd tea.Cmd
	l.input, cmd = l.input.Update(msg)
	if text := l.input.Value(); text != before {
		l.Filter.Changed(text)
		l.sel = table.Selection{}
		l.Refresh()
	}
	return cmd
}

// Click selects the line at x, y of the window and carries out the action of a click there.
func (l *List) Click(x, y int, _ bool) (cmd tea.Cmd, open bool) {
	i, ok := l.sel.RowAt(y-layout.FrameY-l.linesAbove(), len(l.lines))
	if !ok {
		return nil, true
	}
	l.sel.SelectRow(i, len(l.lines), l.idAt)
	a := keys.Accept
	if l.OnClick != nil {
		a = l.OnClick(i, x-layout.FrameX-l.detailAt())
	}
	if a == "" {
		return nil, true
	}
	return l.choose(a, i)
}

// Search returns the search in the lines.
func (l *List) Search() *search.Search { return l.search.Attach(searchedList{l}, l.Theme) }

// searchedList is a List as a search.List.
type searchedList struct{ list *List }

// RowCount implements search.List.
func (s searchedList) RowCount() int { return len(s.list.lines) }

// RowText implements search.List. It is the whole text of a line, including its help.
func (s searchedList) RowText(i int) string {
	l := &s.list.lines[i]
	return strings.Join([]string{l.Label, l.Detail, l.SearchWords, l.Help}, "\n")
}

// Index implements search.List.
func (s searchedList) Index() int { return s.list.sel.Index() }

// SelectRow implements search.List.
func (s searchedList) SelectRow(i int) { s.list.sel.SelectRow(i, len(s.list.lines), s.list.idAt) }
