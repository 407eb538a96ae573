package list

import (
	"strings"

	"wtptui/ui/columns"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// tabLine draws the line of views with their counts, the filter and the order. As it gets narrower, the order is left
// out, then names of views are shortened, in steps, then only their keys are left. A filter never changes how the names
// are written or where they are: it covers what is at its place.
type tabLine struct {
	theme *theme.Theme
	keys  *keys.Map
	// As it was last drawn: its width in cells, where names stood, and the room that each count had.
	width  int
	drawn  []tab
	counts []int
}

// tab is a view on the line: its number, counted as ViewActions are, its text, and where it stands, in cells.
type tab struct {
	view     int
	text     string
	from, to int
	active   bool
}

// The widths of the field of the filter, on a narrow line and on a wide one.
const (
	inputNarrow = 18
	inputWide   = 28
	wideLine    = 140
	filterWidth = 24 // of a filter that is not being typed, at most
)

// inputWidth returns the width of the filter's field.
func (l *tabLine) inputWidth() int {
	if l.width < wideLine {
		return inputNarrow
	}
	return inputWide
}

// draw draws the line. typing is the filter's input field while it is being typed, or empty.
func (l *tabLine) draw(rows *arrangement, w int, typing string) string {
	l.width = w
	filter := l.filterText(rows, typing)
	if filter == "" {
		l.counts = l.counts[:0]
	}
	right := l.orderText(rows.order)
	names := l.tabs(rows, w)
	room := w
	if filter != "" {
		room, right = w-format.Width(filter)-1, filter
	}
	names = l.fitTabs(names, room)
	var b strings.Builder
	b.WriteByte(' ')
	used := 1
	l.drawn = l.drawn[:0]
	for _, t := range names {
		t.from, t.to = used, used+format.Width(t.text)
		b.WriteString(t.text)
		used = t.to
		l.drawn = append(l.drawn, t)
	}
	switch left := w - used - format.Width(right); {
	case filter != "":
		gap := min(2, max(left, 0))
		b.WriteString(format.Blank(gap) + right)
	case left >= 2:
		b.WriteString(format.Blank(left) + right)
	}
	return format.Cut(b.String(), w)
}

// fitTabs leaves out tabs that do not fit into a part of the line, from the end, but not the view that is shown.
func (l *tabLine) fitTabs(names []tab, room int) []tab {
	width := func() int {
		w := 1
		for _, t := range names {
			w += format.Width(t.text)
		}
		return w
	}
	for i := len(names) - 1; i >= 0 && width() > room; i-- {
		if !names[i].active {
			names = append(names[:i], names[i+1:]...)
		}
	}
	return names
}

// How short the names of views are, the longest first.
const (
	fullNames  = iota
	shortNames // those that are not shown in one short word
	stubNames  // those that are not shown in three letters, the one that is in one short word
	keysOnly   // those that are not shown by their keys
	nameLengths
)

// tabs returns the views: in full where there is room, otherwise the longest form that fits.
func (l *tabLine) tabs(rows *arrangement, w int) []tab {
	var names []tab
	for level := range nameLengths {
		names = names[:0]
		used := 1
		add := func(i int, name string, count int, active bool) {
			names = append(names, tab{view: i, text: l.tabText(i, name, count, active, level), active: active})
			used += format.Width(names[len(names)-1].text)
		}
		for v := range views {
			active := rows.saved.shownIndex == 0 && v == rows.view
			name := v.name()
			if level == stubNames || level == shortNames && !active {
				name = v.shortName()
			}
			add(int(v), name, rows.counts[v], active)
		}
		for i, s := range rows.saved.views {
			add(int(views)+i, format.Cut(format.Text(s.Name), 16), s.count, rows.saved.shownIndex == i+1)
		}
		if used <= w {
			break
		}
	}
	return names
}

// tabText returns the text of one view.
func (l *tabLine) tabText(i int, name string, count int, active bool, level int) string {
	for len(l.counts) <= i {
		l.counts = append(l.counts, 0)
	}
	number := format.Count(count)
	l.counts[i] = max(l.counts[i], len(number))
	number += format.Blank(l.counts[i] - len(number))
	key := l.keys.FirstKey(ViewActions[i])
	if !active && level == stubNames && i != int(Endangered) {
		name = format.Prefix(name, 3)
	}
	text := strings.TrimLeft(key+" "+name+" "+number, " ")
	if !active && level == keysOnly {
		text = key
	}
	switch {
	case active:
		return l.theme.Accent.Render("[") + l.theme.Accent.Bold().Render(text) + l.theme.Accent.Render("]")
	case count == 0:
		return " " + l.theme.Dim.Render(text) + " "
	}
	return " " + text + " "
}

// filterText returns the filter with how many of the view's sites match; empty without one. While it is being typed, it
// is as wide as it can become.
func (l *tabLine) filterText(rows *arrangement, typing string) string {
	switch {
	case typing != "":
		typing = format.Fit(typing, l.inputWidth()+1)
	case rows.filter.text != "":
		text := format.Cut(format.Text(rows.filter.text), filterWidth)
		return l.theme.Accent.Render("/"+text) +
			l.theme.Dim.Render(" "+format.Count(rows.len())+" of "+format.Count(rows.counts[rows.view])) + " "
	default:
		return ""
	}
	all := format.Count(rows.counts[rows.view])
	picked := format.FitRight(format.Count(rows.len()), len(all))
	return l.theme.Accent.Render("/") + typing + l.theme.Dim.Render(picked+" of "+all) + " "
}

func (l *tabLine) orderText(o order) string {
	arrow := "▲"
	if o.descending() {
		arrow = "▼"
	}
	c, _ := columns.ByID(o.by)
	if !l.theme.ASCII {
		arrow = " " + arrow
	}
	return l.theme.Dim.Render("sort: "+c.Name) + l.theme.Accent.Render(arrow) + " "
}

// viewAt returns which view's name is at x, counted as ViewActions are.
func (l *tabLine) viewAt(x int) (int, bool) {
	for _, t := range l.drawn {
		if x >= t.from && x < t.to {
			return t.view, true
		}
	}
	return 0, false
}
