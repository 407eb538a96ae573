package fake

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

const (
	fetchable = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	dead      = "00000000000000000000000000000000deadbeef"
)

// eager lets time pass after an addition until the site is complete, for a suite that waits without a clock.
type eager struct{ *Engine }

func (e eager) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	s, err := e.Engine.Add(ctx, req)
	for err == nil && s.Host != dead && e.state(s.Host) != engine.Seeding {
		e.Step(10 * time.Second)
	}
	return s, err
}

func (e *Engine) state(host string) engine.State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sites[host].State
}

func TestConformance(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		e := New(Options{Nobody: []string{dead}})
		t.Cleanup(func() { _ = e.Close() })
		return enginetest.Harness{
			Engine: eager{e}, Fetchable: fetchable, Dead: dead, CacheTTL: 30 * time.Minute,
			Advance: e.Step, Stop: func() { _ = e.Close() },
		}
	})
}

// play runs the demo for ten minutes, pressing a few keys, and gives the last snapshot.
func play(t *testing.T, seed uint64) engine.Snapshot {
	t.Helper()
	e := New(Options{Seed: seed, Scripts: Demo()})
	defer e.Close()
	e.Step(2 * time.Minute)
	for _, v := range []engine.Verb{engine.Verify, engine.Announce, engine.Touch} {
		if err := e.Do(t.Context(), v, "docs.example"); err != nil {
			t.Fatal(err)
		}
	}
	e.Step(8 * time.Minute)
	return newest(t, e)
}

func newest(t *testing.T, e engine.Engine) engine.Snapshot {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ch, err := e.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return <-ch
}

func TestTheSameSeedGivesTheSameLife(t *testing.T) {
	a, b, other := play(t, 5), play(t, 5), play(t, 6)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two plays with one seed differ:\n%s", diff)
	}
	if cmp.Equal(a.Sites, other.Sites) {
		t.Error("another seed made no difference")
	}
}

func TestLifeIsPlausible(t *testing.T) {
	e := New(Options{Seed: 1, Scripts: Demo()})
	defer e.Close()
	before := map[string]engine.Site{}
	for range 600 {
		e.Step(time.Second)
		for _, s := range newest(t, e).Sites {
			was, known := before[s.Host]
			if known && (s.Uploaded < was.Uploaded || s.Downloaded < was.Downloaded || s.Completed < was.Completed) {
				t.Fatalf("%s went backwards: %+v after %+v", s.Host, s, was)
			}
			if s.Completed > max(s.Size, 0) || s.Seeds > s.Peers || s.WebPeers > s.Peers || s.Peers > s.KnownPeers {
				t.Fatalf("impossible: %+v", s)
			}
			if s.State == engine.Seeding && s.Completed != s.Size {
				t.Fatalf("seeds what it has not got: %+v", s)
			}
			before[s.Host] = s
		}
	}
	if was := before["docs.example"]; was.Host == "" {
		t.Fatal("docs.example was never there")
	}
	for _, s := range newest(t, e).Sites {
		if s.Host == "docs.example" {
			t.Fatal("docs.example has 4:12 to live and is there after 10 minutes")
		}
	}
}

func TestTorrentFileIsOpenedByItsInfohash(t *testing.T) {
	const info = "d6:lengthi3e4:name5:a.txt12:piece lengthi16384e6:pieces20:01234567890123456789e"
	e := New(Options{})
	defer e.Close()
	s, err := e.Add(t.Context(), engine.AddRequest{Metainfo: []byte("d8:announce3:xyz4:info" + info + "e")})
	if err != nil {
		t.Fatal(err)
	}
	// The SHA-1 of info, taken with another program.
	if want := "441411690f931ff5dffa056e3feca72420b36aa3"; s.Host != want {
		t.Fatalf("opened %q, want %s", s.Host, want)
	}
	for _, bad := range []string{"", "d", "d4:info", "d4:info3:abce", "de", "le", "d4:infod", "d99999999999:x", "di1e"} {
		if h, ok := infohashOf([]byte(bad)); ok {
			t.Errorf("%q has the infohash %s", bad, h)
		}
	}
}

func TestTooLargeCanBeAllowed(t *testing.T) {
	e := New(Options{})
	defer e.Close()
	if _, err := e.Add(t.Context(), engine.AddRequest{Address: "huge.example"}); err != nil {
		t.Fatal(err)
	}
	if err := e.Do(t.Context(), engine.Allow, "huge.example"); err != nil {
		t.Fatal(err)
	}
	e.Step(5 * time.Second)
	s := newest(t, e).Sites[0]
	if s.State != engine.Downloading || s.Error != "" || s.DownRate == 0 {
		t.Fatalf("after allowing: %+v", s)
	}
}

func TestPlayStopsWithItsContext(t *testing.T) {
	e := New(Options{Scripts: Demo()})
	defer e.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		e.Play(ctx)
		close(done)
	}()
	cancel()
	<-done
}
