package ui

import (
	"errors"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

func colorProfile(p colorprofile.Profile) tea.Msg { return tea.ColorProfileMsg{Profile: p} }

func TestFilter(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("/")
	d.typeText("DOCS")
	d.mustShow("/DOCS", "1 of 14", "docs.example")
	d.mustHide("wiki.pub", "▸ ★")
	d.press("enter", "p")
	if !d.mustSite("docs.example").Pinned {
		t.Error("keys do not work while a filter is kept")
	}
	d.press("esc")
	d.mustShow("wiki.pub")
	d.press("/")
	d.typeText("q?")
	d.mustShow("No site here matches the filter “q?”")
	d.press("esc")
	d.mustShow("wiki.pub")
	if d.quit {
		t.Error("a letter of the filter was a key")
	}
}

func TestViews(t *testing.T) {
	d := newDriver(t, 120, 36)
	for key, want := range map[string][]string{
		"2": {"wiki.pub", "blog.me", "tomjwatson.com"},
		"4": {"old.site", "radio.example.org"},
		"5": {"blog.me"},
	} {
		d.press(key)
		for _, s := range fake.Demo() {
			// The first line with the host is the table's; the inspector has it as well.
			table := strings.Split(d.screen(), "── ")[0]
			if got := strings.Contains(table, " "+s.Host+" "); got != slices.Contains(want, s.Host) &&
				s.State != engine.Metadata {
				t.Errorf("view %s: %s shown: %v", key, s.Host, got)
			}
		}
	}
}

// A new order shows its top. When rows move for other reasons the selection stays where it is.
func TestSelectionIsByHost(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = fake.ManySites(400) })
	for range 9 {
		for _, k := range []string{">", "S", "2", "1"} {
			d.press("G", "k", "k", k)
			if !strings.HasPrefix(d.line(3), "▸") {
				t.Fatalf("after %s the top is not shown:\n%s", k, d.screen())
			}
		}
	}
	d.press("s", "i", "j", "j")
	host := d.selected()
	d.advance(10 * time.Second)
	if d.selected() != host {
		t.Fatalf("new rates moved the selection to %q", d.selected())
	}
}

func TestMovement(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = fake.ManySites(100) })
	d.press("s", "w") // by site
	at := func(want int, keys ...string) {
		t.Helper()
		d.press(keys...)
		i := slices.IndexFunc(d.m.conn.snap.Sites, func(s engine.Site) bool { return s.Host == d.selected() })
		if i != want {
			t.Errorf("after %v row %d is selected, want %d", keys, i, want)
		}
	}
	at(0, "g")
	at(0, "k")
	at(2, "j", "down")
	at(1, "up")
	at(99, "G")
	at(99, "j", "pgdown")
	at(0, "home")
	d.press("pgdown")
	if d.selected() == "site-00000.example" {
		t.Error("a page down went nowhere")
	}
	at(0, "pgup")
	at(99, "end")
}

func TestInspector(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	d.mustShow("(wiki.pub) ──", "[Peers 31]", "max ")
	d.press("]")
	d.mustShow("[Files 958]", "index.html")
	d.press("tab", "j", "j")
	if d.selected() != "wiki.pub" {
		t.Error("keys moved the table while the inspector has them")
	}
	d.press("esc", "k")
	d.mustShow("(tomjwatson.com) ──")
	d.press("v")
	d.mustHide("── tomjwatson.com")
	d.resize(80, 24)
	d.press("v")
	d.mustShow("── tomjwatson.com ──", "[Files 34]")
	d.mustHide("wiki.pub")
	d.press("esc")
	d.mustShow("wiki.pub")
}

func TestPage(t *testing.T) {
	d := newDriver(t, 80, 24)
	d.selectSite("radio.example.org")
	d.press("enter")
	d.mustShow("[Overview]", "wtp://radio.example.org/", "http://radio-example-org.localhost:7780/", "in 412 files",
		" of 1.2 GB")
	for i, want := range []string{"[Peers 19]", "[Files 412]", "[Trackers 3]", "[Pieces", "[Requests", "[Log"} {
		d.press("tab")
		d.mustShow(want)
		if want == "[Trackers 3]" {
			d.mustShow("no answer in 15s", "● working")
		}
		d.press("1", string(rune('2'+i)))
		d.mustShow(want)
	}
	d.press("tab")
	d.mustShow("[Overview]")
	d.press("q")
	d.mustShow("[1 All 14]")
	if d.quit {
		t.Error("q left the program instead of the page")
	}
	d.press("enter", "d")
	d.mustShow("[1 All 13]", "Evicted Night Radio")
}

