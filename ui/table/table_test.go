package table

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

type rows []string

func (r rows) key(i int) string { return r[i] }

func letters(n int) rows {
	r := make(rows, n)
	for i := range r {
		r[i] = fmt.Sprintf("row%03d", i)
	}
	return r
}

func view(r rows, sel *Selection, h int) []string {
	th := theme.None()
	t := Table{
		Columns:  []Column{{ID: "a", Title: "Name", Width: 8}, {ID: "b", Title: "N", Width: 4, Right: true}},
		RowCount: len(r), Gutter: 2, Focus: Active, SortBy: "b", Theme: &th,
		Row: func(i int, c []Cell) { c[0], c[1] = Cell{Text: r[i]}, Cell{Text: fmt.Sprint(i), Tail: "!"} },
	}
	return strings.Split(ansi.Strip(t.View(20, h, sel)), "\n")
}

func TestViewIsAWindow(t *testing.T) {
	r := letters(1000)
	var sel Selection
	sel.Restore(len(r), r.key)
	lines := view(r, &sel, 6)
	want := []string{"  Name       N▲     ", "▸ row000     0!     ", "  row001     1!     "}
	if !slices.Equal(lines[:3], want) || len(lines) != 6 {
		t.Fatalf("got %q", lines)
	}
	sel.Move(keys.Bottom, len(r), r.key)
	if lines = view(r, &sel, 6); lines[5] != "▸ row999   999!     " || lines[0] != want[0] {
		t.Fatalf("at the end: %q", lines)
	}
	// Going up within the window does not scroll.
	sel.Move(keys.Up, len(r), r.key)
	if again := view(r, &sel, 6); again[1][2:] != lines[1][2:] {
		t.Fatalf("it scrolled: %q", again)
	}
}

func TestSelectionFollowsItsKey(t *testing.T) {
	r := letters(50)
	var sel Selection
	sel.Restore(len(r), r.key)
	sel.SelectRow(20, len(r), r.key)
	slices.Reverse(r)
	sel.Restore(len(r), r.key)
	if sel.Key() != "row020" || r[sel.Index()] != "row020" {
		t.Fatalf("after reversing %s at %d", sel.Key(), sel.Index())
	}
	at := sel.Index()
	r = slices.Delete(r, at, at+1)
	sel.Restore(len(r), r.key)
	if sel.Index() != at || sel.Key() != r[at] {
		t.Fatalf("after deleting it %s at %d, want the one at %d", sel.Key(), sel.Index(), at)
	}
	r = r[:3]
	sel.Restore(len(r), r.key)
	if sel.Key() != r[2] {
		t.Fatalf("in a short list %s", sel.Key())
	}
	sel.Restore(0, nil)
	if sel.Key() != "" || sel.Move(keys.Down, 0, r.key) != true {
		t.Fatalf("in an empty list %q", sel.Key())
	}
	if sel.Move(keys.Pin, 3, r.key) {
		t.Error("pinning is a movement")
	}
}

func TestListThatShrinksIsNotScrolledPastItsEnd(t *testing.T) {
	r := letters(100)
	var sel Selection
	sel.Restore(len(r), r.key)
	sel.Move(keys.Bottom, len(r), r.key)
	view(r, &sel, 11)
	r = r[:5]
	sel.Restore(len(r), r.key)
	if lines := view(r, &sel, 11); !strings.Contains(lines[1], "row000") {
		t.Fatalf("got %q", lines)
	}
}

func TestClicks(t *testing.T) {
	r := letters(100)
	var sel Selection
	sel.Restore(len(r), r.key)
	sel.Move(keys.Bottom, len(r), r.key)
	view(r, &sel, 11)
	if i, ok := sel.RowAt(0, len(r)); !ok || i != 90 {
		t.Errorf("the first line shows row %d", i)
	}
	if _, ok := sel.RowAt(10, len(r)); ok {
		t.Error("there is a row below the last")
	}
	tb := Table{Columns: []Column{{ID: "a", Width: 8}, {Width: 4}, {ID: "c", Width: 4}}, Gutter: 2}
	for x, want := range map[int]string{0: "", 2: "a", 9: "a", 10: "", 11: "", 16: "c", 30: ""} {
		if id, _ := tb.ColumnAt(x); id != want {
			t.Errorf("at %d is column %q, want %q", x, id, want)
		}
	}
}

func TestCursorStaysWhenItsRowMovesAway(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string // one letter a row
		acted         string
		at, want      string // the selected row
		line          int    // of the screen on which it is then; three rows fit
	}{
		"it moves down":                         {"abcdef", "bcdaef", "a", "a", "b", 0},
		"it moves up":                           {"abcdef", "dabcef", "d", "d", "e", 2},
		"it is the last, and moves up":          {"abcdef", "fabcde", "f", "f", "e", 2},
		"it is gone":                            {"abcdef", "abdef", "c", "c", "d", 2},
		"it is gone, and the last":              {"abcdef", "abcde", "f", "f", "e", 2},
		"it is gone without anybody's doing":    {"abcdef", "abdef", "", "c", "d", 2},
		"it is acted on, and does not move":     {"abcdef", "abcdef", "c", "c", "c", 2},
		"others move around it":                 {"abcdef", "fabced", "c", "c", "c", 2},
		"others that are acted on, too":         {"abcdefg", "acfgbde", "bde", "d", "f", 2},
		"three rows are gone, it among them":    {"abcdef", "aef", "bcd", "c", "e", 1},
		"another is acted on":                   {"abcdef", "bcdefa", "a", "c", "c", 1},
		"it moves without anybody's doing":      {"abcdef", "bcdefa", "", "a", "a", 2},
		"all are acted on, and change places":   {"abc", "cab", "abc", "a", "c", 0},
		"all are gone":                          {"abc", "", "abc", "b", "", 0},
		"it moves away, and new ones come here": {"abcdef", "xybcdaef", "a", "a", "b", 0},
	} {
		t.Run(name, func(t *testing.T) {
			rows := func(s string) KeyedRows { return KeyedRows{len(s), func(i int) string { return s[i : i+1] }} }
			var sel Selection
			before, after := rows(c.before), rows(c.after)
			sel.Scroll(len(c.before), 3)
			sel.SelectRow(strings.Index(c.before, c.at), before.Len, before.Key)
			sel.Scroll(before.Len, 3)
			sel.RestoreNear(before, after, func(k string) bool { return strings.Contains(c.after, k) },
				func(k string) bool { return strings.Contains(c.acted, k) })
			first := sel.Scroll(after.Len, 3)
			if sel.Key() != c.want || sel.Index()-first != c.line {
				t.Errorf("%q is selected on line %d, want %q on %d", sel.Key(), sel.Index()-first, c.want, c.line)
			}
		})
	}
}
