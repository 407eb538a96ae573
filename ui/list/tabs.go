package list

import (
	"fmt"
	"strings"

	"wtptui/ui/columns"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// tabLine draws the line of views.
type tabLine struct {
	theme *theme.Theme
	keys  *keys.Map
	drawn []tab // when it was last drawn
}

// tab is where a view's name stands on the line of views, in cells.
type tab struct{ from, to int }

// draw draws the line of views with their counts, the filter and the order. typing is the filter's input field while
// it is being typed, or empty. As it gets narrower, names of views are shortened, the order goes, then only the
// keys of views are left, and at last not even these: what is being typed must be seen.
func (l *tabLine) draw(rows *arrangement, w int, typing string) string {
	middle, right := l.filterText(rows, typing), l.orderText(rows.order)
	var left string
	fits := func(level int, right string) bool {
		left = " " + l.viewNames(rows, level)
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
func (l *tabLine) viewNames(rows *arrangement, level int) string {
	var b strings.Builder
	at := 1
	l.drawn = l.drawn[:0]
	add := func(i int, name string, count int, active bool) {
		key := l.keys.Of(viewActions[i])
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
			text = l.theme.Accent.Render("[") + l.theme.Accent.Bold().Render(text) + l.theme.Accent.Render("]")
		case count == 0:
			text = " " + l.theme.Dim.Render(text) + " "
		default:
			text = " " + text + " "
		}
		b.WriteString(text)
		l.drawn = append(l.drawn, tab{at, at + w})
		at += w
	}
	for v := range views {
		add(int(v), v.name(), rows.counts[v], rows.saved.at == 0 && v == rows.view)
	}
	for i := range rows.saved.views {
		add(int(views)+i, format.Cut(format.Text(rows.saved.views[i].Name), 16), rows.saved.views[i].count, rows.saved.at == i+1)
	}
	return b.String()
}

// filterText is the filter with what it picks.
func (l *tabLine) filterText(rows *arrangement, typing string) string {
	beside := fmt.Sprintf(" %s of %s", format.Count(len(rows.shown)), format.Count(rows.counts[rows.view]))
	beside = l.theme.Dim.Render(beside)
	switch {
	case typing != "":
		return l.theme.Accent.Render("/") + typing + beside
	case rows.find.text != "":
		return l.theme.Accent.Render("/"+format.Cut(format.Text(rows.find.text), 24)) + beside
	}
	return ""
}

func (l *tabLine) orderText(o order) string {
	arrow := "▲"
	if o.descending() {
		arrow = "▼"
	}
	c, _ := columns.Of(o.by)
	if !l.theme.ASCII {
		arrow = " " + arrow
	}
	return l.theme.Dim.Render("sort: "+l.theme.Words(c.Name)) + l.theme.Accent.Render(arrow) + " "
}

// at returns which view's name stands at x, counted as viewActions are.
func (l *tabLine) at(x int) (int, bool) {
	for i, t := range l.drawn {
		if x >= t.from && x < t.to {
			return i, true
		}
	}
	return 0, false
}
