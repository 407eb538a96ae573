package sections

import (
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/search"
	"wtptui/ui/theme"
)

// Section is a pane about one site.
type Section interface {
	Name() string
	// Count returns the number of its rows, for the tab; 0 is not shown.
	Count() int
	Set(d engine.Detail, now time.Time)
	// Handle reports whether the action was for the pane.
	Handle(a keys.Action) bool
	View(w, h int) string
	// Focus sets whether keys move in this pane.
	Focus(on bool)
}

// Set is a set of sections, of which one is shown.
type Set struct {
	theme    *theme.Theme
	all      []Section
	active   int
	tabSpans []tabSpan
}

// tabSpan is where a tab is on its line.
type tabSpan struct{ from, to int }

// New returns a set of which the first section is shown.
func New(th *theme.Theme, all ...Section) Set { return Set{theme: th, all: all} }

// Active returns the section that is shown.
func (s *Set) Active() Section { return s.all[s.active] }

// Search returns the search in the section that is shown; nil if nothing in it can be searched.
func (s *Set) Search() *search.Search {
	if can, ok := s.Active().(interface{ Search() *search.Search }); ok {
		return can.Search()
	}
	return nil
}

// Set passes the detail of a site to all sections.
func (s *Set) Set(d engine.Detail, now time.Time) {
	for _, sec := range s.all {
		sec.Set(d, now)
	}
}

// Focus sets whether keys move in the section that is shown.
func (s *Set) Focus(on bool) {
	for _, sec := range s.all {
		sec.Focus(on)
	}
}

// ChangeSection shows the next section or the previous one. It reports whether the action was for that.
func (s *Set) ChangeSection(a keys.Action) bool {
	switch a {
	case keys.NextTab:
		s.active = (s.active + 1) % len(s.all)
	case keys.PrevTab:
		s.active = (s.active + len(s.all) - 1) % len(s.all)
	default:
		return false
	}
	return true
}

// ShowSection shows the n-th section, counted from 0.
func (s *Set) ShowSection(n int) {
	if n < len(s.all) {
		s.active = n
	}
}

// Tabs draws the names of the sections, for a line on which they begin at column x and have room for w cells. Where
// there is too little room the counts are left out, and then the names are shortened.
func (s *Set) Tabs(x, w int) string {
	texts := s.tabNames(len("Overview"), true)
	if tabsWidth(texts) > w {
		texts = s.tabNames(len("Overview"), false)
	}
	if tabsWidth(texts) > w {
		texts = s.tabNames(4, false)
	}
	var b strings.Builder
	s.tabSpans = s.tabSpans[:0]
	for i, text := range texts {
		if i == s.active {
			b.WriteString(s.theme.Accent.Render("[") + s.theme.Accent.Bold().Render(text) + s.theme.Accent.Render("]"))
		} else {
			b.WriteString(" " + text + " ")
		}
		end := x + format.Width(text) + 2
		s.tabSpans = append(s.tabSpans, tabSpan{x, end})
		x = end
	}
	return b.String()
}

// tabNames returns the sections' names of at most n letters, the one that is shown in full, with or without counts.
func (s *Set) tabNames(n int, counts bool) []string {
	out := make([]string, len(s.all))
	for i, sec := range s.all {
		out[i] = sec.Name()
		if i != s.active {
			out[i] = out[i][:min(n, len(out[i]))]
		}
		if c := sec.Count(); counts && c > 0 {
			out[i] += " " + format.Count(c)
		}
	}
	return out
}

// tabsWidth returns the width of tabs with these texts, in cells.
func tabsWidth(texts []string) int {
	n := 0
	for _, t := range texts {
		n += format.Width(t) + 2
	}
	return n
}

// ClickRow selects what is at line y of the section that is shown, if something can be selected in it.
func (s *Set) ClickRow(y int) bool {
	rows, ok := s.Active().(interface{ ClickRow(y int) bool })
	return ok && rows.ClickRow(y)
}

// Click shows the section whose tab is at x; it reports whether there is one.
func (s *Set) Click(x int) bool {
	for i, at := range s.tabSpans {
		if x >= at.from && x < at.to {
			s.active = i
			return true
		}
	}
	return false
}
