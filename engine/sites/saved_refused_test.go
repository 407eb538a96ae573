package sites

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// savedSite returns a saved site whose entry is changed.
func savedSite(t *testing.T, host string, change func(*siteEntry)) Saved {
	t.Helper()
	n := siteEntry{Site: store.Site{Host: host, Infohash: host, Pinned: true}}
	change(&n)
	data, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return Saved{Host: host, State: data}
}

// unchanged leaves an entry as it is.
func unchanged(*siteEntry) {}

// invalidSites returns saved sites that are each refused.
func invalidSites(t *testing.T) []Saved {
	t.Helper()
	// changed returns a site whose host is a repeated digit.
	changed := func(digit string, change func(*siteEntry)) Saved {
		t.Helper()
		return savedSite(t, strings.Repeat(digit, 40/len(digit)), change)
	}
	published := func(digit string, change func(*store.Publication)) Saved {
		t.Helper()
		return changed(digit, func(n *siteEntry) {
			n.Publication = &store.Publication{Host: n.Site.Host, Infohash: hashA, Dir: "/x"}
			change(n.Publication)
		})
	}
	wrong := changed("c0", unchanged)
	wrong.Torrent = []byte("d4:infod6:lengthi1eee")
	return []Saved{
		{Host: "d.example", State: []byte("{")},
		savedSite(t, "../etc", unchanged), savedSite(t, "A.example", unchanged),
		changed("1", func(n *siteEntry) { n.Site.Infohash = "x" }),
		changed("2", func(n *siteEntry) { n.Site.Labels = []string{"a b"} }),
		changed("3", func(n *siteEntry) { n.Site.Enough = -5 }),
		changed("4", func(n *siteEntry) { n.Versions = []versionEntry{{Infohash: "y"}} }),
		changed("5", func(n *siteEntry) {
			n.Publication = &store.Publication{Host: hashA, Dir: "/x", Infohash: hashA}
		}),
		changed("6", func(n *siteEntry) { n.Site.Host = hashC }),
		published("7", func(p *store.Publication) { p.Former = []string{"../x"} }),
		published("8", func(p *store.Publication) { p.Dir = "shipped:welcome" }),
		published("a0", func(p *store.Publication) { p.Dir = "/x\x1b[2J" }),
		published("b0", func(p *store.Publication) { p.Key = "../x" }),
		changed("d0", func(n *siteEntry) { n.Site.Infohash = hashA }),
		wrong,
	}
}

// Sites that are here and those in the bin stay as they are, and invalid ones are refused, each by itself.
func TestRestoreRefusesWhatIsHereOrInvalid(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.Bin = time.Hour })
	b.addSite(hashA)
	b.addSite(hashB)
	b.doVerb(engine.Remove, hashB)
	pinned := strings.Repeat("9", 40)
	b.addSite(pinned)
	b.doVerb(engine.Pin, pinned)
	saved := []Saved{savedSite(t, hashA, unchanged), savedSite(t, hashB, unchanged), savedSite(t, hashC, unchanged)}
	saved = append(saved, invalidSites(t)...)
	saved = append(saved, savedSite(t, pinned, unchanged))
	all, err := ArchiveOf(b.Engine).Restore(t.Context(), saved, false)
	if err != nil || len(all) != len(saved) {
		t.Fatalf("%d outcomes, %v", len(all), err)
	}
	for i, r := range all {
		switch {
		case i == 0 && r.Here && !r.Pinned, i == len(all)-1 && r.Here && r.Pinned, i == 2 && r.Err == nil && !r.Here:
		case i == 1 && strings.Contains(engine.Message(r.Err), "wtptui undo"):
		case i > 2 && engine.KindOf(r.Err) == engine.Damaged:
		default:
			t.Errorf("%s: here %v, %v", r.Host, r.Here, r.Err)
		}
	}
	b.check("sites", b.hosts(), pinned+" "+hashA+" "+hashC)
	if b.findSite(hashA).Pinned || !b.findSite(hashC).Pinned {
		t.Error("what was here has changed, or what was added is not pinned")
	}
}

// A folder that is seeded in place is restored only where it exists.
func TestRestoreInPlaceNeedsTheFolder(t *testing.T) {
	dir := t.TempDir()
	for where, want := range map[string]bool{dir: true, filepath.Join(dir, "gone"): false} {
		data, err := json.Marshal(siteEntry{
			Site:        store.Site{Host: hashA, Infohash: hashA, Mine: true},
			Publication: &store.Publication{Host: hashA, Infohash: hashA, Dir: where, InPlace: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := parseSavedSite(Saved{Host: hashA, State: data})
		if err != nil || r.Publication.InPlace != want {
			t.Errorf("%s: %v, %v", where, r.Publication, err)
		}
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

// The contents of a backup are cleaned before they are stored. What is clean stays as it is.
func TestRestoreCleansItsInput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(filepath.Dir(dir))
	long := strings.Repeat("é", engine.MaxTextLength-1) + "…"
	good, bad := "udp://t.example:1/"+strings.Repeat("k", 1000), "http://t.example/\u202e"
	n := siteEntry{
		Site: store.Site{
			Host: hashA, Infohash: hashA, Trackers: []string{bad, good}, WebSeeds: []string{"x", good},
			HintTrackers: []string{"\x1b[2J", good}, HintWebSeeds: []string{good, good + strings.Repeat("k", maxSavedURL)},
		},
		Versions: []versionEntry{{Infohash: hashB, Source: "udp://\x1b[2J"}},
		Publication: &store.Publication{
			Host: hashA, Infohash: hashA, Dir: filepath.Base(dir), InPlace: true, PublicURL: "javascript:x",
			Kept: []string{"secret " + long, "a\x1b[2J b"}, LeftOut: []string{long, "a b", "\x1b"}, Found: []string{"x\x07"},
		},
	}
	data, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseSavedSite(Saved{Host: hashA, State: data})
	if err != nil {
		t.Fatal(err)
	}
	for _, urls := range [][]string{r.Site.Trackers, r.Site.WebSeeds, r.Site.HintTrackers, r.Site.HintWebSeeds} {
		if len(urls) != 1 || urls[0] != good {
			t.Errorf("kept %q", urls)
		}
	}
	p := r.Publication
	if p.InPlace || p.PublicURL != "" {
		t.Errorf("in place %v, at %q", p.InPlace, p.PublicURL)
	}
	got := fmt.Sprintf("%s %q %q %q", r.Versions[0].Source, p.Kept, p.LeftOut, p.Found)
	want := fmt.Sprintf(
		"%s %q %q %q", "udp://[2J", []string{"secret " + long, "a[2J b"}, []string{long, "a b"}, []string{"x"},
	)
	b := fixture{t: t}
	b.check("what is kept", got, want)
}
