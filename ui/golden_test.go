package ui

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"wtptui/engine/fake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/name.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	got += "\n"
	if *update {
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

// scene is a state of the screen that is compared with a golden.
type scene struct {
	name string
	opts []option
	do   func(*driver)
}

// openTab opens the page of a site, at a tab.
func openTab(host, tab string) func(*driver) {
	return func(d *driver) {
		d.selectOnMain(host)
		d.press("enter", tab)
		d.advance(2 * time.Second)
	}
}

// publishUpTo publishes a folder up to a number of answers.
func publishUpTo(dir string, answers ...string) func(*driver) {
	return func(d *driver) {
		d.press("P")
		d.paste(dir)
		d.press("down", "ctrl+u")
		d.paste("new.example")
		d.press(answers...)
		d.advance(2 * time.Second)
	}
}

// scenes are shown at every size and in every kind of colour.
func scenes() []scene {
	return []scene{
		{"main", nil, nil},
		{"marks", nil, func(d *driver) { d.press("j", "space", "j", "space", "/"); d.paste("example"); d.press("enter") }},
		{"page", nil, openTab("wiki.pub", "1")},
		{"peers", nil, openTab("radio.example.org", "2")},
		{"pieces", nil, openTab("radio.example.org", "5")},
		{"requests", nil, openTab("radio.example.org", "6")},
		{"publish", nil, publishUpTo("/home/me/secret-site", "enter")},
		{"empty", []option{noSites}, nil},
	}
}

// moreScenes are compared at one size, in the most common colours.
func moreScenes() []scene {
	return []scene{
		{"main-warning", []option{withWarnings}, nil},
		{"home", []option{withHome}, nil},
		{"home-page", []option{withHome}, openTab("blog.me", "1")},
		{"found", []option{withFoundSites}, func(d *driver) { d.press("s", "s"); d.selectSite(foundHost) }},
		{"found-page", []option{withFoundSites}, openTab(foundHost, "1")},
		{"help", nil, func(d *driver) { d.press("?") }},
		{"palette", nil, func(d *driver) { d.press(":") }},
		{"files", nil, openTab("tomjwatson.com", "3")},
		{"trackers", nil, openTab("radio.example.org", "4")},
		{"log", nil, openTab("radio.example.org", "7")},
		{"missing-parts", nil, openTab("old.site", "6")},
		{"infohash", nil, openTab("951ead31d09e4049fc1f21f137e233dd0589fcbd", "1")},
		{"publish-folder", nil, publishUpTo("/home/me/missing", "enter")},
		{"publish-review", nil, func(d *driver) {
			publishUpTo("/home/me/site", "enter", "enter", "y", "esc")(d)
			publishUpTo("/home/me/site", "enter", "enter")(d)
		}},
		{"publish-live", nil, publishUpTo("/home/me/site", "enter", "enter", "y")},
		{"publish-live-home", []option{withHome}, publishUpTo("/home/me/site", "enter", "enter", "y")},
		{"broken", []option{withFailingStart}, nil},
	}
}

var goldenSizes = [][2]int{{60, 16}, {80, 24}, {120, 36}, {200, 60}}

// terminalOptions are the kinds of colour that a terminal can have, and no signs but ASCII.
func terminalOptions() map[string][]option {
	profile := func(p colorprofile.Profile) option { return func(c *Config, _ *fake.Options) { c.Color = p } }
	return map[string][]option{
		"truecolor": {profile(colorprofile.TrueColor)}, "16": {profile(colorprofile.ANSI)},
		"none":  {withEnviron("NO_COLOR=1")},
		"ascii": {profile(colorprofile.TrueColor), asciiOnly},
	}
}

// play shows a scene.
func (s scene) play(t *testing.T, w, h int, opts ...option) *driver {
	d := newDriver(t, w, h, slices.Concat(s.opts, opts)...)
	d.advance(20 * time.Second)
	if s.do != nil {
		s.do(d)
	}
	return d
}

// Every scene is compared at every size: its text, which does not depend on the colours, in a file of its own, its
// ASCII form at one size, and a digest of every styled frame in testdata/styles.golden. The .styles files show the
// styles.
func TestGoldenScenes(t *testing.T) {
	if testing.Short() {
		t.Skip("many frames: skipped by -short")
	}
	var digests []string
	for _, s := range scenes() {
		for _, size := range goldenSizes {
			name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
			text := s.play(t, size[0], size[1], terminalOptions()["truecolor"]...).screen()
			golden(t, name, text)
			for _, look := range slices.Sorted(maps.Keys(terminalOptions())) {
				d := s.play(t, size[0], size[1], terminalOptions()[look]...)
				frame := d.m.display.frame.draw()
				digests = append(digests, fmt.Sprintf("%-20s %-10s %x", name, look, sha256.Sum256([]byte(frame)))[:20+1+10+1+16])
				switch {
				case look == "ascii" && size[0] == 80:
					golden(t, name+"-ascii", plainText(frame))
				case look != "ascii" && plainText(frame) != text:
					t.Errorf("%s reads differently in %s:\n%s", name, look, cmp.Diff(text, plainText(frame)))
				}
				if size[0] == 80 && (look == "truecolor" || look == "16") {
					golden(t, name+"-"+look+".styles", styles(frame))
				}
			}
		}
	}
	golden(t, "styles", strings.Join(digests, "\n"))
}

func TestMoreGoldenScenes(t *testing.T) {
	for _, s := range moreScenes() {
		golden(t, s.name+"-80x24", s.play(t, 80, 24).screen())
	}
	golden(t, "home-120x36", scene{"home", []option{withHome}, nil}.play(t, 120, 36).screen())
	homePage := scene{"home-page", []option{withHome}, openTab("blog.me", "1")}
	golden(t, "home-page-120x36", homePage.play(t, 120, 36).screen())
	golden(t, "help-120x36", scene{"help", nil, func(d *driver) { d.press("?") }}.play(t, 120, 36).screen())
}

// styles writes for each line of a frame which cells have which style: "3-9:1;32" are the cells 3 to 9 in bold green.
func styles(frame string) string {
	var out []string
	for y, line := range strings.Split(frame, "\n") {
		var runs []string
		at := 0
		for i, part := range strings.Split(line, "\x1b[") {
			style := ""
			if i > 0 {
				style, part, _ = strings.Cut(part, "m")
			}
			if n := cellsOf(part); n > 0 {
				if style != "" {
					runs = append(runs, fmt.Sprintf("%d-%d:%s", at, at+n-1, style))
				}
				at += n
			}
		}
		if len(runs) > 0 {
			out = append(out, fmt.Sprintf("%d  %s", y, strings.Join(runs, "  ")))
		}
	}
	return strings.Join(out, "\n")
}
