package publish

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// openNewVersion starts to publish a new version of a site that was published here.
func openNewVersion(t *testing.T, host, domain string) *user {
	t.Helper()
	a := start(t, "", domain)
	a.run(a.p.SetNewVersionOf(host, "My blog ("+host+")"))
	return a
}

// The window shows the folder of the last version, what was left out of it, and what is new since.
func TestPublishingAgain(t *testing.T) {
	a := openNewVersion(t, "blog.me", "blog.me")
	a.expectText("A new version of My blog (blog.me)", "/home/me/blog", "It was published from this folder last, on ",
		"Left out as last time: drafts.", "what is new since")
	a.press(keys.Accept)
	a.expectText("[Check]", "○ 5 left out", "1 new since last time")
	lines := strings.Split(a.screen(), "\n")
	isHeading := func(l string) bool { return strings.Contains(l, "Choice") && strings.Contains(l, "Since") }
	first := slices.IndexFunc(lines, isHeading) + 1
	for i, want := range []string{"blog/hello-again.html~", "drafts"} {
		mark := []string{"new", "as last time"}[i]
		if l := lines[first+i]; !strings.Contains(l, want) || !strings.Contains(l, mark) {
			t.Errorf("line %d is %q, want %s, %s", i, l, want, mark)
		}
	}
	a.press(keys.Accept)
	a.expectText("1 new, 3 changed, 1 gone, 44 as before", "+   17.8 KB  blog/hello-again.html")
	a.press(keys.Yes)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || r.Dir != "/home/me/blog" || r.Name != "blog.me" ||
		len(r.Keep)+len(r.LeaveOut) != 0 || r.WriteIgnore {
		t.Fatalf("asked %+v", r)
	}
	a.expectText("Published", "To go back to the version before", "wtptui switch blog.me ")
}

// A file that was left out of the last version can be published now, and the decision is kept up to the review.
func TestDecisionOfLastTimeCanBeChanged(t *testing.T) {
	a := openNewVersion(t, "blog.me", "blog.me")
	a.press(keys.Accept)
	for f, ok := a.p.check.Selected(); ok && f.Path != "drafts"; f, ok = a.p.check.Selected() {
		a.press(keys.Down)
	}
	a.press(keys.Toggle, keys.Accept)
	a.expectText("[Review]", "Left out  4: ")
	a.press(keys.Cancel, keys.Accept, keys.Yes)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || !slices.Equal(r.Keep, []string{"drafts"}) {
		t.Fatalf("asked %+v", r)
	}
	if d, err := a.e.Detail(t.Context(), "blog.me"); err != nil || len(d.Published.LeaveOut) != 0 {
		t.Errorf("it is remembered otherwise: %+v, %v", d.Published, err)
	}
}

// Left out paths are added to .wtpignore on request, and shown before.
func TestTheIgnoreFileIsOffered(t *testing.T) {
	a := openNewVersion(t, "blog.me", "blog.me")
	a.press(keys.Accept, keys.Accept)
	a.expectText(".wtpignore", "w adds what you left out to .wtpignore", "/drafts")
	a.press(keys.WriteIgnore)
	a.expectText("✓ .wtpignore gets 1 line more", "/drafts")
	a.press(keys.WriteIgnore)
	a.expectText("w adds what you left out")
	a.press(keys.WriteIgnore, keys.Yes)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || !r.WriteIgnore {
		t.Fatalf("asked %+v", r)
	}
	a.expectText("✓ .wtpignore has 1 line more")
	b := openNewVersion(t, "blog.me", "")
	b.e = a.e
	b.run(b.p.SetNewVersionOf("blog.me", "My blog"))
	b.press(keys.Accept)
	b.expectText(".wtpignore", "ignored")
	for f, ok := b.p.check.Selected(); ok && f.Path != ".wtpignore"; f, ok = b.p.check.Selected() {
		b.press(keys.Down)
	}
	b.press(keys.Toggle)
	b.expectText("the folder's own .wtpignore leaves that out")
	b.press(keys.Accept)
	if !b.p.HasNoEffect(keys.WriteIgnore) {
		t.Error("the lines are offered again")
	}
	b.press(keys.WriteIgnore)
	b.expectText(".wtpignore has all that you left out already")
}

// An unchanged folder makes no new version.
func TestUnchangedFolderIsNotPublished(t *testing.T) {
	a := start(t, "/home/me/plain-still", "")
	a.press(keys.Accept, keys.Accept, keys.Yes)
	b := start(t, "", "")
	b.e = a.e
	b.run(b.p.SetNewVersionOf(a.published, "plain"))
	b.press(keys.Accept, keys.Accept)
	b.expectText("[Review]", "none: all 48 files are as they were",
		"✓ Nothing has changed since the version that is live")
	asked := len(b.reqs)
	b.press(keys.Yes)
	b.press(keys.Switch, keys.Accept)
	if len(b.reqs) != asked {
		t.Errorf("it was published all the same: %+v", b.reqs[len(b.reqs)-1])
	}
	b.expectText("[Check]")
}

// A folder that no longer exists is reported, and another one can be typed.
func TestMovedFolderIsExplained(t *testing.T) {
	a := start(t, "", "")
	a.p.commands.LoadLast = func(host string) tea.Cmd {
		return func() tea.Msg {
			return LastLoaded{Host: host, From: engine.PublishedFrom{Dir: "/home/me/missing"}}
		}
	}
	a.run(a.p.SetNewVersionOf("blog.me", "My blog"))
	a.press(keys.Accept)
	a.expectText("[Folder]", "there is no folder /home/me/missing", "if the folder has moved, type its new path")
	a.p.Update(tea.PasteMsg{Content: "/home/me/plain"})
	a.expectText("Last time it was published from /home/me/missing.")
	a.press(keys.Accept)
	a.expectText("[Check]")
}

// A text that is typed before the answer arrives is kept.
func TestTypedWhileAsking(t *testing.T) {
	a := start(t, "", "")
	a.hold = true
	a.run(a.p.SetNewVersionOf("blog.me", "My blog"))
	a.expectText("Asking from which folder My blog was published")
	a.p.Update(tea.PasteMsg{Content: "/home/me/other"})
	a.hold = false
	for _, cmd := range a.held {
		a.run(cmd)
	}
	a.expectText("/home/me/other", "Last time it was published from /home/me/blog.")
	a.p.Update(LastLoaded{Host: "else.example", From: engine.PublishedFrom{Dir: "/x"}})
	a.expectText("Last time it was published from /home/me/blog.")
	b := openNewVersion(t, "nobody.example", "")
	b.expectText("Could not find the folder from which My blog (nobody.example) was published")
}
