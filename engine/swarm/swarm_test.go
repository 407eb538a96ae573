package swarm

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// TestVisitorSeeds: one client publishes, a second fetches with nothing but the infohash and a tracker, a third from
// the second alone.
func TestVisitorSeeds(t *testing.T) {
	tracker := newTracker(t)
	s := newSite(t, 16<<10, 100_000, 0, 5, 300_000, 1<<20)
	author := start(t, config(t, tracker.url()))
	original := publish(t, author, s)

	visitor := start(t, config(t, tracker.url()))
	copied := add(t, visitor, Spec{Infohash: s.hash})
	ready(t, copied)
	if err := copied.Err(); err != nil {
		t.Fatal(err)
	}
	same(t, copied, s)
	eventually(t, "the visitor has everything", func() bool { return complete(copied) })
	eventually(t, "the tracker knows", func() bool { return tracker.heard("completed") })
	size := copied.Info().Size
	eventually(t, "the visitor's counter", func() bool { return copied.Stats().Downloaded >= size })
	eventually(t, "the author's counter", func() bool { return original.Stats().Uploaded >= size })
	if st := copied.Stats(); st.Checking || st.Fault != nil {
		t.Errorf("visitor: %+v", st)
	}
	original.Drop()
	eventually(t, "the tracker was told Stopped", func() bool { return tracker.heard("stopped") })

	third := start(t, config(t, tracker.url()))
	again := add(t, third, Spec{Infohash: s.hash})
	ready(t, again)
	same(t, again, s)
}

func TestReadsWhileDownloading(t *testing.T) {
	s := newSite(t, 32<<10, 40_000, 4<<20)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	cfg.Limits = engine.Limits{Down: 32 << 10} // All of it would take two minutes.
	visitor := start(t, cfg)
	tor := add(t, visitor, Spec{Infohash: s.hash, Info: s.info})
	connect(tor, author)
	if got := read(t, tor, 0); string(got) != string(s.files[0]) {
		t.Error("the first file differs")
	}
	if complete(tor) {
		t.Error("the first file came last")
	}
	visitor.SetLimits(engine.Limits{})
	same(t, tor, s)
}

func TestAddErrors(t *testing.T) {
	c := start(t, config(t))
	s := newSite(t, 16<<10, 10)
	if _, err := c.Add(Spec{Infohash: strings.ToUpper(s.hash)}); engine.KindOf(err) != engine.Invalid {
		t.Errorf("upper-case infohash: %v", err)
	}
	if _, err := c.Add(Spec{Infohash: strings.Repeat("0", 40), Info: s.info}); engine.KindOf(err) != engine.Damaged {
		t.Errorf("somebody else's info: %v", err)
	}
	tor := add(t, c, Spec{Infohash: s.hash})
	if _, err := c.Add(Spec{Infohash: s.hash}); engine.KindOf(err) != engine.Conflict {
		t.Errorf("second add: %v", err)
	}
	if _, err := tor.Open(context.Background(), 0, engine.UrgencyDocument); engine.KindOf(err) != engine.NotReady {
		t.Errorf("open before the info: %v", err)
	}
	tor.Drop()
	select {
	case <-tor.Ready():
	default:
		t.Error("Drop leaves those waiting who wait for Ready")
	}
	add(t, c, Spec{Infohash: s.hash}).Drop()
}

func TestRestartHashesNothing(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 50_000)
	cfg := config(t)
	c := start(t, cfg)
	publish(t, c, s)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	if st := tor.Stats(); st.Checking || st.Completed != tor.Info().Size {
		t.Errorf("after a restart: %+v", st)
	}
	if n := hashed(tor); n != 0 {
		t.Errorf("%d bytes were hashed again", n)
	}
	same(t, tor, s)
}

func hashed(tor Torrent) int64 {
	return tor.(*handle).swarm.Load().Stats().Hashed
}

