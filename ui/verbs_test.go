package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
)

func withoutBin(_ *Config, o *fake.Options) { o.BinPeriod = -1 }

func TestEvictAndUndo(t *testing.T) {
	d := newDriver(t, 120, 36, withoutBin)
	d.selectSite("news.example")
	d.press("d")
	if _, there := d.site("news.example"); there {
		t.Fatal("d did not evict")
	}
	if d.selected() == "news.example" || d.selected() == "" {
		t.Fatalf("selected is %q", d.selected())
	}
	if !strings.Contains(d.toast(),
		"✓ Evicted The Daily Example (news.example), 8.2 MB — u: bring back The Daily Example, 10s") {
		t.Fatalf("toast %q", d.toast())
	}
	d.advance(3 * time.Second)
	if !strings.Contains(d.toast(), "u: bring back The Daily Example, 7s") {
		t.Fatalf("toast %q", d.toast())
	}
	d.press("u")
	d.mustSite("news.example")
	if d.selected() != "news.example" || !strings.Contains(d.toast(), "Brought back The Daily Example") {
		t.Fatalf("selected %q, toast %q", d.selected(), d.toast())
	}
	d.press("d")
	d.advance(11 * time.Second)
	if strings.Contains(d.toast(), "u: ") {
		t.Fatalf("the offer outlives its time: %q", d.toast())
	}
	d.press("u")
	if !strings.Contains(d.toast(), "nothing to undo") {
		t.Fatalf("toast %q", d.toast())
	}
}

// A site in the bin can be brought back also when the offer is no longer shown, and removed sites too.
func TestUndoFromTheBin(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("news.example")
	d.press("d")
	d.selectSite("wiki.pub")
	d.press("D", "tab", "enter")
	d.mustShow("✓ Removed Wiki mirror (wiki.pub) with its history, 210 MB — u: bring back Wiki mirror, 1d")
	d.advance(11 * time.Second)
	if strings.Contains(d.toast(), "u: ") {
		t.Fatalf("the offer is still shown: %q", d.toast())
	}
	d.advance(time.Hour)
	d.press("u")
	if !d.mustSite("wiki.pub").Pinned {
		t.Error("the pin did not come back")
	}
	d.press("u")
	d.mustSite("news.example")
}

func TestUndoTakesTheNewestFirst(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	d.press("d")
	d.selectSite("news.example")
	d.press("d")
	if !strings.Contains(d.toast(), "Evicted The Daily Example (news.example)") {
		t.Fatalf("toast %q", d.toast())
	}
	d.press("u")
	if d.mustSite("news.example"); !strings.HasSuffix(d.toast(), "U: evict The Daily Example") {
		t.Fatalf("toast %q", d.toast())
	}
	d.press("u")
	if !d.mustSite("wiki.pub").Pinned {
		t.Error("the pin did not come back")
	}
}

func TestRemoveAsks(t *testing.T) {
	d := newDriver(t, 120, 36, withoutBin)
	d.selectSite("wiki.pub")
	for _, no := range [][]string{{"D", "enter"}, {"D", "n"}, {"D", "esc"}, {"D", "tab", "tab", "enter"}, {"D", "q"}} {
		d.press(no[0])
		d.mustShow("Remove Wiki mirror (wiki.pub)?", "its history", "▸ No")
		d.press(no[1:]...)
		d.mustHide("Remove Wiki mirror (wiki.pub)?")
		d.mustSite("wiki.pub")
	}
	d.press("D", "tab")
	d.mustShow("▸ Remove")
	d.press("enter")
	if _, there := d.site("wiki.pub"); there {
		t.Fatal("it is still there")
	}
	d.selectSite("blog.me")
	d.press("D", "y")
	if _, there := d.site("blog.me"); there {
		t.Fatal("y did not remove")
	}
	if d.press("u"); !strings.Contains(d.toast(), "nothing to undo") {
		t.Fatalf("toast %q", d.toast())
	}
}

