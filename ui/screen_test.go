package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/layout"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	got += "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestGoldenScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		opts []option
		do   func(*driver)
	}{
		{"main-120x36", 120, 36, nil, nil},
		{"main-80x24", 80, 24, nil, nil},
		{"main-60x16", 60, 16, nil, nil},
		{"main-120x36-no-color", 120, 36, []option{environ("NO_COLOR=yes")}, nil},
		{"main-80x24-ascii", 80, 24, []option{ascii}, nil},
		{"main-120x36-warning", 120, 36, []option{warned}, nil},
		{"empty-80x24", 80, 24, []option{empty}, nil},
		{"help-120x36", 120, 36, nil, func(d *driver) { d.press("?") }},
		{"page-120x36", 120, 36, nil, func(d *driver) { d.choose("radio.example.org"); d.press("enter"); d.pass(3 * time.Second) }},
		{"files-80x24", 80, 24, nil, func(d *driver) { d.choose("tomjwatson.com"); d.press("enter", "3") }},
		{"broken-80x24", 80, 24, []option{failing}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := drive(t, c.w, c.h, c.opts...)
			d.pass(20 * time.Second)
			if c.do != nil {
				c.do(d)
			}
			golden(t, c.name, d.screen())
		})
	}
}

// sgrColor finds an SGR sequence that sets a colour.
var sgrColor = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m`)

func TestNoColorMeansNone(t *testing.T) {
	for _, value := range []string{"1", "yes", "0", "false"} {
		d := drive(t, 120, 36, environ("NO_COLOR="+value))
		d.send(colorProfile(colorprofile.TrueColor))
		if c := sgrColor.FindString(d.m.frame()); c != "" {
			t.Errorf("NO_COLOR=%s: the frame has %q", value, c)
		}
		if d.m.cfg.Color != colorprofile.ASCII {
			t.Errorf("NO_COLOR=%s: the renderer's profile is %v", value, d.m.cfg.Color)
		}
	}
	if d := drive(t, 120, 36, environ("NO_COLOR=")); !sgrColor.MatchString(d.m.frame()) {
		t.Error("an empty NO_COLOR took the colours away")
	}
}

// situations are all that can be on the screen.
func situations(t *testing.T) map[string]*driver {
	keys := func(opts []option, names ...string) *driver {
		d := drive(t, 120, 40, opts...)
		d.pass(2 * time.Second)
		d.press(names...)
		return d
	}
	out := map[string]*driver{
		"main":      keys(nil, "j", "j"),
		"many":      keys([]option{func(_ *Config, o *fake.Options) { o.Scripts = fake.Many(300) }}, "G"),
		"empty":     keys([]option{empty}),
		"none":      keys(nil, "5", "/", "z", "z", "z"),
		"starting":  prepare(t, 120, 40),
		"broken":    keys([]option{failing}),
		"warning":   keys([]option{warned}, "v", "v"),
		"ascii":     keys([]option{ascii}, "d"),
		"help":      keys(nil, "?"),
		"prompt":    keys(nil, "a"),
		"confirm":   keys(nil, "D"),
		"notice":    keys(nil, "O"),
		"ssh":       keys([]option{environ("SSH_CONNECTION=203.0.113.5 50000 198.51.100.2 22")}, "o"),
		"inspector": keys(nil, "G", "v", "v", "]", "tab"),
		"log":       keys(nil, "[", "tab"),
	}
	for i := range 5 {
		d := drive(t, 120, 40)
		d.choose("radio.example.org")
		d.press("enter", fmt.Sprint(i+1))
		d.pass(time.Second)
		out[fmt.Sprintf("page-%d", i+1)] = d
	}
	bad := keys(nil)
	bad.paste(strings.Repeat("漫画 https://", 200))
	out["bad paste"] = bad
	lost := keys(nil)
	_ = lost.engine.Close()
	lost.pump()
	out["lost"] = lost
	return out
}

// Whatever the size and whatever is shown, every line fits and there are no more lines than rows.
func TestEverythingFitsEverywhere(t *testing.T) {
	var sizes [][2]int
	stride := 1
	if testing.Short() {
		stride = 5
	}
	for w := 1; w <= 200; w += stride {
		for _, h := range []int{1, 16, 24, 60} {
			sizes = append(sizes, [2]int{w, h})
		}
	}
	for h := 1; h <= 60; h += stride {
		for _, w := range []int{1, 60, 80, 100, 120} {
			sizes = append(sizes, [2]int{w, h})
		}
	}
	for name, d := range situations(t) {
		for _, size := range sizes {
			d.resize(size[0], size[1])
			frame := d.m.frame()
			lines := strings.Split(frame, "\n")
			if len(lines) > size[1] {
				t.Fatalf("%s at %v: %d lines", name, size, len(lines))
			}
			for i, l := range lines {
				if n := ansi.StringWidth(l); n > size[0] {
					t.Fatalf("%s at %v: line %d has %d cells: %q", name, size, i, n, l)
				}
			}
			if layout.TooSmall(size[0], size[1]) {
				continue
			}
			if len(lines) != size[1] {
				t.Fatalf("%s at %v: %d lines do not fill the screen", name, size, len(lines))
			}
		}
	}
}

// The last lines are always toast and footer: nothing above has grown or shrunk.
func TestFooterStaysAtTheBottom(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {61, 40}, {80, 24}, {100, 24}, {120, 36}, {200, 60}} {
		d := drive(t, size[0], size[1], warned)
		for _, k := range []string{"v", "v", "enter", "esc", "2", "/"} {
			d.press(k)
			if f := d.line(-1); !strings.Contains(f, "help") && !strings.Contains(f, "keep") {
				t.Fatalf("at %v after %s the last line is %q", size, k, f)
			}
		}
	}
}

func TestASCIIIsASCII(t *testing.T) {
	for name, d := range situations(t) {
		d.m.ascii = true
		d.resize(120, 36)
		for i, r := range d.m.frame() {
			if r >= 0x80 {
				t.Fatalf("%s: %q at byte %d", name, r, i)
			}
		}
	}
	if d := drive(t, 80, 24, environ("TERM=linux")); !d.m.ascii {
		t.Error("the Linux console gets Unicode")
	}
}

func TestTooSmallSaysSoAndQuits(t *testing.T) {
	d := drive(t, 50, 12)
	d.shows("60×16", "50×12", "q quits")
	d.press("d", "D", "enter", "p")
	d.resize(120, 36)
	d.shows("[1 All 12]")
	d.hides("Evicted", "Remove", "✓ Pinned")
	d.resize(20, 3)
	if d.press("q"); !d.quit {
		t.Error("q does not quit")
	}
}

func TestForeignTextCannotSteerTheTerminal(t *testing.T) {
	evil := "a\x1b]0;x\x07b\u202ec\u009b31md\r\ne👩\u200d👧"
	d := drive(t, 120, 36, func(_ *Config, o *fake.Options) {
		o.Scripts = []fake.Script{{Host: "evil.example", Title: evil}, {Host: "bad.example", State: engine.Failed, Fault: engine.Refused, Error: evil}}
		o.Warnings = []string{evil}
	})
	for _, keys := range [][]string{{"j"}, {"enter"}, {"esc", "/", "a"}} {
		d.press(keys...)
		rest := ansiStyle.ReplaceAllString(d.m.frame(), "")
		if i := strings.IndexAny(rest, "\x1b\x07\r\u202e\u009b"); i >= 0 {
			t.Fatalf("after %v: %q", keys, rest[i:min(i+20, len(rest))])
		}
	}
}

var ansiStyle = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func BenchmarkView(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := fake.New(fake.Options{Scripts: fake.Many(n)})
			defer e.Close()
			ch, err := e.Watch(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			m := newModel(b.Context(), Config{Now: e.Now, Environ: []string{"TERM=xterm"}})
			m.w, m.h = 200, 60
			m.take(<-ch)
			b.ReportAllocs()
			for b.Loop() {
				m.View()
			}
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	e := fake.New(fake.Options{Scripts: fake.Many(10000)})
	defer e.Close()
	ch, err := e.Watch(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	m := newModel(b.Context(), Config{Now: e.Now, Environ: []string{"TERM=xterm"}})
	m.w, m.h = 120, 36
	snap := <-ch
	for b.Loop() {
		m.take(snap)
	}
}
