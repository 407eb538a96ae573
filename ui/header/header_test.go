package header

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/theme"
)

// busyStatus returns a header with everything that a header can show.
func busyStatus(th *theme.Theme) *Pane {
	p := &Pane{Theme: th, Machine: "archive.example.org"}
	p.SetPhase(Running)
	p.SetErrors(12, "e")
	p.Set(engine.Status{
		Online: true, DownRate: 999 << 10, UpRate: 123 << 20, PeerPort: 42069, DHTNodes: 412, Peers: 1234,
		CacheUsed: 1 << 30, CacheLimit: 5 << 30, Limits: engine.Limits{Down: 1000 << 10, Up: 500 << 20},
	}, history.Series{}, time.Time{})
	return p
}

// Down to eighty columns everything is shown that a person must not miss, whichever machine it is.
func TestNothingThatMattersIsLeftOut(t *testing.T) {
	th := theme.Dark()
	for _, machine := range []string{"", "nas", "archive.example.org"} {
		p := busyStatus(&th)
		p.Machine = machine
		name := "wtptui"
		if machine != "" {
			name = machine[:min(len(machine), 7)]
		}
		for w := 80; w <= 240; w++ {
			line := ansi.Strip(p.View(w, 1))
			if n := format.Width(line); n > w {
				t.Fatalf("%d cells of %d: %q", n, w, line)
			}
			for _, part := range []string{name, "● online", "999", "≤1000", "123", "≤500", ":42069", "no web", "✗ 12"} {
				if !strings.Contains(line, part) {
					t.Errorf("%d cells: %q is missing in %q", w, part, line)
				}
			}
		}
	}
}

// Limits of labels are shown as far as there is room, and never left out from eighty columns on.
func TestLimitsOfLabels(t *testing.T) {
	one := []engine.Limits{{Label: "mirror", Down: 500 << 10, Up: 3 << 20}}
	two := append([]engine.Limits{{Label: "archive", Down: 1 << 20}}, one...)
	for _, ascii := range []bool{false, true} {
		th := theme.Dark()
		th.ASCII = ascii
		for w, want := range map[int][]string{ // with limits over all sites, too
			100: {"≤1000 K*", "≤500 M*"}, 160: {"mirror ≤"}, 300: {"≤1000 KB/s mirror ≤500 KB/s", "≤500 MB/s mirror ≤3.0 MB/s"},
		} {
			p := busyStatus(&th)
			p.status.LabelLimits = one
			line := ansi.Strip(p.View(w, 1))
			for _, part := range want {
				if part = strings.ReplaceAll(part, "≤", p.limitSign()); !strings.Contains(line, part) {
					t.Errorf("%d cells, ASCII %v: %q is missing in %q", w, ascii, part, line)
				}
			}
		}
		for w := 80; w <= 300; w++ {
			p := busyStatus(&th)
			p.status.LabelLimits = one
			if ascii && w < 96 {
				continue // Its words are longer than signs: not even the limits over all sites have room beside all the rest.
			}
			if line := ansi.Strip(p.View(w, 1)); strings.Count(line, "*")+strings.Count(line, "mirror") != 2 {
				t.Errorf("%d cells, ASCII %v: %q", w, ascii, line)
			}
		}
		p := busyStatus(&th)
		p.status.Limits, p.status.LabelLimits = engine.Limits{}, two
		for w := 80; w <= 300; w++ {
			line := ansi.Strip(p.View(w, 1))
			if n := format.Width(line); n > w || strings.Count(line, p.limitSign()) != 2 {
				t.Errorf("%d cells of %d, ASCII %v: %q", n, w, ascii, line)
			}
		}
		line := ansi.Strip(p.View(300, 1))
		if !strings.Contains(line, "2 labels "+p.limitSign()) || !strings.Contains(line, "mirror "+p.limitSign()+"3.0 MB/s") {
			t.Errorf("%q", line)
		}
		p.status.LabelLimits = []engine.Limits{{Label: "mirror", Down: 5}}
		if line := ansi.Strip(p.View(300, 1)); strings.Count(line, "mirror") != 1 {
			t.Errorf("%q says a limit where there is none", line)
		}
	}
}

