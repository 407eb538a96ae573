package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/undo"
)

// decidedFacts returns what a person decides about a site.
func decidedFacts(s engine.Site) string {
	labels := strings.Join(s.Labels, ",")
	version := ""
	if s.Held {
		version = s.Infohash
	}
	words := []string{s.Host, version, labels, string(rune('0' + s.Enough))}
	for _, flag := range []struct {
		set  bool
		word string
	}{{s.Pinned, "pinned"}, {s.State == engine.Paused, "paused"}, {s.NoClearnet, "closed"}, {s.Held, "held"}} {
		if flag.set {
			words = append(words, flag.word)
		}
	}
	return strings.Join(words, " ")
}

// undoableActions does everything that can be undone, with the text for undoing it.
func undoableActions(d *driver) []struct {
	name   string
	do     func()
	offers string
} {
	keys := func(keys ...string) func() { return func() { d.press(keys...) } }
	assign := func(a engine.Assignment) func() {
		return func() {
			s := d.mustSite("wiki.pub")
			d.runCmd(d.m.commands.jobs.runChange(undo.Change{Assign: &a, Hosts: []string{s.Host}}, []engine.Site{s}))
			d.drainSnapshots()
		}
	}
	return []struct {
		name   string
		do     func()
		offers string
	}{
		{"unpin", keys("p"), "u: pin Wiki mirror"},
		{"pin", keys("p"), "u: unpin Wiki mirror"},
		{"pause", keys("x"), "u: resume Wiki mirror"},
		{"resume", keys("x"), "u: pause Wiki mirror"},
		{"clearnet", keys("B"), "u: let Wiki mirror ask other servers"},
		{"version", func() {
			v := d.versions("wiki.pub")
			s := d.mustSite("wiki.pub")
			d.runCmd(d.m.commands.jobs.runChange(undo.Change{
				Version: &undo.Version{From: undo.HeldVersion(s), To: v[len(v)-1]},
				Hosts:   []string{s.Host},
			}, []engine.Site{s}))
			d.drainSnapshots()
		}, "u: let Wiki mirror follow its owner"},
		{"limits", keys("L", "d", "5", "0", "K", "enter"), "u: lift the limits"},
		{"label", assign(engine.Assignment{Label: []string{"reading"}}), "u: take the label reading off Wiki mirror"},
		{"enough", assign(engine.Assignment{SetEnough: true, Enough: 3}), "u: let Wiki mirror rest as all sites do"},
		{"evict", keys("d"), "u: bring back Wiki mirror, 1d"},
	}
}

// versions are the infohashes that a site can be turned to besides the one that it has.
func (d *driver) versions(host string) (hashes []string) {
	d.t.Helper()
	det, err := d.engine.Detail(d.t.Context(), host)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, v := range det.Versions {
		if v.State == engine.VersionKept {
			hashes = append(hashes, v.Infohash)
		}
	}
	return hashes
}

// decisions returns what a person has decided about a site, and the limits.
func (d *driver) decisions(host string) string {
	s, ok := d.site(host)
	if !ok {
		return "gone"
	}
	l := d.m.conn.snap.Status.Limits
	return decidedFacts(s) + " " + limitText(l.Down)
}

// Where the undo key has another meaning, or is typed, the toast does not offer it.
func TestUndoIsOfferedWhereItsKeyWorks(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("d")
	for _, k := range []string{"L", "/", "a", ":", "?"} {
		d.mustShow("Evicted Example Docs", "u: bring back Example Docs")
		d.press(k)
		if !strings.Contains(d.toast(), "Evicted Example Docs") || strings.Contains(d.toast(), "bring back") {
			t.Errorf("after %s: toast %q", k, d.toast())
		}
		d.press("esc")
	}
}

