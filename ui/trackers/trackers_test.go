package trackers

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/theme"
)

// An error is shown rather than a warning, and that rather than the number of peers; the whole text is shown below.
func TestWhatATrackerSays(t *testing.T) {
	const long = "this tracker moves to another name in May, and the old one will be gone in June"
	th := theme.None()
	p := New(&th)
	p.Focus(true)
	for name, tc := range map[string]struct {
		tracker      engine.Tracker
		want, unwant string
	}{
		"peers":             {engine.Tracker{Status: "working", Peers: 3}, "3 peers", "⚠"},
		"warning":           {engine.Tracker{Status: "working", Peers: 3, Warning: long}, "⚠ " + long, "3 peers"},
		"error":             {engine.Tracker{Status: "failing", Error: long}, "✗ " + long, "⚠"},
		"error and warning": {engine.Tracker{Status: "failing", Error: "no answer", Warning: long}, "✗ no answer", "June"},
	} {
		tc.tracker.URL = "udp://tracker.example:6969/announce"
		p.Set(engine.Detail{Trackers: []engine.Tracker{tc.tracker}}, time.Unix(1_700_000_000, 0))
		out := ansi.Strip(p.View(90, 20))
		if !strings.Contains(out, tc.want) || strings.Contains(out, tc.unwant) {
			t.Errorf("%s:\n%s", name, out)
		}
		if tc.tracker.Warning != "" && tc.tracker.Error == "" &&
			!strings.Contains(strings.SplitN(out, "\n", 3)[1], "this tracker") {
			t.Errorf("%s: its row has no part of it:\n%s", name, out)
		}
	}
}
