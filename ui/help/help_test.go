package help

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// Whatever the size, every key of the screens can be scrolled to, each in one place only.
func TestHelpHasEveryKeyOnce(t *testing.T) {
	th := theme.None()
	p := New(&th, nil)
	seen := map[string]int{}
	for _, r := range p.rows {
		seen[r.name]++
	}
	for _, b := range keys.All() {
		if b.Scope == keys.Verbs || b.Scope == keys.Global {
			if seen[string(b.Action)] != 1 {
				t.Errorf("%s stands there %d times", b.Action, seen[string(b.Action)])
			}
		}
	}
	for _, size := range [][2]int{{60, 14}, {80, 22}, {120, 34}, {200, 58}} {
		p := New(&th, nil)
		var all strings.Builder
		for range 20 {
			out := p.View(size[0], size[1])
			for l := range strings.SplitSeq(out, "\n") {
				if ansi.StringWidth(l) > size[0] {
					t.Errorf("%v: %d cells", size, ansi.StringWidth(l))
				}
			}
			if n := strings.Count(out, "\n") + 1; n > size[1] {
				t.Errorf("%v: %d lines", size, n)
			}
			all.WriteString(ansi.Strip(out))
			p.Handle(keys.PageDown)
		}
		for _, want := range []string{
			"First steps", "A site", "Main screen", "Site page", "redraw",
			"restart the cache period",
		} {
			if !strings.Contains(all.String(), want) {
				t.Errorf("%v: no %q", size, want)
			}
		}
	}
}

// What is found comes into view, by what it does, by its name and by its key.
func TestHelpIsSearched(t *testing.T) {
	th := theme.None()
	for _, text := range []string{"all data", "verify", "R"} {
		p := New(&th, nil)
		if strings.Contains(p.View(80, 22), "check all data against its hashes") {
			t.Fatal("it is to be seen at once")
		}
		s := p.Search()
		s.Handle(keys.StartSearch)
		for _, r := range text {
			s.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		for range 30 {
			if strings.Contains(ansi.Strip(p.View(80, 22)), "check all data against its hashes") {
				break
			}
			s.Handle(keys.NextMatch)
		}
		if out := ansi.Strip(p.View(80, 22)); !strings.Contains(out, "check all data against its hashes") {
			t.Errorf("%q: %s\n%s", text, s.CountText(), out)
		}
	}
}

// Only the views whose keys are numbers that follow each other share a line.
func TestViewsShareALineByNumber(t *testing.T) {
	th := theme.None()
	out := ansi.Strip(New(&th, nil).View(80, 200))
	for _, row := range []string{"1 … 5", "E ", "e ", "6 … 9"} {
		if !strings.Contains(out, "│ "+row) {
			t.Errorf("no line begins with %q in\n%s", row, out)
		}
	}
}
