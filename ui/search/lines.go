package search

import (
	"slices"

	"wtptui/ui/keys"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

// Lines is a text that scrolls and can be searched. Its zero value has no lines.
type Lines struct {
	scroll.Window
	search    Search
	lines     []string
	matchLine int // the line of the selected match, counted from 1; 0 for none
}

// RowCount implements List.
func (l *Lines) RowCount() int { return len(l.lines) }

// RowText implements List.
func (l *Lines) RowText(i int) string { return stripStyles(l.lines[i]) }

// Index implements List.
func (l *Lines) Index() int { return l.matchLine - 1 }

// SelectRow implements List.
func (l *Lines) SelectRow(i int) {
	l.matchLine = i + 1
	if i >= 0 {
		l.Reveal(i)
	}
}

// Search returns the search in the text.
func (l *Lines) Search(th *theme.Theme) *Search { return l.search.Attach(l, th) }

// Handle scrolls, and reports whether the action is a movement.
func (l *Lines) Handle(a keys.Action) bool { return l.Window.Handle(a) }

// Draw sets the text as it is now, and returns the lines that are shown when there is room for page of them.
func (l *Lines) Draw(lines []string, page int, th *theme.Theme) []string {
	l.lines = lines
	l.search.Invalidate()
	shown := l.View(lines, page)
	if !l.search.Active() {
		return shown
	}
	shown = slices.Clone(shown)
	for i := range shown {
		shown[i] = l.search.query.Mark(shown[i], th, "")
	}
	return shown
}
