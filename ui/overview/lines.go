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
	pane  *Pane
	out   []string
	spots []spot
	// top is the line of the text at which these begin, and first how many spots there are before them.
	top, first int
}

func (p *Pane) lines(w, top, first int) *lines { return &lines{w: w, pane: p, top: top, first: first} }

// room is what is left for a value.
func (b *lines) room() int { return max(b.w-label-3, 10) }

func (b *lines) row(name, value string) {
	b.out = append(b.out, format.Cut("  "+b.pane.Theme.Dim.Render(format.Fit(name, label))+value, b.w))
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
		b.row(name, b.pane.Theme.Dim.Render("–"))
		return
	}
	for _, l := range format.Break(value, b.room()) {
		b.row(name, l)
		name = ""
	}
}

// choice is a line on which something can be chosen.
func (b *lines) choice(name, value string, action SiteAction) {
	p := b.pane
	chosen := p.focused && b.first+len(b.spots) == p.at
	b.spots = append(b.spots, spot{line: b.top + len(b.out), action: action})
	if !chosen {
		b.row(name, value)
		return
	}
	value = format.Fit(ansi.Strip(value), max(b.w-label-2, 0))
	b.out = append(b.out, format.Cut(p.Theme.Accent.Render("▸ ")+p.Theme.Dim.Render(format.Fit(name, label))+p.Theme.Selected.Render(value), b.w))
}
