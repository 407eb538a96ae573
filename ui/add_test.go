package ui

import (
	"os"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
)

func TestAddByTyping(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("a")
	d.mustShow("Add a site", "magnet:?xt=urn:btih:")
	d.typeText("new.example/page")
	d.mustShow("✓ the site new.example")
	d.press("enter")
	d.mustHide("Add a site")
	if d.selected() != "new.example" || !strings.Contains(d.toast(), "Added new.example") {
		t.Fatalf("selected %q, toast %q", d.selected(), d.toast())
	}
	d.mustShow("FIND")
	d.advance(2 * time.Second)
	d.mustShow("LOAD")
	if d.advance(5 * time.Minute); d.mustSite("new.example").State != engine.Seeding {
		t.Fatalf("it is %+v", d.mustSite("new.example"))
	}
}

func TestAddByPasteAnywhere(t *testing.T) {
	for _, where := range [][]string{nil, {"enter"}, {"v"}, {"?"}, {"s"}, {","}, {"c"}, {"!"}, {"O"}, {"Y"}} {
		d := newDriver(t, 80, 24)
		d.press(where...)
		d.paste("  wtp://paste.example/x \n")
		d.mustShow("Add a site", "wtp://paste.example/x", "✓ the site paste.example")
		d.press("enter")
		d.mustSite("paste.example")
	}
}

func TestAddRevealsWhatAViewOrFilterHides(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("2", "/")
	d.typeText("wiki")
	d.press("enter")
	d.paste("fresh.example")
	d.press("enter")
	if d.selected() != "fresh.example" {
		t.Fatalf("selected is %q:\n%s", d.selected(), d.screen())
	}
}

func TestBadAddressIsExplainedInThePrompt(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.paste("ftp://example.com/")
	d.mustShow("✗ ftp:// is not a wtp address")
	d.press("enter")
	d.mustShow("Add a site")
	for range len("ftp://example.com/") {
		d.press("backspace")
	}
	d.mustHide("✗ ftp")
	d.typeText("nodots")
	d.press("enter")
	d.mustShow("not a domain, an infohash or a key", "try wtp://")
	d.press("esc")
	d.mustHide("Add a site")
	if len(d.m.conn.snap.Sites) != len(fake.Demo()) {
		t.Error("something was added")
	}
}

// A web address is replaced by the corresponding wtp address, which is never added unseen.
func TestWebAddressIsOffered(t *testing.T) {
	for name, give := range map[string]func(*driver){
		"pasted": func(d *driver) {
			d.paste("https://web.example/a?b")
			d.mustShow("✗ that is a web address; as a wtp site it would be wtp://web.example/a?b")
		},
		"typed": func(d *driver) { d.press("a"); d.typeText("HTTP://Web.example/a?b") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDriver(t, 80, 24)
			give(d)
			d.press("enter")
			d.mustShow("Add a site", "› wtp://web.example/a?b", "⚠ That was a web address", "Enter adds this wtp address",
				"✓ the site web.example")
			d.typeText("c")
			d.mustHide("⚠ That was a web address")
			d.press("backspace", "enter")
			d.mustHide("Add a site")
			d.mustSite("web.example")
		})
	}
	d := newDriver(t, 80, 24)
	d.paste("https://web.example:8080/")
	d.press("enter")
	d.mustShow("https://web.example:8080/", "✗ a wtp address has no port")
}

func TestAddTorrentFile(t *testing.T) {
	d := newDriver(t, 120, 36)
	t.Chdir(t.TempDir()) // Its whole name may be too long for a line.
	const file = "site.torrent"
	d.paste(file)
	d.press("enter")
	d.mustShow("cannot read", "check the path")
	if err := os.WriteFile(file, []byte("d4:infod6:lengthi3e4:name5:a.txtee"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.press("enter")
	d.mustHide("Add a site")
	if !engine.IsInfohash(d.selected()) {
		t.Fatalf("selected is %q", d.selected())
	}
}

func TestStartAddress(t *testing.T) {
	d := newDriver(t, 120, 36, func(c *Config, _ *fake.Options) { c.StartAddress = "wtp://first.example/" })
	if d.selected() != "first.example" {
		t.Fatalf("selected is %q", d.selected())
	}
	d = newDriver(t, 120, 36, func(c *Config, _ *fake.Options) { c.StartAddress = "ftp://x.y/" })
	if !strings.Contains(d.toast(), "Could not add ftp://x.y/: ftp:// is not a wtp address") {
		t.Fatalf("toast %q", d.toast())
	}
}

// On eighty columns a problem takes as many lines as it needs, so that its end, which says what to do, is visible.
func TestProblemsAreReadWhole(t *testing.T) {
	d := newDriver(t, 80, 24, func(c *Config, _ *fake.Options) { c.StartAddress = "ftp://x.y/" })
	lines := strings.Split(d.screen(), "\n")
	said := strings.Join(strings.Fields(strings.Join(lines[len(lines)-4:len(lines)-1], " ")), " ")
	const want = "✗ Could not add ftp://x.y/: ftp:// is not a wtp address; " +
		"try wtp://tomjwatson.com/ or an infohash of 40 hex digits"
	if !strings.HasSuffix(said, want) {
		t.Errorf("%q", said)
	}
	// A window leaves it the toast line alone, which shows its beginning.
	d.press("?")
	lines = strings.Split(d.screen(), "\n")
	if n := len(lines); !strings.Contains(lines[n-2], "✗ Could not add ftp://x.y/: ftp:// is not") ||
		!strings.Contains(lines[n-3], "╰─") {
		t.Errorf("%q", lines[n-3:])
	}
}
