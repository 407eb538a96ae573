package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// Form is a window that shows something and takes one answer: yes or no (NewQuestion), whether to copy an address
// (NewAddress), or the text of its field (NewEntry).
type Form struct {
	theme         *theme.Theme
	scopes, title string
	// width is the largest inner width, in cells.
	width int
	// confirm carries out the answer yes, or copies the address.
	confirm func() tea.Cmd

	address     string
	text        []string // a paragraph each
	verb        string   // of the answer yes; empty for a form without answers
	yesMarked   bool     // that answer is marked
	answersLine int      // the line of the answers when they were last drawn
	entry       *entry   // nil for a form without a field
}

// NewQuestion returns a window that asks before something that cannot be undone. At first the marked answer is No; verb
// is the label of the other one, which calls confirm.
func NewQuestion(th *theme.Theme, title, text, verb string, confirm func() tea.Cmd) *Form {
	return &Form{theme: th, scopes: "confirm", title: title, width: 64, text: []string{text}, verb: verb, confirm: confirm}
}

// NewAddress returns a window with an address to be read or typed elsewhere, and lines about it; copyAddress copies it.
func NewAddress(th *theme.Theme, title, address string, lines []string, copyAddress func() tea.Cmd) *Form {
	return &Form{theme: th, scopes: "notice", title: title, width: 90, address: address, text: lines, confirm: copyAddress}
}

// Situation names the stack of scopes that is in force.
func (f *Form) Situation() string { return f.scopes }

// Act answers, marks the other answer, or closes the window.
func (f *Form) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	switch {
	case a == keys.Switch:
		f.yesMarked = !f.yesMarked
		return nil, true
	case a == keys.Yes, a == keys.CopyURL, a == keys.Accept && f.yesMarked:
		return f.confirm(), false
	case a == keys.Accept && f.entry != nil:
		return f.entry.Submit(f)
	}
	return nil, false
}

// Click gives the answer at x, y of the window.
func (f *Form) Click(x, y int, _ bool) (cmd tea.Cmd, open bool) {
	x, y = x-layout.FrameX, y-layout.FrameY
	switch {
	case f.verb == "" || y != f.answersLine || x < 0:
	case x < len(no):
		return nil, false
	case x >= len(no)+len(gap) && x < len(no)+len(gap)+len(blank)+len(f.verb)+len(blank):
		return f.confirm(), false
	}
	return nil, true
}

// Update edits the text in the field with a key or a paste.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	if f.entry == nil {
		return nil
	}
	return f.entry.update(msg)
}

// The answers have room for the mark of the marked one.
const (
	blank = "  "
	no    = blank + "No" + blank
	gap   = "   "
)

// View draws the window for a screen of w cells.
func (f *Form) View(w, _ int) string {
	inner := min(w-6, f.width)
	var lines []string
	if f.entry != nil {
		lines = f.entry.draw(f.theme, inner)
	} else {
		lines = append(lines, "")
	}
	if f.address != "" {
		for _, l := range format.WrapAnywhere(f.address, inner) {
			lines = append(lines, f.theme.Accent.Bold().Render(l))
		}
		lines = append(lines, "")
	}
	for _, l := range f.text {
		lines = append(lines, format.Wrap(l, inner)...)
	}
	if f.verb != "" {
		f.answersLine = len(lines) + 1
		lines = append(lines, "", f.answersText())
	}
	return layout.Frame(strings.Join(lines, "\n"), f.title, inner, len(lines), f.theme)
}

func (f *Form) answersText() string {
	if f.yesMarked {
		return no + gap + f.theme.Bad.With("7").Render("▸ "+f.verb+blank)
	}
	return f.theme.Strong.With("7").Render("▸ No"+blank) + gap + blank + f.verb + blank
}
