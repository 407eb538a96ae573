package fake

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

const (
	fetchable = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	unseeded  = "00000000000000000000000000000000deadbeef"
)

// steppingEngine moves the clock after an addition until the site is complete, for a suite that waits without a clock.
type steppingEngine struct{ *Engine }

func (e steppingEngine) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	s, err := e.Engine.Add(ctx, req)
	for err == nil && s.Host != unseeded && e.state(s.Host) != engine.Seeding {
		e.Step(10 * time.Second)
	}
	return s, err
}

func (e *Engine) state(host string) engine.State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.sites[host].State
}

func TestConformance(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		e := New(Options{UnseededHosts: []string{unseeded}})
		t.Cleanup(func() { _ = e.Close() })
		return enginetest.Harness{
			Engine: steppingEngine{e}, Fetchable: fetchable, Unseeded: unseeded, CacheTTL: 30 * time.Minute,
			Advance: e.Step, Stop: func() { _ = e.Close() },
		}
	})
}

func TestHomesConformance(t *testing.T) {
	enginetest.RunHomes(t, func(t *testing.T, homes []engine.Home) enginetest.Harness {
		e := New(Options{UnseededHosts: []string{unseeded}, Homes: homes})
		t.Cleanup(func() { _ = e.Close() })
		return enginetest.Harness{
			Engine: steppingEngine{e}, Fetchable: fetchable, Unseeded: unseeded, CacheTTL: 30 * time.Minute,
			Advance: e.Step, Stop: func() { _ = e.Close() },
		}
	}, fetchable)
}

// playDemo runs the demo for ten minutes with a few verbs, and returns the last snapshot.
func playDemo(t *testing.T, seed uint64) engine.Snapshot {
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
	return newestSnapshot(t, e)
}

func newestSnapshot(t *testing.T, e engine.Engine) engine.Snapshot {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ch, err := e.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return enginetest.Receive(t, ch, "the newest snapshot")
}

func TestSameSeedGivesSameStates(t *testing.T) {
	a, b, other := playDemo(t, 5), playDemo(t, 5), playDemo(t, 6)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two plays with one seed differ:\n%s", diff)
	}
	if cmp.Equal(a.Sites, other.Sites) {
		t.Error("another seed made no difference")
	}
}

