package ui

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Of the demo's sites wiki.pub has had four versions, and a fifth is on its way.
func TestSwitchingVersions(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("wiki.pub")
	was := d.mustSite("wiki.pub").Infohash
	d.press("enter")
	d.mustShow("DNS says", "another", "is on its way", "resolvers disagree",
		"● served", "↓ coming", "○ kept 21d", "✗ gone",
		"Next check")
	// Nothing is selected on a page that has just been opened.
	d.press("enter", "enter")
	d.mustShow("Nothing is selected here: j selects the first line")
	if s := d.mustSite("wiki.pub"); s.NoClearnet || s.Held {
		t.Errorf("enter did something to %+v", s)
	}
	// The first choice is the clearnet, then come the versions from the newest on.
	d.press("j", "enter")
	if !d.mustSite("wiki.pub").NoClearnet {
		t.Error("enter did not close the clearnet")
	}
	d.advance(time.Second)
	d.mustShow("● closed: its pages may ask no other server")
	d.press("enter")
	if d.mustSite("wiki.pub").NoClearnet {
		t.Error("enter did not open the clearnet again")
	}
	d.press("j", "j", "j", "enter")
	d.mustShow("Switch Wiki mirror (wiki.pub)?", "▸ No")
	d.press("enter")
	if d.mustSite("wiki.pub").Held {
		t.Fatal("a question that was not answered with yes switches")
	}
	d.press("enter", "y")
	s := d.mustSite("wiki.pub")
	if !s.Held || s.Infohash == was {
		t.Fatalf("the site is %+v", s)
	}
	d.advance(time.Second)
	d.mustShow("● held", "‖ held: stays at this version", "→ follow its owner again")
	d.press("enter")
	if !strings.Contains(d.toast(), "stays at this version already") {
		t.Errorf("toast %q", d.toast())
	}
	d.press("G", "enter", "y")
	if s = d.mustSite("wiki.pub"); s.Held {
		t.Errorf("the site is %+v", s)
	}
	if !strings.Contains(d.toast(), "Wiki mirror (wiki.pub) follows its owner again") {
		t.Errorf("toast %q", d.toast())
	}
	d.advance(time.Second)
	d.mustHide("→ follow its owner again")
}

// On a small screen the same lines are reached by scrolling.
func TestOverviewScrollsToItsChoices(t *testing.T) {
	d := newDriver(t, 60, 16)
	d.selectOnMain("wiki.pub")
	d.press("enter")
	d.mustHide("Versions")
	for range 40 {
		d.press("j")
	}
	d.mustShow("In all", "ratio")
	for range 40 {
		d.press("k")
	}
	d.mustShow("State")
	d.press("G")
	d.mustShow("In all")
	d.press("g")
	d.mustShow("State", "Title")
}

func TestCountdownsRun(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("news.example")
	d.press("enter")
	before := d.screen()
	d.advance(3 * time.Second)
	line := func(screen string) string {
		_, rest, _ := strings.Cut(screen, "Next check")
		rest, _, _ = strings.Cut(rest, "\n")
		return rest
	}
	if line(before) == line(d.screen()) || !strings.Contains(line(before), "in ") {
		t.Errorf("the countdown stands still: %q, then %q", line(before), line(d.screen()))
	}
}

func TestFoldersFoldAndFilesOpen(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("tomjwatson.com")
	d.press("enter", "3", "enter")
	if len(d.opened) > 0 {
		t.Errorf("nothing was selected, and it opened %q", d.opened)
	}
	d.mustShow("Nothing is selected here: j selects the first line")
	d.press("j", "enter")
	if len(d.opened) != 1 || !strings.HasPrefix(d.opened[0], "http://tomjwatson-com.localhost:7780/") {
		t.Errorf("opened %q", d.opened)
	}
	d.mustShow("assets/", "page-07.js", "text/javascript")
	d.press("j", "j", "j", "j", "enter")
	d.mustShow("assets/ …")
	d.mustHide("page-07.js")
}

