package overview

import (
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// labelWidth is the width of the column of labels, in cells.
const labelWidth = 11

// lines collects labelled lines of w cells.
type lines struct {
	w           int
	theme       *theme.Theme
	lines       []string
	choiceLines []choiceLine
	// top is the index of the first of these lines in the whole text.
	top int
	// chosen is the action of the chosen line, and focused reports whether a line can be chosen now.
	chosen  SiteAction
	focused bool
}

// valueWidth returns the width that is left for a value, in cells.
func (b *lines) valueWidth() int { return max(b.w-labelWidth-3, 10) }

func (b *lines) addRow(name, value string) {
	b.lines = append(b.lines, format.Cut("  "+b.theme.Dim.Render(format.Fit(name, labelWidth))+value, b.w))
}

func (b *lines) addBlank() {
	if len(b.lines) > 0 {
		b.lines = append(b.lines, "")
	}
}

// addWrapped adds a text in as many rows as it needs.
func (b *lines) addWrapped(name, value string, st theme.Style) {
	for _, l := range format.Wrap(value, b.valueWidth()) {
		b.addRow(name, st.Render(l))
		name = ""
	}
}

// addAddress adds an address, broken into rows where necessary, without any character added, so that it can be copied
// off the screen.
func (b *lines) addAddress(name, value string) {
	if value == "" {
		b.addRow(name, b.theme.Dim.Render("–"))
		return
	}
	for _, l := range format.WrapAnywhere(value, b.valueWidth()) {
		b.addRow(name, l)
		name = ""
	}
}

// addChoice adds a row that can be chosen.
func (b *lines) addChoice(name, value string, action SiteAction) {
	b.choiceLines = append(b.choiceLines, choiceLine{line: b.top + len(b.lines), action: action})
	if !b.focused || b.chosen != action {
		b.addRow(name, value)
		return
	}
	value = format.Fit(ansi.Strip(value), max(b.w-labelWidth-2, 0))
	label := b.theme.Dim.Render(format.Fit(name, labelWidth))
	line := b.theme.Accent.Render("▸ ") + label + b.theme.Selected.Render(value)
	b.lines = append(b.lines, format.Cut(line, b.w))
}
