package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

func TestFilterLanguage(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("/")
	d.typeText("peers>")
	d.mustShow("peers> needs a number: peers>3", "[1 All 14]", "wiki.pub")
	d.typeText("30 !state:load")
	d.mustShow("1 of 14", "wiki.pub")
	d.mustHide("▸  ↓")
	d.press("enter")
	d.mustShow("/peers>30 !state:load 1 of 14")
	d.press("esc", "G", "n")
	if d.selected() != "wiki.pub" {
		t.Errorf("n went to %s", d.selected())
	}
	d.press("g", "N")
	if d.selected() != "wiki.pub" {
		t.Errorf("N went to %s", d.selected())
	}
	narrow := newDriver(t, 60, 16)
	narrow.press("/")
	narrow.typeText("state:x")
	narrow.mustShow("there is no state x: try load, cache")
	narrow.press("esc")
	narrow.mustHide("there is no state")
	fresh := newDriver(t, 120, 36)
	fresh.press("n")
	fresh.mustShow("No match: / filters")
}

func TestSortMenuTurnsAround(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("s", "p")
	d.mustShow("sort: Peers ▼")
	d.press("s")
	d.mustShow("▼ now")
	d.press("enter")
	d.mustShow("sort: Peers ▲")
	d.press("s", "e") // a column that is not shown
	d.mustShow("sort: Seeds ▼")
}

func TestLimits(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("L", "u")
	d.typeText("1.5M")
	d.press("enter")
	d.mustShow("Limits: upload 1.5 MB/s", "≤1.5 MB/s")
	d.press("L", "u")
	d.mustShow("› 1.5M", "500K", "none for no limit")
	d.press("enter")
	d.mustShow("Limits: upload 1.5 MB/s")
	d.press("L", "u", "end")
	d.typeText("B")
	d.mustShow("› 1.5MB")
	d.press("esc", "L", "d")
	d.mustShow("› none")
	d.typeText("lots")
	d.press("enter")
	d.mustShow("lots is not a size", "Download limit")
	d.press("esc", "L", "1", "d")
	d.mustShow("╭─ Download limit of the label archive ─")
	d.press("esc", "L", "x")
	d.mustShow("Limits: none")
	if d.m.conn.snap.Status.Limits != (engine.Limits{}) {
		t.Errorf("limits %+v", d.m.conn.snap.Status.Limits)
	}
}

func TestPaletteFindsAndDoes(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("ctrl+p")
	d.typeText("hash data")
	d.mustShow("▸ verify", " R │")
	d.press("enter")
	d.mustShow("Checking all data of Example Docs (docs.example)")
	d.press(":")
	d.typeText("zzz")
	d.mustShow("No action, site, view or setting matches")
	d.press("enter", "esc")
	d.press("enter", ":")
	d.typeText("next-tab")
	d.press("enter")
	d.mustShow("[Peers 8]")
	d.press(":")
	d.typeText("help")
	d.press("enter")
	d.mustShow("╭─ Keys")
}

func TestEventLog(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	d.press("p", "!")
	d.mustShow("What has happened", "unpinned", "wiki.pub")
	if err := d.engine.Do(t.Context(), engine.Pin, "comics.example"); err != nil {
		t.Fatal(err)
	}
	if err := d.engine.Do(t.Context(), engine.Unpin, "comics.example"); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	d.press("enter")
	d.mustHide("What has happened")
	if d.selected() != "comics.example" {
		t.Errorf("it went to %s", d.selected())
	}
}

func TestFreeze(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("Z")
	d.mustShow("‖ frozen: Z")
	still := d.screen()
	d.advance(3 * time.Second)
	if d.screen() != still {
		t.Errorf("it moved:\n%s", d.screen())
	}
	d.press("j", "Z")
	d.mustHide("frozen")
	if d.screen() == still {
		t.Error("it does not go on")
	}
}

func TestNothingIsDrawnWithoutFocus(t *testing.T) {
	d := newDriver(t, 120, 36)
	if !d.m.View().ReportFocus {
		t.Fatal("the terminal is not asked about the focus")
	}
	d.send(tea.BlurMsg{})
	still := d.m.View().Content
	if !strings.Contains(still, "no focus") {
		t.Error("it does not say that it stands still")
	}
	d.advance(5 * time.Second)
	if d.m.View().Content != still {
		t.Error("it is drawn without focus")
	}
	d.resize(100, 30)
	if d.m.View().Content == still {
		t.Error("it keeps the wrong size")
	}
	d.send(tea.FocusMsg{})
	d.mustHide("no focus")
	d.send(tea.BlurMsg{})
	d.press("j")
	d.mustHide("no focus") // whoever presses keys looks
	d.m.display.drawState.drawUnfocused = true
	d.send(tea.BlurMsg{})
	before := d.m.View().Content
	d.advance(5 * time.Second)
	if d.m.View().Content == before {
		t.Error("it stands still although it is not to")
	}
}

