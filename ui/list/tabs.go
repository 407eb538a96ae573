package list

import (
	"fmt"
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// tab is where a view's name stands on the line of views.
type tab struct{ from, to int }

// Tabs draws the line of views with their counts, the filter and the order. typing is the filter's input field while
// it is being typed, or empty.
func (p *Pane) Tabs(w int, typing string) string {
	left := " " + p.viewNames(false)
	if format.Width(left) > w {
		left = " " + p.viewNames(true)
	}
	middle := p.filterText(typing)
	right := p.orderText()
	room := w - format.Width(left)
	if format.Width(middle)+format.Width(right) > room {
		right = ""
	}
	if format.Width(middle) > room {
		// What is being typed must be seen.
		left = " "
		room = w - 1
	}
	gap := max(room-format.Width(middle)-format.Width(right), 0)
	if middle == "" {
		return format.Cut(left+format.Blank(gap)+right, w)
	}
	before := min(2, gap)
	return format.Cut(left+format.Blank(before)+middle+format.Blank(gap-before)+right, w)
}

func (p *Pane) viewNames(narrow bool) string {
	var b strings.Builder
	at := 1
	p.tabs = p.tabs[:0]
	for v := range views {
		n := p.counts[v]
		name := v.name()
		if narrow && v != p.view {
			name = name[:3]
		}
		text := fmt.Sprintf("%d %s %s", int(v)+1, name, format.Count(n))
		w := format.Width(text) + 2
		switch {
		case v == p.view:
			text = p.Theme.Accent.Render("[") + p.Theme.Accent.Bold().Render(text) + p.Theme.Accent.Render("]")
		case n == 0:
			text = " " + p.Theme.Dim.Render(text) + " "
		default:
			text = " " + text + " "
		}
		b.WriteString(text)
		p.tabs = append(p.tabs, tab{at, at + w})
		at += w
	}
	return b.String()
}

func (p *Pane) filterText(typing string) string {
	count := p.Theme.Dim.Render(fmt.Sprintf(" %s of %s", format.Count(len(p.shown)), format.Count(p.counts[p.view])))
	switch {
	case typing != "":
		return p.Theme.Accent.Render("/") + typing + count
	case p.filter != "":
		return p.Theme.Accent.Render("/"+format.Cut(format.Text(p.filter), 24)) + count
	}
	return ""
}

func (p *Pane) orderText() string {
	arrow := "▲"
	if p.descending() {
		arrow = "▼"
	}
	return p.Theme.Dim.Render("sort: "+columns[p.order].name) + " " + p.Theme.Accent.Render(arrow) + " "
}

// ClickTabs changes to the view whose name stands at x.
func (p *Pane) ClickTabs(x int) {
	for i, t := range p.tabs {
		if x >= t.from && x < t.to {
			p.Handle([...]keys.Action{keys.One, keys.Two, keys.Three, keys.Four, keys.Five}[i])
			return
		}
	}
}
