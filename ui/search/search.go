package search

import (
	"fmt"
	"slices"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// List is what is searched: rows, of which one is selected.
type List interface {
	// RowCount returns the number of rows, and RowText the text of one; separate texts of a row are separated by line
	// breaks.
	RowCount() int
	RowText(i int) string
	// Index returns the selected row, -1 for none. SelectRow selects a row and brings it into view; -1 selects none.
	Index() int
	SelectRow(i int)
}

// Search is a search in one list. The zero value searches for nothing; Attach sets its list.
type Search struct {
	theme  *theme.Theme
	list   List
	input  textinput.Model
	typing bool
	query  Query
	// found are the rows that match, in their order; stale reports whether the list has changed since they were found.
	found []int
	stale bool
	// origin is the row that was selected when typing started.
	origin int
}

// maxText is the longest text that can be searched for, in characters.
const maxText = 100

// Attach sets the list that is searched, and returns the search.
func (s *Search) Attach(list List, th *theme.Theme) *Search {
	s.list, s.theme = list, th
	return s
}

// Typing reports whether the text is being typed. Then it gets all keys that are not bound in the scope
// keys.SearchText.
func (s *Search) Typing() bool { return s.typing }

// Active reports whether a text is searched for.
func (s *Search) Active() bool { return s.query.text != "" }

// Query returns what is searched for.
func (s *Search) Query() Query { return s.query }

// Invalidate must be called when the rows of the list or their texts have changed.
func (s *Search) Invalidate() { s.stale = true }

// Handle carries out an action of the scopes keys.Search and, while the text is typed, keys.SearchText. It reports
// whether the action had an effect.
func (s *Search) Handle(a keys.Action) bool {
	switch {
	case a == keys.StartSearch:
		s.startTyping()
	case a == keys.NextMatch, s.typing && a == keys.Down:
		return s.goToMatch(1)
	case a == keys.PrevMatch, s.typing && a == keys.Up:
		return s.goToMatch(-1)
	case s.typing && a == keys.Accept:
		s.typing = false
	case s.typing && a == keys.Cancel:
		s.typing = false
		s.Clear()
		s.list.SelectRow(s.origin)
	default:
		return false
	}
	return true
}

// startTyping starts typing, with the last text in the field.
func (s *Search) startTyping() {
	s.input = field.New(s.theme, maxText, s.query.text)
	s.typing, s.origin = true, s.list.Index()
}

// Clear ends the search: nothing is searched for.
func (s *Search) Clear() { s.query, s.found = Query{}, nil }

// Update edits the text, and goes to the first match after the row where typing started.
func (s *Search) Update(msg tea.Msg) tea.Cmd {
	before := s.input.Value()
	var cmd tea.Cmd
	s.input, cmd = s.input.Update(msg)
	if text := s.input.Value(); text != before {
		s.query, s.stale = NewQuery(text), true
		s.list.SelectRow(s.origin)
		if found := s.matches(); len(found) > 0 {
			i, _ := slices.BinarySearch(found, max(s.origin, 0))
			s.list.SelectRow(found[i%len(found)])
		}
	}
	return cmd
}

// matches returns the rows that match, in their order.
func (s *Search) matches() []int {
	if !s.stale {
		return s.found
	}
	s.stale, s.found = false, s.found[:0]
	if !s.Active() {
		return nil
	}
	for i := range s.list.RowCount() {
		if s.query.Matches(s.list.RowText(i)) {
			s.found = append(s.found, i)
		}
	}
	return s.found
}

// goToMatch goes to the next match, or with -1 to the previous one; after the last one comes the first. It reports
// whether there is any.
func (s *Search) goToMatch(by int) bool {
	found := s.matches()
	if len(found) == 0 {
		return false
	}
	i, on := slices.BinarySearch(found, s.list.Index())
	if on || by < 0 {
		i += by
	}
	s.list.SelectRow(found[(i+len(found))%len(found)])
	return true
}

// CountText returns which match is selected, and how many there are: "3 of 17".
func (s *Search) CountText() string {
	found := s.matches()
	if len(found) == 0 {
		return "no match"
	}
	if i, on := slices.BinarySearch(found, s.list.Index()); on {
		return fmt.Sprintf("%s of %s", format.Count(i+1), format.Count(len(found)))
	}
	return format.Count(len(found)) + " found"
}

// HintText returns what is searched for, which match is selected, and which keys go on; empty when nothing is searched
// for.
func (s *Search) HintText(km *keys.Map) string {
	if !s.Active() {
		return ""
	}
	text := "/" + s.query.text + "  " + s.CountText()
	if len(s.found) > 0 {
		next, previous := km.FirstKeyIn(keys.Search, keys.NextMatch), km.FirstKeyIn(keys.Search, keys.PrevMatch)
		text += "   " + next + " next  " + previous + " previous"
	}
	return text + "  esc clears"
}

// View draws the field while the text is typed, and which match is selected, in one line of at most w cells.
func (s *Search) View(w int) string {
	count := s.theme.Dim.Render("text to look for in this list")
	if s.Active() {
		count = s.theme.Dim.Render(s.CountText())
		if len(s.found) == 0 {
			count = s.theme.Warn.Render(s.CountText())
		}
	}
	in := s.input
	in.SetWidth(min(max(w-format.Width(count)-6, 4), max(format.Width(in.Value())+1, 12)))
	return format.Cut(" "+s.theme.Accent.Render("/")+in.View()+"  "+count, w)
}
