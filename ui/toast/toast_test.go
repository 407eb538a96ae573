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
		{engine.Info, long, 80, 1},
	}
	for _, tt := range tests {
		p := &toast.Pane{Theme: &theme.Theme{}}
		p.Tick(time.Unix(1_800_000_000, 0))
		p.Show(tt.level, tt.text)
		lines := append(p.LinesAbove(tt.w), p.View(tt.w, 1))
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
		if tt.w >= 80 && tt.level != engine.Info && !strings.Contains(said, tt.text) {
			t.Errorf("%d cells wide, not whole: %q", tt.w, said)
		}
	}
}
