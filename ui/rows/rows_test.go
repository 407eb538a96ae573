package rows

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

func columns() []Column[string] {
	cell := func(s *string) table.Cell { return table.Cell{Text: *s} }
	return []Column[string]{
		{Title: "name", Width: 20, Min: 8, Max: 40, Cell: cell},
		{Title: "size", Width: 6, Right: true, Cell: cell},
		{Title: "rare", Width: 10, Rank: 2, Cell: cell},
		{Title: "often", Width: 10, Rank: 1, Cell: cell},
	}
}

func TestColumnsGoByRankAndThenShrink(t *testing.T) {
	for w, want := range map[int]string{
		200: "name 40 size 6 rare 10 often 10",
		60:  "name 31 size 6 rare 10 often 10",
		49:  "name 20 size 6 rare 10 often 10",
		48:  "name 30 size 6 often 10",
		38:  "name 20 size 6 often 10",
		37:  "name 30 size 6",
		20:  "name 13 size 6",
		5:   "name 8 size 6",
	} {
		var got []string
		for _, c := range fitColumns(columns(), w) {
			got = append(got, c.Title, fmt.Sprint(c.Width))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("in %d cells: %s, want %s", w, s, want)
		}
	}
	if c := columns(); c[0].Width != 20 {
		t.Error("fit wrote to its argument")
	}
}

func TestSelectionStaysWithItsItem(t *testing.T) {
	th := theme.Dark()
	l := &List[string]{Theme: &th, Columns: columns(), Key: func(s *string) string { return *s }, Empty: "nothing"}
	if _, ok := l.Selected(); ok || !strings.Contains(l.View(30, 5), "nothing") {
		t.Error("an empty list has a selection, or says nothing")
	}
	l.Focus(true)
	l.SetItems([]string{"a", "b", "c"})
	l.Handle(keys.Down)
	l.SetItems([]string{"x", "y", "a", "b"})
	if s, ok := l.Selected(); !ok || *s != "b" {
		t.Errorf("%q is selected", *s)
	}
	out := l.View(40, 3)
	for line := range strings.SplitSeq(out, "\n") {
		if format.Width(line) != 40 {
			t.Errorf("%q has %d cells", line, format.Width(line))
		}
	}
	if !l.ClickRow(1) || l.Index() != 2 {
		t.Errorf("a click on the first line of\n%s\nselected %d", out, l.Index())
	}
	if l.ClickRow(0) || l.ClickRow(9) {
		t.Error("a click on the header or beside the rows selected something")
	}
}

func TestEmptyTextIsReadWhole(t *testing.T) {
	th := theme.Dark()
	l := &List[string]{Theme: &th, Columns: columns(), Empty: "Nothing has come from anybody yet: open the site."}
	lines := strings.Split(ansi.Strip(l.View(30, 5)), "\n")
	if got := strings.Join(lines, "|"); got != "  Nothing has come from|  anybody yet: open the|  site." {
		t.Errorf("%q", got)
	}
	if n := strings.Count(l.View(30, 1), "\n"); n != 0 {
		t.Errorf("%d line breaks in one line", n)
	}
}
