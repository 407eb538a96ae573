package swarm

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wtptui/engine"
)

// A byte that has rotted is found when its piece is read, and the piece is fetched again, whether the torrent is in its
// swarm then or paused.
func TestScrubFindsBitRot(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 50_000)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	tor := publish(t, start(t, cfg), s)
	for name, paused := range map[string]bool{"in the swarm": false, "paused": true} {
		t.Run(name, func(t *testing.T) {
			tor.SetPaused(paused)
			eventually(t, "it is kept", func() bool { return tor.Stats().Kept == tor.Info().Size })
			before, err := tor.StatFiles(time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			flipByte(t, filepath.Join(cfg.Dir, s.hash, "0"), 20_000)
			if found := scrubAll(t, tor); found != 1 {
				t.Fatalf("%d damaged pieces, want 1", found)
			}
			if st := tor.Stats(); st.Completed != tor.Info().Size-16<<10 && paused {
				t.Errorf("after the scrub: %+v", st)
			}
			connect(tor, author)
			tor.SetPaused(false)
			connect(tor, author)
			eventually(t, "it is fetched again", func() bool { return tor.Stats().Kept == tor.Info().Size })
			same(t, tor, s)
			if found := scrubAll(t, tor); found != 0 {
				t.Errorf("%d damaged pieces are left", found)
			}
			after, err := tor.StatFiles(before.Newest)
			if err != nil || after.Stamp == before.Stamp || !after.Own || len(after.Changed) > 0 {
				t.Errorf("looks like %+v, %v; before like %+v", after, err, before)
			}
		})
	}
	tor.Drop()
	if _, _, err := tor.Scrub(t.Context(), 0); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("dropped: %v", err)
	}
}

// scrubAll scrubs all pieces, and returns how many are damaged.
func scrubAll(t testing.TB, tor Torrent) (found int) {
	t.Helper()
	for p := range tor.Info().Pieces {
		_, damaged, err := tor.Scrub(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		found += damaged
	}
	return found
}

// flipByte changes one byte of a file, and nothing else.
func flipByte(t testing.TB, path string, off int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = slices.Clone(b)
	b[off] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
}

// What is seeded in place is read like anything else, and never written to.
func TestScrubInPlace(t *testing.T) {
	s := newSite(t, 16<<10, 40_000)
	dir := t.TempDir()
	path := filepath.Join(dir, "f0.html")
	if err := os.WriteFile(path, s.files[0], 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, config(t))
	tor := add(t, c, Spec{
		Infohash: s.hash, Info: s.info, InPlace: &InPlace{Dir: dir, Stamps: []int64{info.ModTime().UnixNano()}},
	})
	eventually(t, "it is kept", func() bool { return tor.Stats().Kept == tor.Info().Size })
	if found := scrubAll(t, tor); found != 0 {
		t.Errorf("%d damaged pieces, want none", found)
	}
	flipByte(t, path, 10)
	if found := scrubAll(t, tor); found != 1 {
		t.Errorf("%d damaged pieces, want 1", found)
	}
	if fault := tor.Stats().Fault; engine.KindOf(fault) != engine.Damaged {
		t.Errorf("fault %v", fault)
	}
}

// A torrent can be dropped at any time.
func TestScrubOfATorrentThatIsDropped(t *testing.T) {
	s := newSite(t, 16<<10, 1_000_000)
	c := start(t, config(t))
	tor := publish(t, c, s)
	ended := make(chan int)
	go func() {
		defer close(ended)
		for {
			for p := range tor.Info().Pieces {
				_, damaged, err := tor.Scrub(t.Context(), p)
				if damaged > 0 {
					t.Error("a piece is damaged because its torrent was dropped")
				}
				if err != nil {
					return
				}
			}
		}
	}()
	tor.Drop()
	<-ended
}
