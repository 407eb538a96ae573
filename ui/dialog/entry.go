package dialog

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// Entry describes the field of a Form.
type Entry struct {
	Title string
	// Scopes names the stack of scopes that is in force, and Width is the largest inner width, in cells; "entry" and 60 by
	// default.
	Scopes string
	Width  int
	// Value is the first text of the field. Selected reports whether typing replaces it.
	Value    string
	Selected bool
	// Limit is the longest text, in characters; 200 by default.
	Limit int
	// Hint is shown below the field and explains what can be typed. Explain, if set, returns lines of w cells for that
	// place, for the text that is typed now. There are always ExplainRows lines, so that the window keeps its height.
	Hint        string
	Explain     func(text string, w int) []string
	ExplainRows int
	// Check returns what is wrong with a text that was pasted, or with the first one. If it is nil nothing is checked
	// before Submit.
	Check func(text string) error
	// Submit handles the text, which is f.Text. It reports whether the window stays open.
	Submit func(f *Form) (cmd tea.Cmd, open bool)
}

// entry is the field of a Form.
type entry struct {
	Entry
	input textinput.Model
	// problem is why the text was refused, and waiting what is awaited, until the text changes.
	problem, waiting string
}

// NewEntry returns a window in which a text is typed.
func NewEntry(th *theme.Theme, e Entry) *Form {
	if e.Scopes == "" {
		e.Scopes, e.Width = "entry", 60
	}
	if e.Limit == 0 {
		e.Limit = 200
	}
	e.Selected = e.Selected && e.Value != ""
	f := &Form{theme: th, scopes: e.Scopes, title: e.Title, width: e.Width}
	f.entry = &entry{Entry: e, input: field.New(th, e.Limit, strings.TrimSpace(e.Value))}
	if e.Value != "" {
		f.entry.checkText()
	}
	return f
}

// Text returns the typed text, without blanks around it.
func (f *Form) Text() string { return f.entry.trimmedText() }

// SetText replaces the text in the field.
func (f *Form) SetText(text string) {
	f.entry.input.SetValue(text)
	f.entry.input.CursorEnd()
	f.entry.problem = ""
}

// ShowError shows what is wrong with the text. Its results are those of an Entry.Submit that keeps the window open.
func (f *Form) ShowError(err error) (cmd tea.Cmd, open bool) {
	f.entry.waiting, f.entry.problem = "", engine.Message(err)
	return nil, true
}

// ShowWaiting shows what is awaited, until ShowError is called or the text changes.
func (f *Form) ShowWaiting(what string) { f.entry.waiting = what }

func (e *entry) trimmedText() string { return strings.TrimSpace(e.input.Value()) }

func (e *entry) checkText() {
	if e.Check != nil {
		e.problem = engine.Message(e.Check(e.trimmedText()))
	}
}

// update edits the text with a key or a paste.
func (e *entry) update(msg tea.Msg) tea.Cmd {
	before := e.input.Value()
	if e.Selected && replacesSelection(msg) {
		e.input.SetValue("")
	}
	e.Selected = false
	var cmd tea.Cmd
	e.input, cmd = e.input.Update(msg)
	if e.input.Value() != before {
		e.problem, e.waiting = "", ""
	}
	if _, pasted := msg.(tea.PasteMsg); pasted {
		e.checkText()
	}
	return cmd
}

// replacesSelection reports whether a message replaces a text that is selected.
func replacesSelection(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return true
	case tea.KeyPressMsg:
		return msg.Code == tea.KeyBackspace || msg.Code == tea.KeyDelete || msg.Text != ""
	}
	return false
}

// draw draws the field and the lines below it.
func (e *entry) draw(th *theme.Theme, w int) []string {
	first := field.View(e.input, th, w)
	if e.Selected {
		first = format.Cut(th.Accent.Render("›")+" "+th.Strong.With(th.Selected).Render(format.Text(e.Value)), w)
	}
	var below []string
	switch {
	case e.waiting != "":
		below = []string{th.Progress.Render("◌ " + e.waiting)}
	case e.problem != "":
		below = Wrap("✗ "+e.problem, w, th.Bad)
	case e.Explain != nil:
		below = e.Explain(e.trimmedText(), w)
	default:
		below = Wrap(e.Hint, w, th.Dim)
	}
	for len(below) < e.ExplainRows {
		below = append(below, "")
	}
	if e.ExplainRows > 0 {
		below = below[:e.ExplainRows]
	}
	return append([]string{first, ""}, below...)
}

// Wrap returns a text in lines of at most w cells, all in one style.
func Wrap(text string, w int, st theme.Style) []string {
	lines := format.Wrap(text, w)
	for i, l := range lines {
		lines[i] = st.Render(l)
	}
	return lines
}
