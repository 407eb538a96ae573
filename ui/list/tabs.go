package list

import (
	"fmt"
	"strings"

	"wtptui/ui/columns"
	"wtptui/ui/format"
)

// tab is where a view's name stands on the line of views.
type tab struct{ from, to int }

// Tabs draws the line of views with their counts, the filter and the order. typing is the filter's input field while
// it is being typed, or empty. As it gets narrower, names of views are shortened, the order goes, then only the
// keys of views are left, and at last not even these: what is being typed must be seen.
func (p *Pane) Tabs(w int, typing string) string {
	middle, right := p.filterText(typing), p.orderText()
	var left string
	fits := func(level int, right string) bool {
		left = " " + p.viewNames(level)
		return format.Width(left)+format.Width(middle)+format.Width(right)+2 <= w
	}
	switch {
	case fits(0, right), fits(1, right):
	case fits(1, ""): // the heading of the column says it as well
		right = ""
	default:
		fits(2, right)
	}
	room := w - format.Width(left)
	if format.Width(middle)+format.Width(right)+2 > room {
		right = ""
	}
	if format.Width(middle)+2 > room {
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

// viewNames writes the views: at level 0 in full, at 1 those that are not shown in three letters, at 2 by their keys.
func (p *Pane) viewNames(level int) string {
	var b strings.Builder
	at := 1
	p.tabs = p.tabs[:0]
	add := func(i int, name string, count int, active bool) {
		key := p.Keys.Of(viewActions[i])
		text := strings.TrimSpace(key + " " + name + " " + format.Count(count))
		switch {
		case active || level == 0:
		case level == 1:
			text = key + " " + format.Prefix(name, 3) + " " + format.Count(count)
		default:
			text = key
		}
		w := format.Width(text) + 2
		switch {
		case active:
			text = p.Theme.Accent.Render("[") + p.Theme.Accent.Bold().Render(text) + p.Theme.Accent.Render("]")
		case count == 0:
			text = " " + p.Theme.Dim.Render(text) + " "
		default:
			text = " " + text + " "
		}
		b.WriteString(text)
		p.tabs = append(p.tabs, tab{at, at + w})
		at += w
	}
	for v := range views {
		add(int(v), v.name(), p.counts[v], p.at == 0 && v == p.view)
	}
	for i := range p.saved {
		add(int(views)+i, format.Cut(format.Text(p.saved[i].Name), 16), p.saved[i].count, p.at == i+1)
	}
	return b.String()
}

// filterText is the filter with what it picks.
func (p *Pane) filterText(typing string) string {
	beside := fmt.Sprintf(" %s of %s", format.Count(len(p.shown)), format.Count(p.counts[p.view]))
	beside = p.Theme.Dim.Render(beside)
	switch {
	case typing != "":
		return p.Theme.Accent.Render("/") + typing + beside
	case p.find.text != "":
		return p.Theme.Accent.Render("/"+format.Cut(format.Text(p.find.text), 24)) + beside
	}
	return ""
}

func (p *Pane) orderText() string {
	arrow := "▲"
	if p.order.descending() {
		arrow = "▼"
	}
	c, _ := columns.Of(p.order.by)
	return p.Theme.Dim.Render("sort: "+c.Name) + " " + p.Theme.Accent.Render(arrow) + " "
}

// ClickTabs changes to the view whose name stands at x.
func (p *Pane) ClickTabs(x int) {
	for i, t := range p.tabs {
		if x >= t.from && x < t.to {
			p.Handle(viewActions[i])
			return
		}
	}
}