// Each kind of change is undone, redone, and undone again, the newest first, whatever else has been done.
func TestEverythingIsUndoneAndRedone(t *testing.T) {
	d := newDriver(t, 160, 36)
	d.selectSite("wiki.pub")
	kinds := undoableActions(d)
	states := []string{d.decisions("wiki.pub")}
	for _, k := range kinds {
		d.selectSite("wiki.pub")
		k.do()
		d.mustShow(k.offers)
		states = append(states, d.decisions("wiki.pub"))
		if states[len(states)-1] == states[len(states)-2] {
			t.Fatalf("%s changes nothing: %s", k.name, states[len(states)-1])
		}
	}
	for range 2 {
		for i := len(kinds) - 1; i >= 0; i-- {
			d.press("u")
			if got := d.decisions("wiki.pub"); got != states[i] {
				t.Fatalf("undoing %s: it is\n%s, it was\n%s\n%s", kinds[i].name, got, states[i], d.screen())
			}
		}
		for i := range kinds {
			d.press([]string{"U", "ctrl+r"}[i%2])
			if got := d.decisions("wiki.pub"); got != states[i+1] {
				t.Fatalf("redoing %s: it is\n%s, it was\n%s\n%s", kinds[i].name, got, states[i+1], d.screen())
			}
		}
	}
	d.press("U")
	d.mustShow("There is nothing to redo")
}

// The palette shows what undoing would do.
func TestPaletteSaysWhatUndoDoes(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	d.press("p", ":")
	d.typeText("undo")
	d.mustShow("undo: pin Wiki mirror")
	d.press("enter")
	if !d.mustSite("wiki.pub").Pinned {
		t.Error("the palette does not undo")
	}
	d.press(":")
	d.typeText("redo")
	d.mustShow("redo: unpin Wiki mirror")
}

// What was done is saved at once, so that the next dashboard can undo it after a kill -9 of this one.
func TestUndoOutlivesTheDashboard(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.json")
	kept := func(c *Config, _ *fake.Options) { c.StateFile = file }
	d := newDriver(t, 160, 36, kept)
	d.selectSite("wiki.pub")
	d.press("p")
	d.selectSite("wiki.pub")
	d.press("d")
	d.selectSite("docs.example")
	d.press("x")
	d.press("u")
	// Nothing has ended this dashboard: its file is as it was written on the way.
	next := newStoppedDriver(t, 160, 36, kept)
	next.engine = d.engine
	next.m.cfg.Start = d.m.cfg.Start
	next.runCmd(next.m.Init())
	next.drainSnapshots()
	next.press("U")
	if next.mustSite("docs.example").State != engine.Paused {
		t.Errorf("what was undone is not done again:\n%s", next.screen())
	}
	next.press("u", "u")
	next.mustSite("wiki.pub")
	next.press("u")
	if !next.mustSite("wiki.pub").Pinned {
		t.Errorf("the pin is not back:\n%s", next.screen())
	}
	// A day later the bin has let go of what was sent away.
	next.selectSite("wiki.pub")
	next.press("d")
	next.advance(time.Second)
	next.engine.Step(25 * time.Hour)
	late := newStoppedDriver(t, 160, 36, kept)
	late.engine, late.m.cfg.Start, late.m.cfg.Now = d.engine, d.m.cfg.Start, d.engine.Now
	late.runCmd(late.m.Init())
	late.drainSnapshots()
	late.send(tickMsg{d.engine.Now()})
	late.send(tickMsg{d.engine.Now()})
	late.press("u")
	late.mustHide("Brought back")
	if data, err := os.ReadFile(file); err != nil || strings.Contains(string(data), `"verb": "undo"`) {
		t.Errorf("%v\n%s", err, data)
	}
}

// What is offered to be undone is what was changed: a label that was there before stays.
func TestUndoNamesOnlyWhatHasChanged(t *testing.T) {
	d := newDriver(t, 160, 36)
	for _, host := range []string{"docs.example", "wiki.pub"} {
		d.selectSite(host)
		d.press("space")
	}
	d.press("l")
	d.typeText("mirror")
	d.press("space", "esc")
	d.mustShow("Labelled 2 sites: mirror", "u: take the label mirror off Example Docs")
	d.press("u")
	d.mustShow("Undone: put the label mirror on Example Docs")
	if s := d.mustSite("wiki.pub"); !slices.Contains(s.Labels, "mirror") {
		t.Errorf("it has lost a label that it had before: %q", s.Labels)
	}
}

// A snapshot that was under way while something was done does not count: it can be redone at once.
func TestRedoFasterThanTheSnapshots(t *testing.T) {
	d := newDriver(t, 160, 36)
	d.selectSite("docs.example")
	d.press("p")
	d.drainSnapshots()
	pinned := d.m.conn.snap
	d.send(keyPress(t, "u"))
	d.send(snapshotMsg{pinned})
	d.send(keyPress(t, "U"))
	d.drainSnapshots()
	d.mustShow("Redone: pin Example Docs")
	if !d.mustSite("docs.example").Pinned {
		t.Errorf("it is not pinned:\n%s", d.screen())
	}
}