// TestLostRecordDownloadsNothing: after a crash the data is hashed, and none of it fetched again.
func TestLostRecordDownloadsNothing(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 50_000)
	cfg := config(t)
	c := start(t, cfg)
	publish(t, c, s)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	other := start(t, config(t))
	publish(t, other, s)
	for name, spec := range map[string]Spec{
		"completion lost": {Infohash: s.hash, Info: s.info},
		"verify":          {Infohash: s.hash, Info: s.info, Verify: true},
	} {
		t.Run(name, func(t *testing.T) {
			if !spec.Verify {
				cfg.Completion = &memory{}
			}
			c := start(t, cfg)
			tor := add(t, c, spec)
			connect(tor, other)
			eventually(t, "all is verified", func() bool { return complete(tor) })
			if n := hashed(tor); n != tor.Info().Size {
				t.Errorf("%d bytes were hashed, want %d", n, tor.Info().Size)
			}
			if st := tor.Stats(); st.Downloaded != 0 {
				t.Errorf("%d bytes were fetched again", st.Downloaded)
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestDamagedFilesAreFetchedAgain(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 50_000)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	c := start(t, cfg)
	publish(t, c, s)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cfg.Dir, s.hash)
	hurt := func() {
		if err := errors.Join(os.Truncate(filepath.Join(dir, "0"), 50_000), os.Remove(filepath.Join(dir, "1"))); err != nil {
			t.Fatal(err)
		}
	}
	hurt()
	c = start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	if complete(tor) {
		t.Fatal("missing data counts as complete")
	}
	connect(tor, author)
	same(t, tor, s)
	eventually(t, "complete", func() bool { return complete(tor) })

	// Now while it is open, with the files' handles dropped and kept.
	if err := os.Truncate(filepath.Join(dir, "0"), 10); err != nil {
		t.Fatal(err)
	}
	connect(tor, author)
	same(t, tor, s)
}

func TestVerifyFindsBitRot(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	c := start(t, cfg)
	tor := publish(t, c, s)
	for _, paused := range []bool{false, true} {
		tor.SetPaused(paused)
		f, err := os.OpenFile(filepath.Join(cfg.Dir, s.hash, "0"), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte{s.files[0][20_000] ^ 1}, 20_000); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if err := tor.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "all but one piece count as verified", func() bool { return tor.Stats().Completed == 100_000-16<<10 })
		eventually(t, "one piece is missing", func() bool {
			p := tor.Pieces()
			return p.Count == 7 && len(p.Runs) == 3 && p.Runs[1] == engine.PieceRun{State: engine.PieceMissing, Count: 1}
		})
		tor.SetPaused(false)
		connect(tor, author)
		same(t, tor, s)
		eventually(t, "complete", func() bool { return complete(tor) })
	}
}

func TestPausedIsServedAsFarAsItIsThere(t *testing.T) {
	tracker := newTracker(t)
	s := newSite(t, 16<<10, 100_000)
	c := start(t, config(t, tracker.url()))
	tor := publish(t, c, s)
	eventually(t, "the tracker knows", func() bool { return tracker.heard("started") })
	r, err := tor.Open(context.Background(), 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tor.SetPaused(true)
	eventually(t, "the tracker was told", func() bool { return tracker.heard("stopped") })
	if b, err := io.ReadAll(r); err != nil || string(b) != string(s.files[0]) {
		t.Errorf("an open reader gave %d bytes, %v", len(b), err)
	}
	same(t, tor, s)
	if st := tor.Stats(); st.Completed != 100_000 || st.Peers != 0 {
		t.Errorf("paused: %+v", st)
	}
	tor.SetPaused(false)
	same(t, tor, s)

	empty := newSite(t, 16<<10, 20_000)
	missing := add(t, c, Spec{Infohash: empty.hash, Info: empty.info, Paused: true})
	ready(t, missing)
	r, err = missing.Open(context.Background(), 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Read(make([]byte, 1)); engine.KindOf(err) != engine.Unavailable ||
		!strings.Contains(err.Error(), "paused") {
		t.Errorf("read of what is not here: %v", err)
	}
}

func TestReadersEndWithContextOrTorrent(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	read := func(ctx context.Context) <-chan error {
		r, err := tor.Open(ctx, 0, engine.UrgencyDocument)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			defer r.Close()
			_, err := r.Read(make([]byte, 1))
			done <- err
		}()
		return done
	}
	ctx, cancel := context.WithCancel(context.Background())
	gone := read(ctx)
	cancel()
	if err := enginetest.Receive(t, gone, "the read whose context was canceled"); !errors.Is(err, context.Canceled) {
		t.Errorf("a gone reader got %v", err)
	}
	waiting := read(context.Background())
	select {
	case err := <-waiting:
		t.Fatalf("read without data: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	tor.Drop()
	if err := enginetest.Receive(t, waiting, "the read of a dropped torrent"); engine.KindOf(err) != engine.NotFound {
		t.Errorf("a dropped torrent's reader got %v", err)
	}
}

func TestDropKeepsAndDeleteRemoves(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	c := start(t, config(t))
	tor := publish(t, c, s)
	if err := c.Delete(s.hash); engine.KindOf(err) != engine.Conflict {
		t.Errorf("delete of a joined torrent: %v", err)
	}
	if n, err := c.Usage(s.hash); err != nil || n < 100_000 {
		t.Errorf("usage %d, %v", n, err)
	}
	tor.Drop()
	tor.Drop()
	if f, err := c.Folders(); err != nil || len(f) != 1 || f[0] != s.hash {
		t.Errorf("folders %v, %v", f, err)
	}
	if err := c.Delete(s.hash); err != nil {
		t.Fatal(err)
	}
	if f, err := c.Folders(); err != nil || len(f) != 0 {
		t.Errorf("folders %v, %v after Delete", f, err)
	}
}

func TestPortTaken(t *testing.T) {
	first := start(t, config(t))
	cfg := config(t)
	cfg.PeerPort = first.Status().Port
	second := start(t, cfg)
	st := second.Status()
	if st.Port <= cfg.PeerPort || st.Port > cfg.PeerPort+maxPortTries || len(st.Warnings) != 1 ||
		!strings.Contains(st.Warnings[0], "is taken") {
		t.Errorf("status %+v with port %d taken", st, cfg.PeerPort)
	}
}

// TestTransferTotalsOnlyGrow fetches a torrent twice and drops it as soon as it is here: what it moved counts all the
// same.
func TestTransferTotalsOnlyGrow(t *testing.T) {
	s := newSite(t, 16<<10, 300_000)
	author, visitor := start(t, config(t)), start(t, config(t))
	original := publish(t, author, s)
	for round := int64(1); round <= 2; round++ {
		tor := add(t, visitor, Spec{Infohash: s.hash, Info: s.info})
		connect(tor, author)
		same(t, tor, s)
		tor.Drop()
		if err := visitor.Delete(s.hash); err != nil {
			t.Fatal(err)
		}
		if down, _ := visitor.Transferred(); down != round*300_000 {
			t.Errorf("after %d times the visitor has fetched %d bytes", round, down)
		}
	}
	before := original.Stats()
	original.Drop()
	if _, up := author.Transferred(); up < max(before.Uploaded, 600_000) {
		t.Errorf("the author has sent %d bytes, %d before it was dropped", up, before.Uploaded)
	}
}
