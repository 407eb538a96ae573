package dialog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// lines returns lines with these labels, which note in done that they were chosen.
func lines(done *[]string, labels ...string) []Line {
	var out []Line
	for i, label := range labels {
		out = append(out, Line{Key: fmt.Sprint(i + 1), Label: label, Detail: "detail " + label, Do: func() tea.Cmd {
			*done = append(*done, label)
			return nil
		}})
	}
	return out
}

func TestLinesAreChosen(t *testing.T) {
	th := theme.None()
	var done []string
	labels := []string{"a", "b", "c"}
	l := NewList(List{Theme: &th, Title: "Menu", Load: func() []Line { return lines(&done, labels...) }}, 1)
	l.View(80, 24)
	l.Act(keys.Accept)
	l.Update(tea.KeyPressMsg{Code: '3', Text: "3"})
	l.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
	l.Click(4, 1, false)
	if want := []string{"b", "c", "a"}; !slices.Equal(done, want) {
		t.Errorf("chosen %v, want %v", done, want)
	}
	l.Act(keys.Down)
	labels = []string{"a", "new", "b", "c"}
	l.Refresh()
	if l.Act(keys.Accept); done[3] != "b" {
		t.Errorf("after a line has come %s is selected", done[3])
	}
	for a, want := range map[keys.Action]bool{keys.Down: true, keys.Accept: true, keys.Cancel: false} {
		if _, open := l.Act(a); open != want {
			t.Errorf("after %s the window is open: %t", a, open)
		}
	}
}

// A screen of any size shows the selected line, and no line is wider than the screen.
func TestListFits(t *testing.T) {
	th := theme.None()
	var done []string
	long := strings.Repeat("長い", 30)
	for _, l := range []List{
		{Load: func() []Line { return lines(&done, "a", long, "c", "d", "e", "f") }},
		{
			Width: 60, DetailRight: true, Load: func() []Line { return []Line{{Box: "[x]", Label: long, Detail: "on 2 sites"}} },
		},
		{Width: 60, Notes: []string{"a note"}, Load: func() []Line { return []Line{{Label: "a", Help: long}} }},
		{
			Width: 60, Load: func() []Line { return nil }, EmptyText: func() string { return long },
			Filter: &Filter{CountText: func() string { return " 1 of 2" }, NoteText: func() string { return long }},
		},
	} {
		l.Theme, l.Title = &th, long
		list := NewList(l, 99)
		for w := 20; w < 130; w += 3 {
			for h := 4; h < 30; h += 5 {
				view := ansi.Strip(list.View(w, h))
				for line := range strings.SplitSeq(view, "\n") {
					if n := ansi.StringWidth(line); n > w {
						t.Fatalf("%d cells of %d: %q", n, w, line)
					}
				}
				if len(list.lines) > 0 && !strings.Contains(view, "▸") {
					t.Fatalf("in %d by %d cells no line is selected:\n%s", w, h, view)
				}
			}
		}
	}
}
