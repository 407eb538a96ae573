package ui

import (
	"testing"
	"time"

	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

// Esc and a key within the escape-time of tmux arrive as Alt with that key.
func TestAltIsEscAndTheKey(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("/", "w", "i", "k", "i", "enter", "alt+/")
	d.typeText("pdx")
	d.mustShow("/pdx")
	d.mustBeUntouched()
	d.press("esc", "alt+j", "alt+enter")
	if d.m.screen.page == nil {
		t.Errorf("alt+enter does not open the page:\n%s", d.screen())
	}
	d.press("alt+esc")
	if d.press("esc"); d.m.screen.page != nil {
		t.Error("two Esc do not leave the page")
	}
	host := d.selected()
	before := d.mustSite(host).Pinned
	if d.press("alt+p"); d.mustSite(host).Pinned == before {
		t.Error("alt+p on the main screen is not Esc, and then p")
	}
	d.press("alt+shift+p")
	d.mustShow("Publish")
}

// mustBeUntouched checks that nothing happened to any site.
func (d *driver) mustBeUntouched() {
	d.t.Helper()
	fresh := newDriver(d.t, 120, 36)
	if len(d.m.conn.snap.Sites) != len(fresh.m.conn.snap.Sites) {
		d.t.Fatalf("a site is gone, or another has come:\n%s", d.screen())
	}
	for i, s := range fresh.m.conn.snap.Sites {
		if now := d.m.conn.snap.Sites[i]; now.Pinned != s.Pinned || now.State != s.State || now.NoClearnet != s.NoClearnet {
			d.t.Fatalf("something was done to %s:\n%s", s.Host, d.screen())
		}
	}
}

func TestAltWhileTypingEndsTheTextAndDoesNothingToSites(t *testing.T) {
	for name, typing := range map[string][]string{
		"filter": {"/", "w", "i"}, "prompt": {"a", "w"}, "palette": {":", "w"}, "entry": {"W", "s", "x"},
		"folder": {"P", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, burst := range [][]string{
				{"alt+p", "d", "x"},
				{"alt+d", "d"},
				{"alt+q"},
				{"alt+t", "p"},
				{"alt+f", "u", "enter"},
			} {
				d := newDriver(t, 120, 36)
				if d.press(typing...); !keys.Typing(d.m.screen.situation()) {
					t.Fatalf("nothing is being typed:\n%s", d.screen())
				}
				d.press(burst...)
				if d.m.screen.situation() != "main" || d.m.screen.list.Filter() != "" || d.quit {
					t.Fatalf("%v: the text is not ended alone:\n%s", burst, d.screen())
				}
				d.mustShow("Press it again")
				d.mustBeUntouched()
				d.advance(time.Second)
				host := d.selected()
				if d.press("x"); d.mustSite(host).State != "paused" {
					t.Errorf("%v: a second later, keys do not work:\n%s", burst, d.screen())
				}
			}
			d := newDriver(t, 120, 36)
			d.press(append(typing, "alt+/", "p", "d", "x")...)
			d.mustShow("/pdx")
			d.mustBeUntouched()
		})
	}
}

func TestAltThatIsBoundIsAlt(t *testing.T) {
	km, err := keys.Remap(map[string][]string{"pin": {"alt+p", "alt+X"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"alt+p", "alt+shift+x"} {
		d := newDriver(t, 120, 36, func(c *Config, _ *fake.Options) { c.Keys = km })
		d.press("/", "w", "i", "k", "i", "enter")
		before := d.mustSite(d.selected()).Pinned
		host := d.selected()
		if d.press(key); d.mustSite(host).Pinned == before || d.m.screen.list.Filter() == "" {
			t.Errorf("%s: %s", key, d.screen())
		}
	}
	d := newDriver(t, 120, 36)
	d.press("/", "w", "i", "alt+left", "x")
	d.mustShow("/xwi")
}