// What somebody else has changed since is left alone, with a message.
func TestUndoLeavesWhatHasChangedSince(t *testing.T) {
	d := newDriver(t, 160, 36)
	for _, host := range []string{"docs.example", "news.example", "comics.example"} {
		d.selectSite(host)
		d.press("space")
	}
	d.press("p", "esc")
	if err := d.engine.Do(t.Context(), engine.Unpin, "news.example"); err != nil {
		t.Fatal(err)
	}
	if err := d.engine.Do(t.Context(), engine.Remove, "comics.example"); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	d.press("u")
	if d.mustSite("docs.example").Pinned {
		t.Errorf("it is still pinned:\n%s", d.screen())
	}
	d.mustShow("Undone: pin 3 sites", "; 1 more for other reasons")
	d.selectSite("wiki.pub")
	d.press("p")
	if err := d.engine.Do(t.Context(), engine.Pin, "wiki.pub"); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	d.press("u")
	d.mustShow("Nothing was done. ", "is pinned already")
}

// Other dashboards' evictions can be undone from any dashboard that has nothing of its own to undo.
func TestBinFromAnyDashboard(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("u")
	d.mustShow("There is nothing to undo, and the bin is empty")
	for _, host := range []string{"docs.example", "wiki.pub"} {
		if err := d.engine.Do(t.Context(), engine.Remove, host); err != nil {
			t.Fatal(err)
		}
		d.advance(time.Minute)
	}
	d.press("u")
	d.mustShow("Bring back Wiki mirror (wiki.pub)?", "removed", "▸ No")
	d.press("esc", "b")
	d.press("/", "w", "i", "k", "enter", "esc")
	d.mustShow("The bin  2 sites", "wiki.pub", "docs.example", "pinned, with history",
		"brings back Wiki mirror (wiki.pub) as it was")
	d.press("j", "enter")
	d.mustSite("docs.example")
	d.mustShow("The bin  1 site,")
	d.press("enter")
	if !d.mustSite("wiki.pub").Pinned {
		t.Error("it came back without its pin")
	}
	d.mustShow("The bin is empty")
	d.press("b")
	d.mustShow("[1 All 14]")
}

// The last known copy asks before it is evicted, also when that is redone.
func TestLastCopyAsks(t *testing.T) {
	d := newDriver(t, 120, 36)
	i := slices.IndexFunc(d.m.conn.snap.Sites, func(s engine.Site) bool { return s.IsLastCopy() && !s.Mine })
	if i < 0 {
		t.Fatal("the demo has no last copy")
	}
	host := d.m.conn.snap.Sites[i].Host
	d.selectSite(host)
	d.press("d")
	d.mustShow("last known copy", "▸ No")
	d.press("enter")
	d.mustSite(host)
	d.press("d", "y")
	if _, there := d.site(host); there {
		t.Fatal("it is still there")
	}
	d.press("u", "U")
	d.mustShow("last known copy", "▸ No")
	d.press("n")
	d.mustSite(host)
	d.press("u", "n", "U", "y")
	if _, there := d.site(host); there {
		t.Errorf("it is not done again:\n%s", d.screen())
	}
}

// Opening a page and pressing the key again changes nothing.
func TestEnterTwiceChangesNothing(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	before := d.decisions("wiki.pub")
	d.press("enter", "enter", "enter")
	d.advance(time.Second)
	d.press("enter")
	if got := d.decisions("wiki.pub"); got != before {
		t.Errorf("it is %s, it was %s", got, before)
	}
}

// A person may press u faster than the engine answers: each press undoes one thing, and none is lost because the screen
// does not show yet what the one before has done.
func TestUndoFasterThanTheEngine(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	before := d.decisions("docs.example")
	d.press("p")
	d.selectSite("docs.example")
	d.press("x", "d")
	var slow []tea.Cmd
	for range 3 {
		_, cmd := d.m.Update(tea.KeyPressMsg{Code: 'u', Text: "u"})
		slow = append(slow, cmd)
	}
	for _, cmd := range slow {
		d.runCmd(cmd)
	}
	d.drainSnapshots()
	if got := d.decisions("docs.example"); got != before {
		t.Errorf("it is\n%s, it was\n%s\n%s", got, before, d.screen())
	}
}
