package overview

import (
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// label is the width of the column of labels.
const label = 11

// lines collects labelled lines of w cells.
type lines struct {
	w     int
	theme *theme.Theme
	out   []string
	spots []spot
	// top is the line of the text at which these begin.
	top int
	// chosen is what the chosen line stands for, and focused says that a line can be chosen now.
	chosen  SiteAction
	focused bool
}

// room is what is left for a value.
func (b *lines) room() int { return max(b.w-label-3, 10) }

func (b *lines) row(name, value string) {
	b.out = append(b.out, format.Cut("  "+b.theme.Dim.Render(format.Fit(name, label))+value, b.w))
}

func (b *lines) blank() {
	if len(b.out) > 0 {
		b.out = append(b.out, "")
	}
}

// long wraps a text.
func (b *lines) long(name, value string, st theme.Style) {
	for _, l := range format.Wrap(value, b.room()) {
		b.row(name, st.Render(l))
		name = ""
	}
}

// address breaks an address where it must, and adds nothing to it, so that it can be copied off the screen.
func (b *lines) address(name, value string) {
	if value == "" {
		b.row(name, b.theme.Dim.Render("–"))
		return
	}
	for _, l := range format.WrapAnywhere(value, b.room()) {
		b.row(name, l)
		name = ""
	}
}

// choice is a line on which something can be chosen.
func (b *lines) choice(name, value string, action SiteAction) {
	b.spots = append(b.spots, spot{line: b.top + len(b.out), action: action})
	if !b.focused || b.chosen != action {
		b.row(name, value)
		return
	}
	value = format.Fit(ansi.Strip(value), max(b.w-label-2, 0))
	b.out = append(b.out,
		format.Cut(b.theme.Accent.Render("▸ ")+b.theme.Dim.Render(format.Fit(name, label))+b.theme.Selected.Render(value),
			b.w))
}
