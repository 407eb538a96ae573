package ui

import (
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/fake"
)

func withSites(n int) option {
	return func(_ *Config, o *fake.Options) { o.Scripts = fake.ManySites(n) }
}

func (d *driver) countSites(has func(engine.Site) bool) int {
	n := 0
	for _, s := range d.m.conn.snap.Sites {
		if has(s) {
			n++
		}
	}
	return n
}

func TestActionsApplyToMarks(t *testing.T) {
	d := newDriver(t, 120, 36)
	for _, host := range []string{"docs.example", "news.example"} {
		d.selectSite(host)
		d.press("space")
	}
	d.mustShow("● 2 marked")
	marked := d.m.screen.list.Marks.Sites()
	if len(marked) != 2 || d.selected() == marked[0].Host {
		t.Fatalf("marked %v, selected %s", marked, d.selected())
	}
	d.press("p")
	for _, s := range marked {
		if !d.mustSite(s.Host).Pinned {
			t.Errorf("%s is not pinned", s.Host)
		}
	}
	d.mustShow("Pinned 2 sites")
	d.press("p")
	d.mustShow("Unpinned 2 sites")
	d.press("y")
	if d.clipboard != marked[0].URL+"\n"+marked[1].URL {
		t.Errorf("copied %q", d.clipboard)
	}
	d.press("o")
	if len(d.opened) != 2 {
		t.Errorf("opened %q", d.opened)
	}
	d.press("enter")
	d.mustShow("[Overview")
	d.press("x", "esc") // on a page it is that page's site alone
	if n := d.countSites(func(s engine.Site) bool { return s.State == engine.Paused }); n != 2 {
		t.Errorf("%d sites are paused, want the page's and the one that was", n)
	}
	d.press("esc")
	d.mustHide("marked")
}

func TestEvictionOfManyIsTakenBackTogether(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("space", "space", "space", "d")
	d.mustShow("✓ Evicted 3 sites, ", "u: bring back 3 sites, 1d", "[1 All 11]")
	d.mustHide("marked")
	d.press("u")
	d.mustShow("Brought back 3 sites", "[1 All 14]")
	if !strings.HasSuffix(d.toast(), "U: evict 3 sites") {
		t.Errorf("toast %q", d.toast())
	}
}

func TestMoreThanTenSitesAsk(t *testing.T) {
	d := newDriver(t, 120, 36, withSites(300))
	d.press("2", "A")
	d.mustShow("● 120 marked")
	d.press("d")
	d.mustShow("Evict 90 sites?", "▸ No", "goes to the bin", "Left out:", "(and 29 more")
	d.press("enter")
	d.mustShow("[2 Pinned 120]")
	d.press("d", "y")
	d.mustShow("[2 Pinned 30]", "Evicted 90 sites", "u: bring back 90 sites, 1d")
	d.press("u")
	d.mustShow("[2 Pinned 120]", "Brought back 90 sites")
	d.press("A", "o")
	d.mustShow("Open 120 sites?")
	d.press("n", "D")
	d.mustShow("Remove 120 sites?", "30 of them were published", "go to the bin")
	d.press("y")
	d.mustShow("Removed 120 sites", "[2 Pinned 0]")
}

func TestHiddenMarksAreCounted(t *testing.T) {
	d := newDriver(t, 120, 36, withSites(100))
	d.press("A", "5")
	d.mustShow("● 100 marked (90 not shown)")
	d.press("i") // turns those around that can be seen
	d.mustShow("● 90 marked (90 not shown)")
	d.press("1")
	d.mustShow("● 90 marked")
	d.mustHide("not shown")
}

func TestMarkedRange(t *testing.T) {
	d := newDriver(t, 120, 36, withSites(100))
	d.press("j", "j", "space", "j", "j", "V", "k", "k", "k", "k", "k", "V")
	if n, _ := d.m.screen.list.Marks.Count(); n != 6 {
		t.Errorf("%d marked:\n%s", n, d.screen())
	}
	d.press("A")
	d.mustShow("● 100 marked")
	d.press("A")
	d.mustHide("marked")
}

// A site that is gone is no longer marked, and one that others evict can be brought back.
func TestMarksGoWithTheirSites(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("news.example")
	d.press("space")
	if err := d.engine.Do(t.Context(), engine.Evict, "news.example"); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	d.mustHide("marked")
	d.mustShow("The Daily Example (news.example): evicted. b shows the bin")
	d.press("u")
	d.mustShow("Bring back The Daily Example (news.example)?", "evicted", "▸ No")
	d.press("y")
	d.mustShow("Brought back The Daily Example (news.example)")
	d.mustSite("news.example")
}
