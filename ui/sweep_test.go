package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine/fake"
	"wtptui/ui/format"
	"wtptui/ui/layout"
)

func cellsOf(s string) int { return ansi.StringWidth(s) }

// allSituations returns a dashboard for everything that can be on the screen.
func allSituations(t *testing.T) map[string]*driver {
	keys := func(opts []option, names ...string) *driver {
		d := newDriver(t, 120, 40, opts...)
		d.advance(2 * time.Second)
		d.press(names...)
		return d
	}
	out := map[string]*driver{
		"many":      keys([]option{func(_ *Config, o *fake.Options) { o.Scripts = fake.ManySites(300) }}, "G"),
		"none":      keys(nil, "5", "/", "z", "z", "z"),
		"starting":  newStoppedDriver(t, 120, 40),
		"warning":   keys([]option{withWarnings}, "v", "v"),
		"ascii":     keys([]option{asciiOnly}, "d"),
		"prompt":    keys(nil, "a"),
		"confirm":   keys(nil, "D"),
		"notice":    keys(nil, "O"),
		"ssh":       keys([]option{withEnviron("SSH_CONNECTION=203.0.113.5 50000 198.51.100.2 22")}, "o"),
		"inspector": keys(nil, "G", "v", "v", "]", "tab"),
		"log":       keys(nil, "[", "tab"),
		"sort":      keys(nil, "s"),
		"columns":   keys(nil, "c"),
		"copy":      keys(nil, "Y"),
		"limits":    keys(nil, "L"),
		"events":    keys(nil, "!"),
		"settings":  keys(nil, ","),
		"all marks": keys(nil, "A"),
	}
	for _, s := range slices.Concat(scenes(), moreScenes()) {
		out[s.name] = s.play(t, 120, 40)
	}
	bad := keys(nil)
	bad.paste(strings.Repeat("漫画 https://", 200))
	out["bad paste"] = bad
	path := keys(nil)
	path.paste("/" + strings.Repeat("漫画", 200))
	out["long path"] = path
	lost := keys(nil)
	_ = lost.engine.Close()
	lost.drainSnapshots()
	out["lost"] = lost
	return out
}

// checkFit checks the frame of one size.
func checkFit(t *testing.T, name string, d *driver, w, h int, width func(string) int) {
	t.Helper()
	d.resize(w, h)
	lines := strings.Split(d.m.display.frame.draw(), "\n")
	if len(lines) > h {
		t.Fatalf("%s at %dx%d: %d lines", name, w, h, len(lines))
	}
	for i, l := range lines {
		if n := width(l); n > w {
			t.Fatalf("%s at %dx%d: line %d has %d cells: %q", name, w, h, i, n, l)
		}
	}
	if !layout.TooSmall(w, h) && len(lines) != h {
		t.Fatalf("%s at %dx%d: %d lines do not fill the screen", name, w, h, len(lines))
	}
}

// Whatever the size from 1×1 to 220×70 and whatever is shown, every line fits and there are no more lines than rows.
// Each size is drawn in some situation, and each situation at the sizes at which something changes.
func TestEverythingFitsEverywhere(t *testing.T) {
	all := allSituations(t)
	names := slices.Sorted(maps.Keys(all))
	stride, edges := 1, [][]int{
		{1, 2, 59, 60, 61, 79, 80, 99, 100, 111, 112, 117, 118, 119, 120, 200}, {1, 15, 16, 17, 23, 24, 36, 60},
	}
	if testing.Short() {
		stride, edges = 13, [][]int{{1, 60, 80, 120}, {1, 16, 24, 60}}
	}
	n := 0
	for h := 1; h <= 70; h++ {
		for w := 1 + h%stride; w <= 220; w += stride {
			// The library that the renderer measures with is slow: it is asked now and then, and our own measure, which
			// has a fuzz test that compares them, otherwise.
			width := format.Width
			if n%8 == 0 {
				width = ansi.StringWidth
			}
			n++
			name := names[(n*7+n/220)%len(names)]
			checkFit(t, name, all[name], w, h, width)
		}
	}
	for _, name := range names {
		for _, w := range edges[0] {
			for _, h := range edges[1] {
				checkFit(t, name, all[name], w, h, format.Width)
			}
		}
	}
}

// The last lines are always toast and footer, whatever is above.
func TestFooterStaysAtTheBottom(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {61, 40}, {80, 24}, {100, 24}, {120, 36}, {200, 60}} {
		d := newDriver(t, size[0], size[1], withWarnings)
		for _, k := range []string{"v", "v", "enter", "esc", "2", "/"} {
			d.press(k)
			if f := d.line(-1); !strings.Contains(f, "help") && !strings.Contains(f, "keep") {
				t.Fatalf("at %v after %s the last line is %q", size, k, f)
			}
		}
	}
}

func TestASCIIIsASCII(t *testing.T) {
	for name, d := range allSituations(t) {
		d.m.display.appearance.ascii = true
		d.resize(120, 36)
		for i, r := range d.m.display.frame.draw() {
			if r >= 0x80 {
				t.Fatalf("%s: %q at byte %d", name, r, i)
			}
		}
	}
	if d := newDriver(t, 80, 24, withEnviron("TERM=linux")); !d.m.display.appearance.ascii {
		t.Error("the Linux console gets Unicode")
	}
}

// selectOnMain selects a host on the main screen, whatever is shown there.
func (d *driver) selectOnMain(host string) {
	d.t.Helper()
	d.m.screen.list.Reveal(host)
	if d.selected() != host {
		d.t.Fatalf("%s cannot be selected:\n%s", host, d.screen())
	}
}

// Long work takes no time in these fixtures, so that they show its result.
func TestFixturesShowEveryState(t *testing.T) {
	for want, s := range map[string]string{
		"[Check]": "publish", "[Live]": "publish-live", "[Review]": "publish-review",
		"[Pieces]": "pieces",
	} {
		for _, sc := range slices.Concat(scenes(), moreScenes()) {
			if sc.name == s {
				if d := sc.play(t, 120, 36); !strings.Contains(d.screen(), want) {
					t.Errorf("%s shows no %s:\n%s", s, want, d.screen())
				}
			}
		}
	}
	if len(scenes()) != 8 {
		t.Error(fmt.Sprint(len(scenes()), " scenes"))
	}
}
