package publish

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"

	"wtptui/engine"
)

// sameFiles compares contents, as publishing does.
func sameFiles(p *Previous, plan *Plan, old, now map[string]string) []int {
	same := make([]int, len(plan.Files))
	for i, f := range plan.Files {
		same[i] = -1
		if j, ok := p.Find(f); ok && old[f.Path] == now[f.Path] {
			same[i] = j
		}
	}
	return same
}

func plan(t testing.TB, files map[string]string) (*Folder, *Plan) {
	t.Helper()
	fsys := fstest.MapFS{}
	for path, content := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(content)}
	}
	f := OpenEmbedded(fsys, "site")
	return f, check1(t, f, Rules{})
}

// mutate changes files at random: some grow, some change in place, some are removed, some are added.
func mutate(r *rand.Rand, old map[string]string) map[string]string {
	now := maps.Clone(old)
	names := slices.Sorted(maps.Keys(old))
	for range r.IntN(4) {
		name := names[r.IntN(len(names))]
		switch r.IntN(4) {
		case 0:
			delete(now, name)
		case 1:
			now[name] = old[name] + "more"
		case 2:
			if b := []byte(old[name]); len(b) > 0 {
				b[len(b)/2] ^= 1
				now[name] = string(b)
			}
		case 3:
			now[fmt.Sprintf("c/new%d", r.IntN(100))] = fmt.Sprint(r.IntN(1000))
		}
	}
	now["index.html"] = "always"
	return now
}

// After any change, a version that reuses hashes of the last one equals one that is hashed anew.
func TestReuseChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	old := noise(3)
	f, p := plan(t, old)
	m := hash1(t, f, p, nil)
	reused := 0
	for range 40 {
		previous, err := ReadPrevious(m.Info, p.Stamps())
		if err != nil {
			t.Fatal(err)
		}
		now := mutate(r, old)
		f, p = plan(t, now)
		reuse := previous.Reuse(p, sameFiles(previous, p, old, now))
		reused += reuse.Count()
		want := hash1(t, f, p, nil)
		if m = hash1(t, f, p, reuse); m.Infohash != want.Infohash {
			t.Fatalf("with %d reused pieces: %s, want %s", reuse.Count(), m.Infohash, want.Infohash)
		}
		old = now
	}
	if reused == 0 {
		t.Error("nothing was ever reused")
	}
	t.Logf("%d pieces reused", reused)
}

func TestReuseReadsOnlyWhatChanged(t *testing.T) {
	old := noise(5)
	f, p := plan(t, old)
	m := hash1(t, f, p, nil)
	previous, err := ReadPrevious(m.Info, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := maps.Clone(old)
	changed := ""
	for _, file := range p.Files {
		if file.Size == 200_000 {
			changed = file.Path
		}
	}
	now[changed] = "X" + old[changed][1:]
	_, p = plan(t, now)
	reuse := previous.Reuse(p, sameFiles(previous, p, old, now))
	if missing := m.Pieces - reuse.Count(); missing > 200_000/16384+2 {
		t.Errorf("%d of %d pieces are read again", missing, m.Pieces)
	}
}

func TestSameNeedsASettledTime(t *testing.T) {
	dir := writeTree(t, "site", map[string]string{"index.html": "one"})
	f := open(t, dir)
	p := check1(t, f, Rules{})
	m := hash1(t, f, p, nil)
	previous, err := ReadPrevious(m.Info, p.Stamps())
	if err != nil {
		t.Fatal(err)
	}
	if !previous.Same(check1(t, f, Rules{}).Files[0]) {
		t.Error("an untouched file is not the same")
	}
	// A file that was written right before the check may be written again without another time.
	fresh := check1(t, f, Rules{Now: afterLastChange().Add(-2 * 60e9)})
	if fresh.Stamps()[0] != 0 || previous.Same(fresh.Files[0]) {
		t.Error("a file that was just written counts as settled")
	}
}

func TestCompare(t *testing.T) {
	old := map[string]string{"index.html": "a", "gone": "b", "same": "c"}
	f, p := plan(t, old)
	m := hash1(t, f, p, nil)
	previous, err := ReadPrevious(m.Info, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := map[string]string{"index.html": "A", "new": "b", "same": "c"}
	_, p = plan(t, now)
	c := previous.Compare(p, sameFiles(previous, p, old, now))
	if got := fmt.Sprint(c); got != "{{[new] [1] 1} {[index.html] [1] 1} {[gone] [1] 1} 1}" || c.None() {
		t.Error(got)
	}
	var none *Previous
	if c := none.Compare(p, []int{-1, -1, -1}); len(c.Added.Paths) != 3 {
		t.Error(c)
	}
	// All are counted, however many are named.
	many := &Plan{}
	var same []int
	for i := range engine.MaxChanges + 5 {
		many.Files, same = append(many.Files, File{Path: fmt.Sprint(i)}), append(same, -1)
	}
	if c := none.Compare(many, same); len(c.Added.Paths) != engine.MaxChanges || c.Added.Count != engine.MaxChanges+5 {
		t.Errorf("%d are named and %d counted", len(c.Added.Paths), c.Added.Count)
	}
}
