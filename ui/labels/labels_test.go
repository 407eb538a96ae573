package labels

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// windowFixture is a window for two of three sites. It applies the assignments to them.
type windowFixture struct {
	*Pane
	snap        engine.Snapshot
	assignments []string
}

func openWindow(t *testing.T) *windowFixture {
	t.Helper()
	b := &windowFixture{snap: engine.Snapshot{Sites: []engine.Site{
		{Host: "a", Labels: []string{"all", "some"}}, {Host: "b", Labels: []string{"all"}}, {
			Host: "c", Labels: []string{"others"},
		},
	}}}
	b.snap.Status.LabelLimits = []engine.Limits{{Label: "limited", Up: 1}}
	th := theme.None()
	b.Pane = New(&th, "2 sites", b.snap.Sites[:2], b.snap, func(a engine.Assignment) tea.Cmd {
		b.assignments = append(b.assignments, fmt.Sprintf("%v%v", a.Label, a.Unlabel))
		for i := range b.snap.Sites[:2] {
			b.snap.Sites[i].Labels, _ = a.ApplyToLabels(b.snap.Sites[i].Labels)
		}
		b.Watch(b.snap)
		return nil
	})
	return b
}

func (b *windowFixture) typeText(text string) {
	for _, r := range text {
		b.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// lines returns the lines that have a check box.
func (b *windowFixture) lines() (lines []string) {
	for line := range strings.Lines(ansi.Strip(b.View(80, 24))) {
		if _, after, ok := strings.Cut(line, "["); ok {
			lines = append(lines,
				strings.ReplaceAll(strings.Join(strings.Fields("["+strings.Trim(strings.Replace(after, " ]", "]", 1), "│\n ")),
					" "), "[]", "[ ]"))
		}
	}
	return lines
}

func (b *windowFixture) expectLines(t *testing.T, what string, lines ...string) {
	t.Helper()
	if got := b.lines(); !slices.Equal(got, lines) {
		t.Errorf("%s: %q, want %q", what, got, lines)
	}
}

func TestLabels(t *testing.T) {
	b := openWindow(t)
	b.expectLines(t, "at first", "[x] all on 2 sites", "[ ] limited on no site", "[ ] others on 1 site",
		"[-] some on 1 of these 2")
	b.Act(keys.Toggle)
	b.expectLines(t, "all of them taken off", "[ ] limited on no site", "[ ] others on 1 site", "[-] some on 1 of these 2")
	b.typeText("so")
	b.expectLines(t, "typed", "[ ] so new", "[-] some on 1 of these 2")
	b.typeText("me")
	b.expectLines(t, "typed whole", "[-] some on 1 of these 2")
	b.Act(keys.Toggle)
	b.expectLines(t, "some are all", "[ ] limited on no site", "[ ] others on 1 site", "[x] some on 2 sites")
	b.typeText("New")
	if _, open := b.Act(keys.Accept); open {
		t.Error("it stays open after a label was typed and taken")
	}
	b.expectLines(t, "with a new one", "[ ] limited on no site", "[x] new on 2 sites", "[ ] others on 1 site",
		"[x] some on 2 sites")
	if want := []string{"[][all]", "[some][]", "[new][]"}; !slices.Equal(b.assignments, want) {
		t.Errorf("done: %v, want %v", b.assignments, want)
	}
}

// Enter never removes a label, and an invalid label keeps the window open with an error.
func TestAccept(t *testing.T) {
	b := openWindow(t)
	b.typeText("all")
	if _, open := b.Act(keys.Accept); open || len(b.assignments) > 0 {
		t.Errorf("open: %t, done: %v", open, b.assignments)
	}
	b = openWindow(t)
	b.typeText("a,b")
	if _, open := b.Act(keys.Accept); !open || len(b.assignments) > 0 ||
		!strings.Contains(ansi.Strip(b.View(80, 24)), "no spaces") {
		t.Errorf("open: %t, done: %v", open, b.assignments)
	}
	if _, open := openWindow(t).Act(keys.Accept); open {
		t.Error("enter without a text leaves it open")
	}
}

func TestEveryLineFits(t *testing.T) {
	b := openWindow(t)
	b.typeText(strings.Repeat("x", engine.MaxLabelLength))
	for w := 20; w < 120; w += 7 {
		for line := range strings.Lines(ansi.Strip(b.View(w, 24))) {
			if n := ansi.StringWidth(strings.TrimRight(line, "\n")); n > w {
				t.Fatalf("at %d a line has %d cells: %q", w, n, line)
			}
		}
	}
}