func TestInspectorSize(t *testing.T) {
	d := newDriver(t, 120, 36)
	for range 20 {
		d.press("+")
	}
	if s := d.m.screen.layout(); s.Table.H != 5 {
		t.Errorf("at its largest it leaves %d rows", s.Table.H)
	}
	for range 40 {
		d.press("-")
	}
	if s := d.m.screen.layout(); s.Inspector.H != 5 {
		t.Errorf("at its smallest it has %d rows", s.Inspector.H)
	}
	d.press("v", "+")
	d.mustShow("(docs.example) ──")
}

func TestRemappedKeysAreUsedAndShown(t *testing.T) {
	km, err := keys.Remap(map[string][]string{"evict": {"X"}, "undo": {"ctrl+y"}, "help": {"f1", "J"}})
	if err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, 120, 36, func(c *Config, _ *fake.Options) { c.Keys = km })
	d.press("d")
	d.mustHide("Evicted")
	d.mustShow("X evict", "F1 help")
	d.press("X")
	d.mustShow("Evicted Example Docs (docs.example)", "^y: bring back Example Docs")
	d.press("ctrl+y", "J")
	d.mustShow("X              move the site into the bin")

	// Texts that mention a key mention the one that works where they stand.
	km, err = keys.Remap(map[string][]string{"copy-url": {"C"}, "back": {"backspace"}})
	if err != nil {
		t.Fatal(err)
	}
	d = newDriver(t, 120, 36, func(c *Config, _ *fake.Options) { c.Keys = km })
	d.press("O")
	d.mustShow("y copies it, esc closes")
	d.press("y", "/")
	d.typeText("zzz")
	d.press("enter")
	d.mustShow("backspace  clears the filter")
	d.press("backspace")
	d.mustShow("docs.example")
}

func TestCopyNamesTheClipboard(t *testing.T) {
	put := func(where string, err error) option {
		return func(c *Config, _ *fake.Options) {
			c.Copy = func(context.Context, string) (string, error) { return where, err }
		}
	}
	d := newDriver(t, 120, 36, put("the clipboard", nil))
	d.press("y")
	d.mustShow("wtp://docs.example/ is in the clipboard")
	if d.clipboard != "" {
		t.Error("the terminal was asked as well")
	}
	d = newDriver(t, 120, 36, put("", errors.New("no display")))
	d.press("y")
	d.mustShow("wtp://docs.example/ sent to the terminal")
	d = newDriver(t, 120, 36, put("", errors.New("no display")), withEnviron("TERM=linux"))
	d.press("y")
	d.mustShow("wtp://docs.example/", "by hand")
	if d.clipboard != "" {
		t.Error("a terminal was asked that would show the request as text")
	}
}

func TestTitleAndProgressOnlyWhereTheyAreKnown(t *testing.T) {
	for _, c := range []struct {
		env             string
		title, progress bool
	}{
		{"TERM=xterm-256color", true, false},
		{"TERM=linux", false, false},
		{"TERM=vt100", false, false},
		{"TERM_PROGRAM=ghostty", true, true},
		{"WT_SESSION=1", true, true},
	} {
		d := newDriver(t, 120, 36, withEnviron(c.env))
		d.advance(3 * time.Second)
		v := d.m.View()
		if (v.WindowTitle != "") != c.title || (v.ProgressBar != nil) != c.progress {
			t.Errorf("%s: title %q, progress %v", c.env, v.WindowTitle, v.ProgressBar)
		}
		if c.title && !strings.HasSuffix(v.WindowTitle, "%") {
			t.Errorf("%s: title %q while something is loading", c.env, v.WindowTitle)
		}
	}
}

// An attached dashboard names the machine in the window's title and in the header.
func TestAttachedDashboardNamesTheMachine(t *testing.T) {
	d := newDriver(t, 80, 24, withEnviron("TERM=xterm-256color"), func(c *Config, _ *fake.Options) { c.Machine = "nas" })
	if title := d.m.View().WindowTitle; !strings.HasPrefix(title, "nas ") {
		t.Errorf("the title is %q", title)
	}
	if line := d.line(0); !strings.HasPrefix(line, " wtptui on nas ") {
		t.Errorf("the header is %q", line)
	}
}

