package publish

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// again starts to publish a new version of a site that was published here.
func again(t *testing.T, host, domain string) *user {
	t.Helper()
	a := start(t, "", domain)
	a.run(a.p.SetNewVersionOf(host, "My blog ("+host+")"))
	return a
}

// The window shows the folder of the last time, what was left out of it, and what is new since.
func TestPublishingAgain(t *testing.T) {
	a := again(t, "blog.me", "blog.me")
	a.shows("A new version of My blog (blog.me)", "/home/me/blog", "It was published from this folder last, on ",
		"Left out as last time: drafts.", "what is new since")
	a.do(keys.Accept)
	a.shows("[Check]", "○ 5 left out", "1 new since last time")
	lines := strings.Split(a.wantScreen(), "\n")
	isHeading := func(l string) bool { return strings.Contains(l, "Choice") && strings.Contains(l, "Since") }
	first := slices.IndexFunc(lines, isHeading) + 1
	for i, want := range []string{"blog/hello-again.html~", "drafts"} {
		mark := []string{"new", "as last time"}[i]
		if l := lines[first+i]; !strings.Contains(l, want) || !strings.Contains(l, mark) {
			t.Errorf("line %d is %q, want %s, %s", i, l, want, mark)
		}
	}
	a.do(keys.Accept)
	a.shows("1 new, 3 changed, 1 gone, 44 as before", "+   17.8 KB  blog/hello-again.html")
	a.do(keys.Yes)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || r.Dir != "/home/me/blog" || r.Name != "blog.me" ||
		len(r.Keep)+len(r.LeaveOut) != 0 || r.WriteIgnore {
		t.Fatalf("asked %+v", r)
	}
	a.shows("Published", "To go back to the version before", "wtptui switch blog.me ")
}

// What was left out last time can be published now, and the decision is kept on the way to the review.
func TestDecisionOfLastTimeCanBeChanged(t *testing.T) {
	a := again(t, "blog.me", "blog.me")
	a.do(keys.Accept)
	for f, ok := a.p.check.Selected(); ok && f.Path != "drafts"; f, ok = a.p.check.Selected() {
		a.do(keys.Down)
	}
	a.do(keys.Toggle, keys.Accept)
	a.shows("[Review]", "Left out  4: ")
	a.do(keys.Cancel, keys.Accept, keys.Yes)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || !slices.Equal(r.Keep, []string{"drafts"}) {
		t.Fatalf("asked %+v", r)
	}
	if d, err := a.e.Detail(t.Context(), "blog.me"); err != nil || len(d.Published.LeaveOut) != 0 {
		t.Errorf("it is remembered otherwise: %+v, %v", d.Published, err)
	}
}

// What is left out is added to .wtpignore on request, and shown before.
func TestTheIgnoreFileIsOffered(t *testing.T) {
	a := again(t, "blog.me", "blog.me")
	a.do(keys.Accept, keys.Accept)
	a.shows(".wtpignore", "w adds what you left out to .wtpignore", "/drafts")
	a.do(keys.WriteIgnore)
	a.shows("✓ .wtpignore gets 1 line more", "/drafts")
	a.do(keys.WriteIgnore)
	a.shows("w adds what you left out")
	a.do(keys.WriteIgnore, keys.Yes)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || !r.WriteIgnore {
		t.Fatalf("asked %+v", r)
	}
	a.shows("✓ .wtpignore has 1 line more")
	b := again(t, "blog.me", "")
	b.e = a.e
	b.run(b.p.SetNewVersionOf("blog.me", "My blog"))
	b.do(keys.Accept)
	b.shows(".wtpignore", "ignored")
	for f, ok := b.p.check.Selected(); ok && f.Path != ".wtpignore"; f, ok = b.p.check.Selected() {
		b.do(keys.Down)
	}
	b.do(keys.Toggle)
	b.shows("the folder's own .wtpignore leaves that out")
	b.do(keys.Accept)
	if !b.p.HasNoEffect(keys.WriteIgnore) {
		t.Error("the lines are offered again")
	}
	b.do(keys.WriteIgnore)
	b.shows(".wtpignore has all that you left out already")
}

// An unchanged folder makes no new version.
func TestUnchangedFolderIsNotPublished(t *testing.T) {
	a := start(t, "/home/me/plain-still", "")
	a.do(keys.Accept, keys.Accept, keys.Yes)
	b := start(t, "", "")
	b.e = a.e
	b.run(b.p.SetNewVersionOf(a.shown, "plain"))
	b.do(keys.Accept, keys.Accept)
	b.shows("[Review]", "none: all 48 files are as they were", "✓ Nothing has changed since the version that is live")
	asked := len(b.reqs)
	b.do(keys.Yes)
	b.do(keys.Switch, keys.Accept)
	if len(b.reqs) != asked {
		t.Errorf("it was published all the same: %+v", b.reqs[len(b.reqs)-1])
	}
	b.shows("[Check]")
}

// For a folder that is gone there is a message, and another one can be typed.
func TestMovedFolderIsExplained(t *testing.T) {
	a := start(t, "", "")
	a.p.commands.LoadLast = func(host string) tea.Cmd {
		return func() tea.Msg {
			return LastLoaded{Host: host, From: engine.PublishedFrom{Dir: "/home/me/missing"}}
		}
	}
	a.run(a.p.SetNewVersionOf("blog.me", "My blog"))
	a.do(keys.Accept)
	a.shows("[Folder]", "there is no folder /home/me/missing", "if the folder has moved, type its new path")
	a.p.Update(tea.PasteMsg{Content: "/home/me/plain"})
	a.shows("Last time it was published from /home/me/missing.")
	a.do(keys.Accept)
	a.shows("[Check]")
}

// A text that is typed before the answer arrives is kept.
func TestTypedWhileAsking(t *testing.T) {
	a := start(t, "", "")
	a.hold = true
	a.run(a.p.SetNewVersionOf("blog.me", "My blog"))
	a.shows("Asking from which folder My blog was published")
	a.p.Update(tea.PasteMsg{Content: "/home/me/other"})
	a.hold = false
	for _, cmd := range a.held {
		a.run(cmd)
	}
	a.shows("/home/me/other", "Last time it was published from /home/me/blog.")
	a.p.Update(LastLoaded{Host: "else.example", From: engine.PublishedFrom{Dir: "/x"}})
	a.shows("Last time it was published from /home/me/blog.")
	b := again(t, "nobody.example", "")
	b.shows("Could not find the folder from which My blog (nobody.example) was published")
}