func TestStatesArePlausible(t *testing.T) {
	e := New(Options{Seed: 1, Scripts: Demo()})
	defer e.Close()
	before := map[string]engine.Site{}
	for range 600 {
		e.Step(time.Second)
		for _, s := range newestSnapshot(t, e).Sites {
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
	for _, s := range newestSnapshot(t, e).Sites {
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
	for _, tc := range []struct {
		host string
		verb engine.Verb
		says string // empty if it goes on
	}{
		{"huge.example", engine.Allow, ""},
		{"huge.example", engine.Pin, "over the limit of 2.0 GB"},
		{"vast.example", engine.Allow, ""},
		{"vast.example", engine.Pin, ""},
		{"vast.example", engine.Touch, "the whole cache of 5.0 GB"},
	} {
		e := New(Options{})
		t.Cleanup(func() { _ = e.Close() })
		if _, err := e.Add(t.Context(), engine.AddRequest{Address: tc.host}); err != nil {
			t.Fatal(err)
		}
		if err := e.Do(t.Context(), tc.verb, tc.host); err != nil {
			t.Fatal(err)
		}
		e.Step(5 * time.Second)
		s := newestSnapshot(t, e).Sites[0]
		goesOn := s.State == engine.Downloading && s.Error == "" && s.DownRate > 0
		if goesOn != (tc.says == "") || !strings.Contains(s.Error, tc.says) {
			t.Errorf("%s after %s: %+v", tc.host, tc.verb, s)
		}
	}
}

func TestPlayEndsWithItsContext(t *testing.T) {
	e := New(Options{Scripts: Demo()})
	defer e.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		e.Play(ctx)
		close(done)
	}()
	cancel()
	enginetest.Receive(t, done, "Play to return")
}

func TestDemoWithManyHasDifferentHosts(t *testing.T) {
	for _, n := range []int{0, 5, 12, 13, 1000, 5000} {
		hosts := map[string]bool{}
		for _, sc := range DemoWithMany(n) {
			hosts[sc.Host] = true
		}
		if len(hosts) != n {
			t.Errorf("a crowd of %d has %d hosts", n, len(hosts))
		}
	}
	e := New(Options{Scripts: DemoWithMany(200)})
	defer e.Close()
	e.Step(time.Minute)
	states := map[engine.State]int{}
	snap := newestSnapshot(t, e)
	for _, s := range snap.Sites {
		states[s.State]++
	}
	if len(states) < 4 || snap.Status.Peers == 0 || snap.Status.UpRate == 0 {
		t.Errorf("the crowd is not lively: %v, %+v", states, snap.Status)
	}
}

// TestDemoFillsEveryFieldOfDetail: every field of a Detail that a screen can show is set for some site of the demo.
func TestDemoFillsEveryFieldOfDetail(t *testing.T) {
	e := New(Options{Seed: 1, Scripts: Demo()})
	defer e.Close()
	e.Step(20 * time.Second)
	detail := func(host string) engine.Detail {
		d, err := e.Detail(t.Context(), host)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := detail("wiki.pub")
	states := map[engine.VersionState]bool{}
	for _, v := range d.Versions {
		states[v.State] = true
	}
	if len(states) != 4 || d.Site.NextInfohash == "" || d.Site.NextCheck.IsZero() || len(d.Domain.Warnings) == 0 ||
		len(d.Domain.Asked) < 3 || len(d.Log) < 3 {
		t.Errorf("wiki.pub: versions %v, %+v", states, d.Domain)
	}
	if d = detail("radio.example.org"); len(d.Pieces.Copies) < 2 || len(d.Pieces.Runs) < 2 {
		t.Errorf("pieces %+v", d.Pieces)
	}
	waited := false
	for _, r := range d.Requests {
		waited = waited || r.Pieces > 0 && len(r.From) > 0 && r.Wait > int64(100*time.Millisecond)
	}
	if !waited {
		t.Errorf("no request waited for the swarm: %+v", d.Requests)
	}
	if err := e.Switch(t.Context(), "wiki.pub", detail("wiki.pub").Versions[2].Infohash); err != nil ||
		!detail("wiki.pub").Site.Held {
		t.Errorf("switching: %v", err)
	}
	if !detail("tomjwatson.com").Site.NoClearnet {
		t.Error("no site is without clearnet")
	}
}

func TestPublishFollowsTheFolderName(t *testing.T) {
	e := New(Options{})
	defer e.Close()
	req := engine.PublishRequest{Dir: "/home/me/secret-site", Name: "new.example"}
	p, err := e.Publish(t.Context(), req, nil)
	if engine.KindOf(err) != engine.Refused || len(p.Findings) < 4 || p.Findings[0].Choice != engine.ChoiceRefuse {
		t.Fatalf("a private key gives %v, %+v", err, p)
	}
	req.LeaveOut, req.Keep = []string{"deploy/id_ed25519"}, []string{"About.html"}
	var stages []engine.PublishStage
	found := 0
	p, err = e.Publish(t.Context(), req, func(p engine.PublishProgress) {
		stages = append(stages, p.Stage)
		found += len(p.Findings)
	})
	if err != nil || p.Host != "new.example" || len(p.Records) != 2 || len(slices.Compact(stages)) != 3 ||
		found != len(p.Findings) {
		t.Fatalf("%v, stages %v, %d findings on the way, %+v", err, stages, found, p)
	}
	again, err := e.Publish(t.Context(), req, nil)
	if err != nil || again.Previous != p.Infohash || again.Infohash == p.Infohash || len(again.Changed) == 0 {
		t.Fatalf("the second version: %v, %+v", err, again)
	}
	for dir, kind := range map[string]engine.Kind{"missing": engine.Unavailable, "empty": engine.Invalid} {
		if _, err := e.Publish(t.Context(), engine.PublishRequest{Dir: "/" + dir}, nil); engine.KindOf(err) != kind {
			t.Errorf("%s gives %v", dir, err)
		}
	}
}

func TestPublishWithRealisticDelays(t *testing.T) {
	e := New(Options{RealisticDelays: true})
	defer e.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(chan engine.PublishProgress, 1000)
	result := make(chan error, 1)
	publish := func(ctx context.Context) {
		_, err := e.Publish(ctx, engine.PublishRequest{Dir: "/home/me/huge"}, func(p engine.PublishProgress) { seen <- p })
		result <- err
	}
	go publish(ctx)
	limit := time.After(2 * time.Minute)
	for p := (engine.PublishProgress{}); p.Stage != engine.PublishHash; { // Nobody but this test moves the clock.
		e.Step(timeStep)
		select {
		case p = <-seen:
		case err := <-result:
			t.Fatalf("the publication ended early: %v", err)
		case <-limit:
			t.Fatal("the publication does not get to hashing")
		default:
		}
	}
	cancel()
	err := enginetest.Receive(t, result, "the publication to stop")
	if engine.KindOf(err) != engine.Unavailable || len(newestSnapshot(t, e).Sites) != 0 {
		t.Fatalf("a publication that was stopped gives %v", err)
	}
	go publish(t.Context())
	for done := false; !done; {
		e.Step(timeStep)
		select {
		case err := <-result:
			if done = true; err != nil {
				t.Fatal(err)
			}
		case <-seen:
		case <-limit:
			t.Fatal("the publication does not end")
		default:
		}
	}
	if sites := newestSnapshot(t, e).Sites; len(sites) != 1 || !sites[0].Mine {
		t.Fatalf("published: %+v", sites)
	}
}

// BenchmarkStep measures a quarter of a second of the demo. Four times this is what it costs at rest.
func BenchmarkStep(b *testing.B) {
	e := New(Options{Scripts: DemoWithMany(1000)})
	defer e.Close()
	for b.Loop() {
		e.Step(timeStep)
	}
}

// TestRestingSiteOfDemo: the resting site joins its swarm again when a person wants it to.
func TestRestingSiteOfDemo(t *testing.T) {
	for name, wake := range map[string]func(e *Engine, host string) error{
		"":         nil,
		"resume":   func(e *Engine, host string) error { return e.Do(t.Context(), engine.Resume, host) },
		"verify":   func(e *Engine, host string) error { return e.Do(t.Context(), engine.Verify, host) },
		"more":     func(e *Engine, host string) error { return setEnough(t, e, host, 5) },
		"never":    func(e *Engine, host string) error { return setEnough(t, e, host, -1) },
		"the same": func(e *Engine, host string) error { return setEnough(t, e, host, 3) },
	} {
		e := New(Options{Seed: 1, Scripts: Demo()})
		t.Cleanup(func() { _ = e.Close() })
		d, err := e.Detail(t.Context(), fetchable)
		if s := d.Site; err != nil || !s.Resting || s.State != engine.Seeding || s.Peers != 0 || s.Copies < s.Enough {
			t.Fatalf("%v: %+v", err, s)
		}
		if wake != nil {
			if err := wake(e, fetchable); err != nil {
				t.Fatal(err)
			}
		}
		e.Step(time.Minute)
		d, err = e.Detail(t.Context(), fetchable)
		rests := wake == nil || name == "the same"
		if err != nil || d.Site.Resting != rests || (d.Site.Peers == 0) != rests {
			t.Errorf("%s: rests %v with %d peers, %v", name, d.Site.Resting, d.Site.Peers, err)
		}
	}
}

func setEnough(t *testing.T, e *Engine, host string, n int) error {
	return e.Assign(t.Context(), engine.Assignment{SetEnough: true, Enough: n}, host)
}