// The schedule in force is shown as far as there is room; that it has all sites paused is always shown.
func TestScheduleThatHolds(t *testing.T) {
	th := theme.Dark()
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		s    engine.Scheduled
		at   map[int]string // by width
		says string         // at every width from 80 on
	}{
		{
			engine.Scheduled{Name: "office hours", Until: engine.At(noon.Add(6 * time.Hour)), Up: true},
			map[int]string{240: "  office hours until 18:00", 160: "  until 18:00", 80: ""},
			"",
		},
		{
			engine.Scheduled{Name: "weekend", Until: engine.At(noon.Add(36 * time.Hour)), Paused: true},
			map[int]string{240: "‖ all paused: weekend until Thu 00:00"},
			"all paused",
		},
		{engine.Scheduled{Name: "always", Up: true}, map[int]string{240: "  always  "}, ""},
		{engine.Scheduled{Next: "night", Until: engine.At(noon)}, map[int]string{240: ""}, ""},
	} {
		for w := 80; w <= 240; w++ {
			p := busyStatus(&th)
			p.now, p.status.Schedule = noon, tc.s
			line := ansi.Strip(p.View(w, 1))
			if want, ok := tc.at[w]; ok && !strings.Contains(line, want) || format.Width(line) > w ||
				!strings.Contains(line, tc.says) {
				t.Errorf("%d cells: %q, want %q", w, line, tc.at[w])
			}
			for _, part := range []string{"● online", "999", "≤1000", "123", ":42069", "no web"} {
				if tc.s.Paused && part == "≤1000" {
					continue // Nothing is fetched.
				}
				if !strings.Contains(line, part) {
					t.Errorf("%d cells: %q is missing in %q", w, part, line)
				}
			}
		}
	}
}

// Less important parts are shown when there is room, and no room is left that one of them could use.
func TestRoomIsUsed(t *testing.T) {
	th := theme.None()
	p := busyStatus(&th)
	wide := ansi.Strip(p.View(300, 1))
	for _, part := range []string{"▱", "cache", "DHT", "peers 1,234", "wtptui", "12 errors e"} {
		if !strings.Contains(wide, part) {
			t.Errorf("%q is missing in %q", part, wide)
		}
	}
	for w := 60; w <= 240; w++ {
		parts := p.parts()
		fitParts(parts, w)
		for i := range parts {
			if parts[i].shown == 0 {
				continue
			}
			step := sameRank(parts, i)
			changeForm(step, -1)
			if totalWidth(parts) <= w {
				t.Errorf("%d cells: there is room for %q in %q", w, parts[i].text(), p.View(w, 1))
			}
			changeForm(step, 1)
		}
	}
}

// sameRank returns the parts that change their form together with one of them.
func sameRank(parts []part, of int) (step []*part) {
	rank := parts[of].ranks[parts[of].shown-1]
	for i := range parts {
		if p := &parts[i]; p.shown > 0 && p.ranks[p.shown-1] == rank {
			step = append(step, p)
		}
	}
	return step
}

// Rates change, and nothing else moves.
func TestRatesDoNotMoveTheRest(t *testing.T) {
	th := theme.None()
	for _, w := range []int{80, 100, 120, 200} {
		at := -1
		for n := int64(0); n < 1<<40; n = n*3 + 1 {
			p := busyStatus(&th)
			p.status.DownRate, p.status.UpRate = n, n
			line := p.View(w, 1)
			before, _, _ := strings.Cut(line, ":42069")
			here := format.Width(before)
			if at >= 0 && here != at {
				t.Errorf("%d cells: the port stands at %d, and at %d with %d bytes per second", w, at, here, n)
			}
			at = here
		}
	}
}

func TestPortAndWeb(t *testing.T) {
	th := theme.None()
	p := &Pane{Theme: &th}
	p.SetPhase(Running)
	for want, st := range map[string]engine.Status{
		":7 open?": {PeerPort: 7}, ":7 open": {PeerPort: 7, PortOpen: true}, "no port": {},
		"(3 web)": {WebTrackers: 1, WebPeers: 3}, "DHT off": {DHTNodes: -1},
		"○ offline": {}, "▼     0 B/s ≤1.0 MB/s": {Limits: engine.Limits{Down: 1 << 20}},
	} {
		p.Set(st, history.Series{}, time.Time{})
		if line := p.View(160, 1); !strings.Contains(ansi.Strip(line), want) {
			t.Errorf("%q is missing in %q", want, line)
		}
	}
}
