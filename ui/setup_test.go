package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/engine/fake"
)

// withStateFile sets the file for the dashboard's setup.
func withStateFile(file string) option {
	return func(c *Config, _ *fake.Options) { c.StateFile = file }
}

func TestSetupIsSavedAndRestored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.json")
	d := newDriver(t, 120, 36, withStateFile(file))
	d.press("2", "s", "z", "S", "c", "j", "j", "space", "esc", "+", "m")
	d.press(",", "right", "right", "right", "esc")
	d.press("/", "w", "i", "k", "enter", "W", "enter")
	for range 16 {
		d.press("backspace")
	}
	d.typeText("Wikis")
	d.press("enter")
	if _, err := os.Stat(file); err == nil {
		t.Error("it was written before a second had passed")
	}
	d.advance(time.Second)

	d = newDriver(t, 120, 36, withStateFile(file))
	d.mustShow("[2 Pinned 6]", "sort: Size ▲", "6 Wikis 1")
	d.mustHide("Title", "/wik")
	if d.m.display.appearance.mouse || d.m.screen.theme.Name != "high contrast" || d.m.screen.inspectorHeight != 17 {
		t.Errorf("mouse %v, theme %s, inspector %d", d.m.display.appearance.mouse, d.m.screen.theme.Name,
			d.m.screen.inspectorHeight)
	}
	d.press("6")
	d.mustShow("[6 Wikis 1]", "/wik", "wiki.pub")
	d.mustHide("blog.me")
	d.press("W", "6")
	d.mustShow("Forgot the view Wikis")
	d.mustHide("6 Wikis")
	d.press("v")
	d.m.setup.saveNow() // the program ends
	d = newDriver(t, 120, 36, withStateFile(file))
	if d.m.screen.inspectorShown() {
		t.Error("the inspector is back")
	}
}

func TestUnreadableSetupMeansDefaults(t *testing.T) {
	for name, c := range map[string]struct{ content, toast string }{
		"damaged":         {`{"version": 1, "view": 7`, "is damaged"},
		"of another kind": {`{"version": 1, "columns": "all"}`, "is damaged"},
		"from the future": {`{"version": 99, "view": {"view": 3}}`, "a newer wtptui"},
	} {
		t.Chdir(t.TempDir()) // Its whole name may be too long for a toast.
		const file = "screen.json"
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		d := newDriver(t, 120, 36, withStateFile(file))
		d.mustShow("[1 All 14]", "sort: Expires ▲")
		if !strings.Contains(d.toast(), "Default settings are used") || !strings.Contains(d.toast(), c.toast) {
			t.Errorf("%s: toast %q", name, d.toast())
		}
		d.press("2")
		d.advance(time.Second)
		after, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if keep := name == "from the future"; keep != (string(after) == c.content) {
			t.Errorf("%s: the file is now %s", name, after)
		}
	}
}

func TestUnwritableSetupIsReported(t *testing.T) {
	d := newDriver(t, 120, 36, withStateFile(filepath.Join(t.TempDir(), "no", "such", "folder")))
	d.press("2")
	d.advance(time.Second)
	d.mustShow("could not be saved")
}

func TestFlagsWinOverTheSetup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.json")
	if err := os.WriteFile(file, []byte(`{"version":1,"mouse":true,"ascii":false}`), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, 120, 36, withStateFile(file), asciiOnly, func(c *Config, _ *fake.Options) { c.NoMouse = true })
	if d.m.display.appearance.mouse || !d.m.display.appearance.ascii {
		t.Errorf("mouse %v, ASCII %v", d.m.display.appearance.mouse, d.m.display.appearance.ascii)
	}
}

func TestSettings(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press(",")
	for _, want := range []string{"dark", "light", "high contrast", "none", "auto"} {
		d.press("right")
		d.mustShow("‹ " + want + " ›")
		if want != "auto" && d.m.screen.theme.Name != want {
			t.Errorf("the theme is %s, not %s", d.m.screen.theme.Name, want)
		}
	}
	d.press("j", "enter")
	if strings.ContainsFunc(d.m.display.frame.draw(), func(r rune) bool { return r >= 0x80 }) {
		t.Error("ASCII only is not")
	}
	d.press("left", "j", "j", "left")
	d.mustHide("── docs.example")
	for _, door := range []string{"Columns", "Sort by", "Saved views", "Rate limits"} {
		d.press("esc", ",", "G")
		for !strings.Contains(d.screen(), "▸ "+door) {
			d.press("k")
		}
		d.press("enter")
		d.mustShow("╭─ " + door)
	}
}