func TestPinAndTouch(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("t")
	if left := d.mustSite("docs.example").ExpiresAt.Std().Sub(d.engine.Now()); left != 30*time.Minute {
		t.Errorf("t left %v", left)
	}
	d.selectSite("docs.example")
	d.press("p")
	if !d.mustSite("docs.example").Pinned || d.selected() == "docs.example" {
		t.Error("p did not pin, or the cursor went with the row")
	}
	d.selectSite("docs.example")
	d.press("t")
	if !strings.Contains(d.toast(), "never expires") {
		t.Errorf("toast %q", d.toast())
	}
	if d.press("p"); d.mustSite("docs.example").Pinned {
		t.Error("p did not unpin")
	}
}

func TestPauseAnnounceVerifyAllow(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	if d.press("x"); d.mustSite("wiki.pub").State != engine.Paused {
		t.Error("x did not pause")
	}
	if d.press("x"); d.mustSite("wiki.pub").State != engine.Seeding {
		t.Error("x did not resume")
	}
	if d.press("R"); !d.mustSite("wiki.pub").Checking {
		t.Error("R did not verify")
	}
	d.mustShow("VERIF")
	d.press("r")
	det, err := d.engine.Detail(t.Context(), "wiki.pub")
	if err != nil || !det.Trackers[0].Last.Std().Equal(d.engine.Now()) {
		t.Errorf("r did not announce: %v %+v", err, det.Trackers)
	}
	if d.press("w"); !strings.Contains(d.toast(), "was not refused for its size") {
		t.Errorf("toast %q", d.toast())
	}
	if strings.Contains(d.line(-1), "w allow") {
		t.Error("the footer offers to allow what is allowed")
	}
	d.selectSite("maps.example.net")
	if !strings.Contains(d.line(-1), "w allow") {
		t.Errorf("the footer is %q", d.line(-1))
	}
	if d.press("w"); d.mustSite("maps.example.net").State != engine.Downloading {
		t.Error("w did not allow")
	}
}

func TestOpenShowCopy(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	const local = "http://docs-example.localhost:7780/"
	d.press("o")
	if !slices.Equal(d.opened, []string{local}) || !strings.Contains(d.toast(), "Opening "+local) {
		t.Fatalf("opened %q, toast %q", d.opened, d.toast())
	}
	d.press("O")
	d.mustShow("Local address", local)
	if d.press("y"); d.clipboard != local {
		t.Errorf("copied %q", d.clipboard)
	}
	d.press("y")
	if d.clipboard != "wtp://docs.example/" || !strings.Contains(d.toast(), "wtp://docs.example/ sent to the terminal") {
		t.Errorf("copied %q, toast %q", d.clipboard, d.toast())
	}
	// Where files are shown it is the selected one that opens.
	d.press("enter", "3", "j", "j", "j", "j", "o")
	if last := d.opened[len(d.opened)-1]; last != local+"style.css" {
		t.Errorf("opened %q", last)
	}
	d.m.cfg.OpenURL = func(string, string) error { return errors.New("no such program") }
	d.press("o")
	if !strings.Contains(d.toast(), "Could not open a browser: no such program. O shows the address") {
		t.Errorf("toast %q", d.toast())
	}
}

func TestOpenOverSSH(t *testing.T) {
	d := newDriver(t, 120, 36, withEnviron("SSH_CONNECTION=203.0.113.5 50000 198.51.100.2 22"))
	d.selectSite("docs.example")
	d.press("o")
	d.mustShow("ssh -L 7780:127.0.0.1:7780 198.51.100.2", "http://docs-example.localhost:7780/")
	if len(d.opened) != 0 ||
		d.clipboard != "ssh -L 7780:127.0.0.1:7780 198.51.100.2\nhttp://docs-example.localhost:7780/" {
		t.Errorf("opened %q, copied %q", d.opened, d.clipboard)
	}
}
