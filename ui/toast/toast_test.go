package toast_test

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/theme"
	"wtptui/ui/toast"
)

// A problem is read whole, in more lines than one if it needs them, and what to do about it is never what is cut off.
func TestProblemsAreWhole(t *testing.T) {
	const short = "No site is selected"
	const long = "Could not add wtp://garden.example: no resolver answers (dns.example: connection refused; " +
		"doh.example: timed out): check the network, or set others with --resolver"
	const longer = "Could not open a browser: xdg-open did not open the page (exit status 3): set BROWSER, or open " +
		"http://a9fa42ba569191e5df6a6dfc7b9cc649700859eb.localhost:7780/ yourself: O shows the address"
	tests := []struct {
		level engine.Level
		text  string
		w     int
		lines int
	}{
		{engine.Problem, short, 80, 1},
		{engine.Problem, long, 200, 1},
		{engine.Problem, long, 120, 2},
		{engine.Warning, long, 80, 3},
		{engine.Problem, long, 40, 3},
		{engine.Problem, longer, 200, 1},
		{engine.Problem, longer, 76, 3},
		{engine.Info, long, 80, 1},
	}
	for _, tt := range tests {
		p := &toast.Pane{Theme: &theme.Theme{}}
		p.Tick(time.Unix(1_800_000_000, 0))
		p.Show(tt.level, tt.text)
		lines := p.LinesAbove(tt.w)
		lines = append(lines, p.View(tt.w, len(lines)+1))
		for i, l := range lines {
			lines[i] = strings.TrimSpace(ansi.Strip(l))
			if n := ansi.StringWidth(l); n > tt.w {
				t.Errorf("%d cells wide: %q has %d", tt.w, l, n)
			}
		}
		said := strings.Join(lines, " ")
		whatToDo := tt.text[strings.LastIndex(tt.text, ": ")+1:]
		if len(lines) != tt.lines || tt.level != engine.Info && !strings.HasSuffix(said, whatToDo) {
			t.Errorf("%d cells wide: %q", tt.w, lines)
		}
		if tt.w >= 76 && tt.level != engine.Info && strings.Contains(said, "…") {
			t.Errorf("%d cells wide, cut: %q", tt.w, said)
		}
		if tt.w >= 80 && tt.level != engine.Info && !strings.Contains(said, tt.text) {
			t.Errorf("%d cells wide, not whole: %q", tt.w, said)
		}
	}
}

// A problem that is too long even without its parentheses loses them all the same, before any other words.
func TestTooLongProblemsLoseTheirParentheses(t *testing.T) {
	p := &toast.Pane{Theme: &theme.Theme{}}
	p.Tick(time.Unix(1_800_000_000, 0))
	p.Show(engine.Problem, "Could not add Garden (wtp://garden.example/ at the address that its owner gave): no resolver "+
		"answers for that domain, and no other one is set on this machine: check the network, or set others with --resolver")
	first := strings.TrimSpace(ansi.Strip(p.LinesAbove(40)[0]))
	if first != "✗ Could not add Garden: no resolver …" {
		t.Errorf("%q", first)
	}
}

func TestReasonsAreReadWhole(t *testing.T) {
	p := &toast.Pane{Theme: &theme.Theme{}}
	p.Tick(time.Unix(1_800_000_000, 0))
	p.ShowNothingDone("Garden has no public home: `wtptui serve --home` gives sites one")
	lines := p.LinesAbove(44)
	lines = append(lines, p.View(44, len(lines)+1))
	got := strings.Split(ansi.Strip(strings.Join(lines, "\n")), "\n")
	want := []string{" · Garden has no public home: `wtptui serve", "   --home` gives sites one"}
	if len(got) != len(want) || strings.TrimRight(got[0], " ") != want[0] || strings.TrimRight(got[1], " ") != want[1] {
		t.Errorf("%q", got)
	}
}