func TestPiecesAndRequestsAreLive(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("radio.example.org")
	d.press("enter", "5")
	d.advance(2 * time.Second)
	here := d.line(3)
	d.mustShow("here ", "loading", "missing", "Peers that have each piece")
	d.advance(10 * time.Second)
	if d.line(3) == here {
		t.Errorf("the pieces stand still: %q", here)
	}
	d.press("6")
	d.mustShow("The first byte took", "had to come from the swarm", "Waited for")
	d.press("esc")
	d.selectOnMain("news.example")
	d.press("enter", "6")
	first := d.line(4)
	d.advance(30 * time.Second)
	if d.line(4) == first {
		t.Errorf("nobody reads the site: %q", first)
	}
}

func TestPublishOnTheScreen(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("blog.me")
	d.press("P")
	// Of the selected site of one's own a new version is offered, from the folder that it was published from.
	d.mustShow("A new version of My blog (blog.me)", "[Folder]", "/home/me/blog", "Left out as last time: drafts")
	d.press("enter")
	d.mustShow("[Check]", "1 new since last time")
	d.press("enter", "w", "y")
	d.mustShow("[Live]", ".wtpignore has 1 line more", "To go back to the version before")
	d.press("esc")
	d.mustHide("[Live]")
	// A path pasted anywhere is a folder to be published; the rest goes with the keys.
	d.selectOnMain("docs.example")
	d.paste("'/home/me/secret-site'\n")
	d.mustShow("[Folder]", "/home/me/secret-site")
	d.press("enter")
	d.mustShow("[Check]", "deploy/id_ed25519", "it looks like a private key", "✗ 2 to be decided")
	d.press("space", "j", "space", "enter")
	d.mustShow("[Review]", "cannot be unpublished", "▸ Not yet")
	d.press("y")
	d.mustShow("[Live]", "Who has it", "Can others load it?", "browsers and torrent clients can load it")
	d.advance(40 * time.Second)
	d.mustShow("with all of it")
	d.press("y")
	if !strings.HasPrefix(d.clipboard, "wtp://") {
		t.Errorf("copied %q", d.clipboard)
	}
	d.press("o")
	if len(d.opened) != 1 {
		t.Errorf("opened %q", d.opened)
	}
	d.press("esc")
	mine := 0
	for _, s := range d.m.conn.snap.Sites {
		if s.Mine && s.Title == "secret-site" {
			mine++
		}
	}
	if mine != 1 {
		t.Errorf("%d sites were published", mine)
	}
}

// A folder that is published under a key gets a stable address, and the person is told to back up the key.
func TestPublishUnderAKey(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("P")
	d.typeText("/home/me/new-site")
	d.press("down")
	d.typeText("key:a/b")
	d.press("enter")
	d.mustShow("is not a name for a key")
	d.press("ctrl+u")
	d.typeText("key:blog")
	d.press("enter")
	d.mustShow("[Check]")
	d.press("enter")
	d.mustShow("[Review]")
	d.press("y")
	d.mustShow("[Live]", "✓ stored by 12 nodes", "wtptui keys export blog FILE")
	d.mustHide("TXT records")
}

func TestPublishNeedsAnEngine(t *testing.T) {
	d := newDriver(t, 120, 36)
	_ = d.engine.Close()
	d.drainSnapshots()
	d.press("P")
	d.mustHide("[Folder]")
	d = newDriver(t, 120, 36)
	d.press("P")
	_ = d.engine.Close()
	d.drainSnapshots()
	d.paste("/home/me/site")
	d.press("enter")
	d.mustShow("the engine has stopped")
}

// For a page that lacks parts the requests say so, and open it again.
func TestMissingPartsAreShown(t *testing.T) {
	d := newDriver(t, 120, 36)
	openTab("old.site", "1")(d)
	d.mustShow("⚠ 2 parts missing: reload /index.html")
	d.press("6")
	d.mustShow("⚠ 2 parts of /index.html did not come in time: o opens it again")
	d.press("enter")
	if len(d.opened) > 0 {
		t.Errorf("enter has opened %q", d.opened)
	}
	d.press("o")
	if !slices.Equal(d.opened, []string{"http://old-site.localhost:7780/index.html"}) {
		t.Errorf("opened %q", d.opened)
	}
}
