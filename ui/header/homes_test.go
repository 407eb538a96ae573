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

// homesTest is the line of some homes.
type homesTest struct {
	homes         []engine.Home
	wide, always  string
	ascii, narrow string // narrow is at 60 cells
}

// check compares the line at all widths with what is always in it, and at some widths with all of it.
func (tc homesTest) check(t *testing.T) {
	t.Helper()
	th := theme.Dark()
	p := &Pane{Theme: &th}
	p.Set(engine.Status{Homes: tc.homes}, history.Series{}, time.Time{})
	for w := 60; w <= 200; w++ {
		line := ansi.Strip(p.Homes(w))
		if n := format.Width(line); n > w {
			t.Fatalf("%d cells of %d: %q", n, w, line)
		}
		if !strings.Contains(line, tc.always) {
			t.Errorf("%d cells: %q is missing in %q", w, tc.always, line)
		}
		if strings.Contains(line, "…") && strings.Contains(line, "req") {
			t.Errorf("%d cells: the address makes room before the rest: %q", w, line)
		}
	}
	if line := ansi.Strip(p.Homes(200)); line != tc.wide {
		t.Errorf("wide: %q, want %q", line, tc.wide)
	}
	if line := ansi.Strip(p.Homes(60)); tc.narrow != "" && line != tc.narrow {
		t.Errorf("narrow: %q, want %q", line, tc.narrow)
	}
	th.ASCII = true
	if line := ansi.Strip(p.Homes(200)); line != tc.ascii {
		t.Errorf("ASCII: %q, want %q", line, tc.ascii)
	}
}

// Whatever the width, the line fits, an address is whole as long as anything else can be shortened, and homes that are
// off are mentioned.
func TestHomes(t *testing.T) {
	long := "https://" + strings.Repeat("very-", 9) + "long.example.org/"
	one := engine.Home{
		Name: "example.org", URL: "https://example.org/", Requests: 12_345, Bytes: 1_288_490_188, Uploaded: 52_428_800,
	}
	off, wordy := one, one
	off.Off, wordy.URL = true, long
	for _, tc := range []homesTest{
		{
			[]engine.Home{one},
			" ⌂ https://example.org/  12,345 requests  1.2 GB by HTTP  50.0 MB to peers", "https://example.org/",
			" home https://example.org/  12,345 requests  1.2 GB by HTTP  50.0 MB to peers",
			" ⌂ https://example.org/  12,345 requests  1.2 GB by HTTP",
		},
		{
			[]engine.Home{off},
			" ⌂ https://example.org/ · taken off: visitors get 410 Gone  12,345 requests  1.2 GB by HTTP  50.0 MB to peers",
			"taken off",
			" home https://example.org/, taken off: visitors get 410 Gone  12,345 requests  1.2 GB by HTTP  50.0 MB to peers",
			" ⌂ https://example.org/ · taken off  12,345 requests  1.2 GB",
		},
		{
			[]engine.Home{one, off, one},
			" ⌂ 3 homes · 1 off  37,035 requests  3.6 GB by HTTP  150 MB to peers", "1 off",
			" 3 homes, 1 off  37,035 requests  3.6 GB by HTTP  150 MB to peers",
			" ⌂ 3 homes · 1 off  37,035 requests  3.6 GB by HTTP",
		},
		{
			[]engine.Home{wordy},
			" ⌂ " + long + "  12,345 requests  1.2 GB by HTTP  50.0 MB to peers", "https://very",
			" home " + long + "  12,345 requests  1.2 GB by HTTP  50.0 MB to peers", "",
		},
	} {
		tc.check(t)
	}
}

func TestLineWithoutHomesIsEmpty(t *testing.T) {
	th := theme.Dark()
	if p := (&Pane{Theme: &th}); p.HasHomes() || p.Homes(80) != "" {
		t.Error("a line without homes")
	}
}

// The tracker is mentioned last, and left out first.
func TestHomeTracker(t *testing.T) {
	th := theme.Dark()
	p := &Pane{Theme: &th}
	home := engine.Home{Name: "a.example", URL: "https://a.example/", Requests: 2, Bytes: 1024, Uploaded: 2048}
	const rest = " ⌂ https://a.example/  2 requests  1.0 KB by HTTP  2.0 KB to peers"
	for _, tc := range []struct {
		tracker      engine.HomeTracker
		wide, narrow string
	}{
		{engine.HomeTracker{Peers: 16, Swarms: 3, WebPeers: 4}, "", ""}, // There is none.
		{
			engine.HomeTracker{URLs: []string{"wss://a.example/announce"}, Peers: 1_216, Swarms: 3, WebPeers: 1},
			"  tracker 1,216 peers in 3 swarms, 1 browser", "  tracker 1,216 peers",
		},
		{engine.HomeTracker{URLs: []string{"wss://a.example/announce"}}, "  tracker 0 peers", "  tracker 0 peers"},
	} {
		p.Set(engine.Status{Homes: []engine.Home{home}, HomeTracker: tc.tracker}, history.Series{}, time.Time{})
		for w, want := range map[int]string{200: tc.wide, 90: tc.narrow, format.Width(rest): ""} {
			if line := ansi.Strip(p.Homes(w)); line != rest+want {
				t.Errorf("%d cells: %q, want %q", w, line, rest+want)
			}
		}
		for w := 1; w <= 200; w++ {
			if n := format.Width(p.Homes(w)); n > w {
				t.Errorf("%d cells of %d", n, w)
			}
		}
	}
}
