package eventlog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

const long = "no resolver answers for example.org (127.0.0.1:9: connection refused): check the network, or choose " +
	"another resolver with --doh"

var site = Sites{Name: format.Host}

func events() []engine.Event {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var out []engine.Event
	for i := range 40 {
		e := engine.Event{
			Seq: uint64(i + 1), At: engine.At(now), Host: "example.org", Kind: "noticed", Text: fmt.Sprint("event ", i),
		}
		if i == 39 {
			e.Level, e.Text = engine.Problem, long
		}
		out = append(out, e)
	}
	return out
}

// rows counts the events in a view, and wantText returns its text without line breaks.
func rows(view string) int { return strings.Count(view, "noticed") }

func wantText(view string) string { return strings.Join(strings.Fields(ansi.Strip(view)), " ") }

// A text that has no room in its column can be read in full below the log, including what to do; the log keeps its
// height.
func TestSelectedEventCanBeReadWhole(t *testing.T) {
	th := theme.None()
	now := events()[0].At.Std()
	w := NewWindow(&th, nil, events(), now, site)
	p := New(&th)
	p.Set(engine.Detail{Site: engine.Site{Host: "example.org"}, Log: events()}, now)
	for name, pane := range map[string]struct {
		view func(w, h int) string
		up   func()
	}{
		"window": {w.View, func() { w.Act(keys.Up) }},
		"pane":   {p.View, func() { p.Handle(keys.Up) }},
	} {
		at := pane.view(80, 18)
		if !strings.Contains(wantText(at), long) {
			t.Errorf("%s: the last event cannot be read:\n%s", name, ansi.Strip(at))
		}
		if narrow := wantText(pane.view(60, 18)); !strings.Contains(narrow,
			"no resolver answers for example.org (127.0.0.1:9: connection refused): check") {
			t.Errorf("%s: at 60 cells:\n%s", name, narrow)
		}
		pane.up()
		above := pane.view(80, 18)
		if strings.Contains(wantText(above), "with --doh") || rows(above) != rows(at) {
			t.Errorf("%s: one further up there are %d events, and before %d:\n%s", name, rows(above), rows(at),
				ansi.Strip(above))
		}
		if n := strings.Count(above, "\n"); n != 17 {
			t.Errorf("%s: %d lines instead of 18", name, n+1)
		}
	}
	if low := NewWindow(&th, nil, events(), now, site).View(80, 9); strings.Count(low, "\n") != 8 || rows(low) != 7 {
		t.Errorf("there is no room for it, and yet:\n%s", ansi.Strip(low))
	}
}