func TestPageOfARemovedSite(t *testing.T) {
	d := newDriver(t, 80, 24)
	d.selectSite("docs.example")
	d.press("enter")
	d.advance(5 * time.Minute)
	d.mustShow("✗ GONE")
	d.press("p", "d", "o")
	d.mustShow("No site is selected")
	d.press("esc")
	d.mustHide("docs.example")
}

func TestQuitSuspendRedraw(t *testing.T) {
	d := newDriver(t, 80, 24)
	if d.press("ctrl+z"); !d.suspended {
		t.Error("ctrl+z does not suspend")
	}
	if d.press("ctrl+l"); !d.redrawn {
		t.Error("ctrl+l does not redraw")
	}
	for _, before := range [][]string{nil, {"a"}, {"D"}, {"?"}, {"/"}, {"enter"}} {
		d := newDriver(t, 80, 24)
		d.press(before...)
		if d.press("ctrl+c"); !d.quit {
			t.Errorf("ctrl+c does not quit after %v", before)
		}
	}
	if d.press("q"); !d.quit {
		t.Error("q does not quit")
	}
}

func TestStartingBrokenLost(t *testing.T) {
	d := newDriver(t, 80, 24, withFailingStart)
	d.mustShow("not started", "another wtptui uses this data folder", "q quits")
	d.press("d", "a")
	if d.press("esc", "q"); !d.quit || !errors.Is(d.m.conn.err, errTaken) {
		t.Errorf("quit %v, error %v", d.quit, d.m.conn.err)
	}

	d = newDriver(t, 80, 24)
	_ = d.engine.Close()
	d.drainSnapshots()
	d.mustShow("engine stopped", "The engine has stopped", "docs.example")
	d.press("p")
	d.advance(time.Second)
	if d.paste("x.example"); d.m.screen.windows.shown == nil {
		t.Fatal("no prompt")
	}
	d.press("enter")
	d.mustShow("The engine has stopped")
}

func TestEventsAreShown(t *testing.T) {
	d := newDriver(t, 120, 36)
	if d.toast() != "" {
		t.Fatalf("what was before is told: %q", d.toast())
	}
	d.selectSite("wiki.pub")
	d.advance(4*time.Minute + 13*time.Second)
	if !strings.Contains(d.toast(), "Example Docs (docs.example): left the cache") {
		t.Fatalf("toast %q", d.toast())
	}
	// Somebody else evicts, through another screen: the bin has it for this one as well.
	if err := d.engine.Do(t.Context(), engine.Evict, "news.example"); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	if !strings.Contains(d.toast(), "The Daily Example (news.example): evicted. b shows the bin") {
		t.Fatalf("toast %q", d.toast())
	}
}

func TestHelpNamesEveryKeyOfTheScreens(t *testing.T) {
	d := newDriver(t, 120, 120)
	d.press("?")
	for _, b := range keys.All() {
		switch b.Scope {
		case keys.Verbs, keys.Main, keys.Global, keys.Page, keys.Move, keys.Always:
		default:
			continue // a window's own keys stand in the footer
		}
		d.mustShow(strings.Fields(b.Help)[0])
	}
	d.press("?")
	d.mustHide("╭─ Keys")
}

func TestBackgroundDecidesTheTheme(t *testing.T) {
	d := newDriver(t, 80, 24)
	if d.m.screen.theme.Name != "dark" {
		t.Errorf("it begins %s", d.m.screen.theme.Name)
	}
	black, white := tea.BackgroundColorMsg{Color: color.Black}, tea.BackgroundColorMsg{Color: color.White}
	if d.send(white); d.m.screen.theme.Name != "light" {
		t.Errorf("on white it is %s", d.m.screen.theme.Name)
	}
	if light := newDriver(t, 80, 24, withEnviron("COLORFGBG=0;default;15")); light.m.screen.theme.Name != "light" {
		t.Errorf("COLORFGBG: it is %s", light.m.screen.theme.Name)
	}
	d.send(black)
	for p, want := range map[colorprofile.Profile]string{
		colorprofile.TrueColor: "dark", colorprofile.ANSI: "16 colours",
		colorprofile.ASCII: "none",
	} {
		if d.send(colorProfile(p)); d.m.screen.theme.Name != want {
			t.Errorf("profile %v: theme %s", p, d.m.screen.theme.Name)
		}
	}
}