func TestWindowsFitSmallScreens(t *testing.T) {
	for _, key := range []string{"s", "c", ",", ":", "L", "W", "Y", "!", "?", "a", "D", "O"} {
		d := newDriver(t, 60, 16)
		d.press(key)
		for range 30 {
			d.press("down")
		}
		if f := d.line(-1); !strings.Contains(f, "close") && !strings.Contains(f, "cancel") &&
			!strings.Contains(f, "answer") {
			t.Errorf("%s: the footer is %q\n%s", key, f, d.screen())
		}
	}
}

// Only a message about something that was done has a check mark.
func TestNoCheckMarkForWhatWasNotDone(t *testing.T) {
	d := newDriver(t, 120, 36)
	for _, press := range [][]string{{"u"}, {"n"}, {"w"}} {
		if d.press(press...); !strings.HasPrefix(d.toast(), " · ") {
			t.Errorf("after %v: %q", press, d.toast())
		}
	}
	if d.press("y"); !strings.HasPrefix(d.toast(), " ✓ ") {
		t.Errorf("after y: %q", d.toast())
	}
}

// The header shows that a label has limits as soon as a site has the label.
func TestLimitsOfALabelAreInTheHeader(t *testing.T) {
	d := newDriver(t, 120, 36)
	set := d.setLimits
	set(engine.Limits{Label: "nobodys", Down: 1 << 20})
	if head := d.line(0); strings.Contains(head, "≤") {
		t.Errorf("no site has the label: %q", head)
	}
	set(engine.Limits{Label: "mirror", Up: 500 << 10})
	if head := d.line(0); !strings.Contains(head, "mirror ≤500 K") {
		t.Errorf("the header is %q", head)
	}
	set(engine.Limits{Up: 2 << 20})
	d.resize(80, 24)
	if head := d.line(0); !strings.Contains(head, "≤2.0 M mirror ≤500 K") {
		t.Errorf("on eighty columns the header is %q", head)
	}
	d.press("L")
	d.mustShow("Label mirror", "upload 500 KB/s")
}

// Changes are shown at once in the windows of the limits, and a new label moves no other one from its key.
func TestLimitsAreLive(t *testing.T) {
	d := newDriver(t, 120, 36)
	set := d.setLimits
	d.press("L")
	d.mustShow("1  Label archive", "2  Label mirror")
	set(engine.Limits{Label: "aardvark", Up: 50 << 10})
	d.mustShow("1  Label archive", "2  Label mirror", "3  Label aardvark", "upload 50.0 KB/s")
	set(engine.Limits{Up: 3 << 20})
	d.mustShow("u  Upload", "3.0 MB/s")
	d.press("3")
	d.mustShow("Limits of the label aardvark", "50.0 KB/s")
	set(engine.Limits{Label: "aardvark", Up: 70 << 10, Down: 90 << 10})
	d.mustShow("70.0 KB/s", "90.0 KB/s")
	d.press("u")
	d.typeText("80K")
	d.press("enter")
	d.press("L")
	d.mustShow("download 90.0 KB/s, upload 80.0 KB/s")
}

// The schedule in force is shown in the header and among the limits, with the usual limits; otherwise the next one is.
func TestScheduleIsShown(t *testing.T) {
	with := func(s engine.Scheduled) option {
		return func(_ *Config, play *fake.Options) {
			play.Start = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
			s.Until = engine.At(play.Start.Add(6 * time.Hour))
			play.Schedule = s
		}
	}
	d := newDriver(t, 160, 36, with(engine.Scheduled{Name: "office", Up: true, Usual: engine.Limits{Up: 2 << 20}}))
	d.mustShow("office until 18:00")
	d.press("L")
	d.mustShow("Schedule office", "until 18:00, usually upload 2.0 MB/s")
	d.clickOn("Schedule office")
	d.mustHide("╭─ Rate limits")

	d = newDriver(t, 80, 24, with(engine.Scheduled{Name: "night", Next: "office", Paused: true}))
	d.mustShow("‖ all paused")
	d.press("L")
	d.mustShow("Schedule night", "until 18:00, all sites are paused")

	d = newDriver(t, 120, 36, with(engine.Scheduled{Next: "night"}))
	d.mustHide("until 18:00")
	d.press("L")
	d.mustShow("Schedule night", "from 18:00")

	d = newDriver(t, 120, 36)
	d.press("L")
	d.mustHide("Schedule")
}
