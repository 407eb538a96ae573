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
	d := drive(t, 120, 36)
	d.press("a")
	d.shows("Add a site", "magnet:?xt=urn:btih:")
	d.write("new.example/page")
	d.shows("✓ the site new.example")
	d.press("enter")
	d.hides("Add a site")
	if d.selected() != "new.example" || !strings.Contains(d.toast(), "Added new.example") {
		t.Fatalf("selected %q, toast %q", d.selected(), d.toast())
	}
	d.shows("FIND")
	d.pass(2 * time.Second)
	d.shows("LOAD")
	if d.pass(5 * time.Minute); d.mustSite("new.example").State != engine.Seeding {
		t.Fatalf("it is %+v", d.mustSite("new.example"))
	}
}

func TestAddByPasteAnywhere(t *testing.T) {
	for _, where := range [][]string{nil, {"enter"}, {"v"}, {"?"}, {"s"}, {","}, {"c"}, {"!"}, {"O"}, {"Y"}} {
		d := drive(t, 80, 24)
		d.press(where...)
		d.paste("  wtp://paste.example/x \n")
		d.shows("Add a site", "wtp://paste.example/x", "✓ the site paste.example")
		d.press("enter")
		d.mustSite("paste.example")
	}
}

func TestAddRevealsWhatAViewOrFilterHides(t *testing.T) {
	d := drive(t, 120, 36)
	d.press("2", "/")
	d.write("wiki")
	d.press("enter")
	d.paste("fresh.example")
	d.press("enter")
	if d.selected() != "fresh.example" {
		t.Fatalf("selected is %q:\n%s", d.selected(), d.screen())
	}
}

func TestBadAddressIsExplainedInThePrompt(t *testing.T) {
	d := drive(t, 120, 36)
	d.paste("http://example.com/")
	d.shows("✗ an http:// address is taken only when")
	d.press("enter")
	d.shows("Add a site")
	for range len("http://example.com/") {
		d.press("backspace")
	}
	d.hides("✗ an http")
	d.write("nodots")
	d.press("enter")
	d.shows("neither a domain nor an infohash", "try wtp://")
	d.press("esc")
	d.hides("Add a site")
	if len(d.m.snap.Sites) != len(fake.Demo()) {
		t.Error("something was added")
	}
}

func TestAddTorrentFile(t *testing.T) {
	d := drive(t, 120, 36)
	t.Chdir(t.TempDir()) // Its whole name may be too long for a line.
	const file = "site.torrent"
	d.paste(file)
	d.press("enter")
	d.shows("cannot read", "check the path")
	if err := os.WriteFile(file, []byte("d4:infod6:lengthi3e4:name5:a.txtee"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.press("enter")
	d.hides("Add a site")
	if !engine.IsInfohash(d.selected()) {
		t.Fatalf("selected is %q", d.selected())
	}
}

func TestStartAddress(t *testing.T) {
	d := drive(t, 120, 36, func(c *Config, _ *fake.Options) { c.StartAddress = "wtp://first.example/" })
	if d.selected() != "first.example" {
		t.Fatalf("selected is %q", d.selected())
	}
	d = drive(t, 120, 36, func(c *Config, _ *fake.Options) { c.StartAddress = "ftp://x.y/" })
	if !strings.Contains(d.toast(), "Could not add ftp://x.y/: ftp:// is not a wtp address") {
		t.Fatalf("toast %q", d.toast())
	}
}
