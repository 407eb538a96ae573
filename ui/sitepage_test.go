package ui

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Of the demo's sites wiki.pub has had four versions, and a fifth is on its way.
func TestSwitchingVersions(t *testing.T) {
	d := drive(t, 120, 36)
	d.visit("wiki.pub")
	was := d.mustSite("wiki.pub").Infohash
	d.press("enter")
	d.shows("DNS says", "another", "is on its way", "resolvers disagree", "● served", "↓ coming", "○ kept 21d", "✗ gone",
		"Next check")
	// Nothing is selected on a page that has just been opened.
	d.press("enter", "enter")
	d.shows("Nothing is selected here: j selects the first line")
	if s := d.mustSite("wiki.pub"); s.NoClearnet || s.Held {
		t.Errorf("enter did something to %+v", s)
	}
	// The first choice is the clearnet, then come the versions from the newest on.
	d.press("j", "enter")
	if !d.mustSite("wiki.pub").NoClearnet {
		t.Error("enter did not close the clearnet")
	}
	d.pass(time.Second)
	d.shows("● closed: its pages may ask no other server")
	d.press("enter")
	if d.mustSite("wiki.pub").NoClearnet {
		t.Error("enter did not open the clearnet again")
	}
	d.press("j", "j", "j", "enter")
	d.shows("Switch Wiki mirror (wiki.pub)?", "▸ No")
	d.press("enter")
	if d.mustSite("wiki.pub").Held {
		t.Fatal("a question that was not answered with yes switches")
	}
	d.press("enter", "y")
	s := d.mustSite("wiki.pub")
	if !s.Held || s.Infohash == was {
		t.Fatalf("the site is %+v", s)
	}
	d.pass(time.Second)
	d.shows("● held", "‖ held: stays here whatever its owner says", "→ follow its owner again")
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
	d.pass(time.Second)
	d.hides("→ follow its owner again")
}

// On a small screen the same lines are reached by scrolling.
func TestOverviewScrollsToItsChoices(t *testing.T) {
	d := drive(t, 60, 16)
	d.visit("wiki.pub")
	d.press("enter")
	d.hides("Versions")
	for range 40 {
		d.press("j")
	}
	d.shows("In all", "ratio")
	for range 40 {
		d.press("k")
	}
	d.shows("State")
	d.press("G")
	d.shows("In all")
	d.press("g")
	d.shows("State", "Title")
}

func TestCountdownsRun(t *testing.T) {
	d := drive(t, 120, 36)
	d.visit("news.example")
	d.press("enter")
	before := d.screen()
	d.pass(3 * time.Second)
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
	d := drive(t, 120, 36)
	d.visit("tomjwatson.com")
	d.press("enter", "3", "enter")
	if len(d.opened) > 0 {
		t.Errorf("nothing was selected, and it opened %q", d.opened)
	}
	d.shows("Nothing is selected here: j selects the first line")
	d.press("j", "enter")
	if len(d.opened) != 1 || !strings.HasPrefix(d.opened[0], "http://tomjwatson-com.localhost:7780/") {
		t.Errorf("opened %q", d.opened)
	}
	d.shows("assets/", "page-07.js", "text/javascript")
	d.press("j", "j", "j", "j", "enter")
	d.shows("assets/ …")
	d.hides("page-07.js")
}

func TestPiecesAndRequestsAreLive(t *testing.T) {
	d := drive(t, 120, 36)
	d.visit("radio.example.org")
	d.press("enter", "5")
	d.pass(2 * time.Second)
	here := d.line(3)
	d.shows("here ", "loading", "missing", "Peers that have each piece")
	d.pass(10 * time.Second)
	if d.line(3) == here {
		t.Errorf("the pieces stand still: %q", here)
	}
	d.press("6")
	d.shows("Its first byte waited", "had to come from the swarm", "Waited for")
	d.press("esc")
	d.visit("news.example")
	d.press("enter", "6")
	first := d.line(4)
	d.pass(30 * time.Second)
	if d.line(4) == first {
		t.Errorf("nobody reads the site: %q", first)
	}
}

func TestPublishOnTheScreen(t *testing.T) {
	d := drive(t, 120, 36)
	d.visit("blog.me")
	d.press("P")
	// Of the selected site of one's own a new version is offered, from the folder that it was published from.
	d.shows("A new version of My blog (blog.me)", "[Folder]", "/home/me/blog", "Left out as last time: drafts")
	d.press("enter")
	d.shows("[Check]", "1 new since last time")
	d.press("enter", "w", "y")
	d.shows("[Live]", ".wtpignore has 1 line more", "Back to the version before?")
	d.press("esc")
	d.hides("[Live]")
	// A path pasted anywhere is a folder to be published; the rest goes with the keys.
	d.visit("docs.example")
	d.paste("'/home/me/secret-site'\n")
	d.shows("[Folder]", "/home/me/secret-site")
	d.press("enter")
	d.shows("[Check]", "deploy/id_ed25519", "it looks like a private key", "✗ 2 to be decided")
	d.press("space", "j", "space", "enter")
	d.shows("[Review]", "cannot be unpublished", "▸ Not yet")
	d.press("y")
	d.shows("[Live]", "Who has it", "Can they load it?", "browsers and torrent clients can load it")
	d.pass(40 * time.Second)
	d.shows("with all of it")
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

// TestPublishUnderAKey: a folder gets an address of its own, and the person is told to back its key up.
func TestPublishUnderAKey(t *testing.T) {
	d := drive(t, 120, 36)
	d.choose("docs.example")
	d.press("P")
	d.write("/home/me/new-site")
	d.press("down")
	d.write("key:a/b")
	d.press("enter")
	d.shows("is no name for a key")
	d.press("ctrl+u")
	d.write("key:blog")
	d.press("enter")
	d.shows("[Check]")
	d.press("enter")
	d.shows("[Review]")
	d.press("y")
	d.shows("[Live]", "✓ 12 nodes took it", "wtptui keys export blog FILE")
	d.hides("TXT records")
}

func TestPublishNeedsAnEngine(t *testing.T) {
	d := drive(t, 120, 36)
	_ = d.engine.Close()
	d.pump()
	d.press("P")
	d.hides("[Folder]")
	d = drive(t, 120, 36)
	d.press("P")
	_ = d.engine.Close()
	d.pump()
	d.paste("/home/me/site")
	d.press("enter")
	d.shows("the engine has stopped")
}

// A site whose page lacks parts says so, and the page is opened again from the requests.
func TestMissingPartsAreShown(t *testing.T) {
	d := drive(t, 120, 36)
	goesTo("old.site", "1")(d)
	d.shows("⚠ 2 parts missing: reload /index.html")
	d.press("6")
	d.shows("⚠ 2 parts of /index.html did not come in time: o opens it again")
	d.press("enter")
	if len(d.opened) > 0 {
		t.Errorf("enter has opened %q", d.opened)
	}
	d.press("o")
	if !slices.Equal(d.opened, []string{"http://old-site.localhost:7780/index.html"}) {
		t.Errorf("opened %q", d.opened)
	}
}
