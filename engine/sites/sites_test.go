package sites

import (
	"context"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/resolve"
)

func TestConformance(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		b, z := withZone(t, binOfADay)
		b.world.seed(hashA, 3)
		z.answer(resolve.Answer{Infohash: hashA, Queried: []engine.Asked{{URL: "https://dns.example/", Infohash: hashA}}})
		return b.harness()
	})
}

func TestHomesConformance(t *testing.T) {
	enginetest.RunHomes(t, func(t *testing.T, homes []engine.Home) enginetest.Harness {
		b := start(t, binOfADay, func(c *Config) { c.Homes = homes })
		b.world.seed(hashA, 3)
		return b.harness()
	}, hashA)
}

func binOfADay(c *Config) { c.Bin = 24 * time.Hour }

func TestExpiryTakesTheDataAlong(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	b.world.seed(hashB, 2)
	b.add(hashA)
	b.add(hashB)
	b.waitFor(hashA, "seeding", seeding)
	b.waitFor(hashB, "seeding", seeding)
	b.do(engine.Pin, hashB)
	b.clock.Advance(29 * time.Minute)
	b.want("sites before", b.hosts(), hashA+" "+hashB)
	b.clock.Advance(time.Minute)
	b.want("sites after", b.hosts(), hashB)
	b.want("data after", b.onDisk(), hashB)
	b.want("dropped", strings.Join(b.world.dropped, " "), hashA)
	if info, err := b.db.Info(hashA); err != nil || info != nil {
		t.Errorf("the list of files stayed: %q, %v", info, err)
	}
}

func TestRequestsPostponeExpiry(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	c, err := b.Open(t.Context(), hashA) // a browser may be the first to open it
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(2 * time.Hour)
	b.waitFor(hashA, "in use", func(s engine.Site) bool { return s.InUse })
	c.Close(engine.Request{Path: "/"})
	c.Close(engine.Request{Path: "/"}) // a second Close changes nothing
	b.clock.Advance(29 * time.Minute)
	b.want("sites", b.hosts(), hashA)
	b.clock.Advance(time.Minute)
	b.want("sites", b.hosts(), "")
}

func TestOpenServesFiles(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	c, err := b.Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(engine.Request{})
	root, ok := c.List("")
	if !ok || len(root) != 1 || !root[0].Dir || root[0].Name != "dir" {
		t.Errorf("root: %+v, %v", root, ok)
	}
	if dir, ok := c.List("dir"); !ok || len(dir) != 2 || dir[1].Name != "1.html" {
		t.Errorf("dir: %+v, %v", dir, ok)
	}
	if _, ok := c.List("nothing"); ok {
		t.Error("a folder that is not there was listed")
	}
	entry, ok := c.Lookup("dir/1.html")
	if !ok || entry.Index != 1 || entry.Size != 1000 || entry.Tag != "1" {
		t.Errorf("file: %+v, %v", entry, ok)
	}
	if _, ok := c.Lookup("dir"); ok {
		t.Error("a folder was taken for a file")
	}
	r, err := c.Open(t.Context(), entry, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || len(data) != 1000 || data[0] != 1 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenSaysWhatItWaitsFor(t *testing.T) {
	b := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Open(ctx, hashB)
	if engine.KindOf(err) != engine.NotReady || !strings.Contains(engine.Message(err), "peers") {
		t.Errorf("Open: %v", err)
	}
	b.waitFor(hashB, "opened and free", func(s engine.Site) bool { return !s.InUse })
	// It is among the site's requests like any other.
	b.Unserved(hashB, engine.Request{Path: "/", Status: 503})
	b.Unserved(hashA, engine.Request{Path: "/"}) // no site here
	d, err := b.Detail(t.Context(), hashB)
	if err != nil || len(d.Requests) != 1 || d.Requests[0].Status != 503 {
		t.Errorf("requests %+v, %v", d.Requests, err)
	}
}

func TestHost(t *testing.T) {
	b := start(t)
	b.names.put("xn--bcher-kva.example", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.add("bücher.example")
	for label, want := range map[string]string{
		hashA:         hashA + " false",
		"example-org": "example.org false",
		engine.OriginLabel("xn--bcher-kva.example"): "xn--bcher-kva.example true",
		engine.OriginLabel("xn--x.example"):         " false",
		"nonsense":                                  " false",
	} {
		host, known := b.Host(label)
		got := host + " false"
		if known {
			got = host + " true"
		}
		b.want("Host("+label+")", got, want)
	}
	// Whoever has its page open still comes back when it has expired, and after a restart.
	b.clock.Advance(time.Hour)
	b.want("sites", b.hosts(), "")
	for range 2 {
		if host, known := b.Host(engine.OriginLabel("xn--bcher-kva.example")); host != "xn--bcher-kva.example" || known {
			t.Errorf("a site that has expired: %q, known %t", host, known)
		}
		b.stop()
		b.open()
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 3)
	b.names.put("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.add("example.org")
	b.add(hashB)
	b.do(engine.Pin, hashB)
	before := b.waitFor("example.org", "seeding", seeding)
	b.clock.Advance(10 * time.Minute)
	b.restart()
	after := b.waitFor("example.org", "seeding", seeding)
	if !after.ExpiresAt.Equal(before.ExpiresAt) || after.Downloaded != 3000 || after.Title != before.Title || !after.AddedAt.Equal(before.AddedAt) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if last := b.world.specs[len(b.world.specs)-1]; last.Verify {
		t.Error("a clean restart hashes again")
	}
	b.waitFor(hashB, "pinned", func(s engine.Site) bool { return s.Pinned })
	b.stop()
	b.clock.Advance(time.Hour)
	b.open()
	b.clock.Advance(0)
	b.want("sites after an hour's rest", b.hosts(), hashB)
	b.want("data", b.onDisk(), "")
}

// Of a site that goes away only what is needed goes: a torrent that another site points to stays.
func TestSitesShareATorrent(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	b.names.put("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.add(hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.add("example.org")
	b.waitFor("example.org", "seeding", seeding)
	b.do(engine.Pause, hashA)
	if b.world.joined[hashA].paused {
		t.Error("pausing one of two sites paused the torrent of both")
	}
	b.do(engine.Remove, hashA)
	b.want("sites", b.hosts(), "example.org")
	b.want("data", b.onDisk(), hashA)
	b.do(engine.Evict, "example.org")
	b.want("dropped at once", strings.Join(b.world.dropped, " "), hashA)
	b.want("data during the undo period", b.onDisk(), hashA)
	b.clock.Advance(engine.UndoPeriod)
	b.want("data after it", b.onDisk(), "")
}

// An eviction that was under way when the program ended is finished by the next start; data that nobody knows stays.
func TestStartFinishesWhatWasBegun(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	b.add(hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.do(engine.Evict, hashA)
	b.stop()
	b.world.disk[hashC] = 5
	b.clock.Advance(engine.UndoPeriod)
	b.open()
	b.clock.Advance(0)
	b.want("data", b.onDisk(), hashC)
	if rows, err := b.db.Sites(); err != nil || len(rows) != 1 || !rows[0].Found {
		t.Errorf("rows: %+v, %v", rows, err)
	}
}

func TestCacheSize(t *testing.T) {
	b := start(t, func(c *Config) { c.CacheSize = 5000 })
	for _, h := range []string{hashA, hashB, hashC} {
		b.world.seed(h, 2)
	}
	b.add(hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.do(engine.Pin, hashA)
	b.clock.Advance(time.Second)
	b.add(hashB)
	b.waitFor(hashB, "seeding", seeding)
	b.clock.Advance(time.Second)
	d := strings.Repeat("d", 40)
	b.world.seed(d, 2)
	b.add(hashC)
	b.waitFor(hashC, "seeding", seeding)
	b.want("pinned sites do not count", b.hosts(), hashA+" "+hashB+" "+hashC)
	b.clock.Advance(time.Second)
	b.add(d)
	b.waitFor(d, "seeding", seeding)
	b.clock.Advance(0)
	b.want("the oldest has left", b.hosts(), hashA+" "+hashC+" "+d)
}

// A site whose torrent a pinned one has as well does not leave a full cache: that would make no room.
func TestCacheSizeAndSharedTorrents(t *testing.T) {
	b := start(t, func(c *Config) { c.CacheSize = 2500 })
	for _, h := range []string{hashA, hashB, hashC} {
		b.world.seed(h, 2)
	}
	b.names.put("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.add("example.org")
	b.waitFor("example.org", "seeding", seeding)
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashA, Pin: true}); err != nil {
		t.Fatal(err)
	}
	for _, h := range []string{hashB, hashC} {
		b.clock.Advance(time.Second)
		b.add(h)
		b.waitFor(h, "seeding", seeding)
	}
	b.clock.Advance(0)
	b.want("the oldest that makes room has left", b.hosts(), hashA+" "+hashC+" example.org")
}

func TestTooLargeIsRefusedUntilAllowed(t *testing.T) {
	b := start(t, func(c *Config) { c.MaxSiteSize = 1500 })
	b.world.seed(hashA, 2)
	b.add(hashA)
	s := b.waitFor(hashA, "refused", func(s engine.Site) bool { return s.State == engine.Failed })
	if s.ErrorKind != engine.TooLarge || s.Error == "" || s.Size != -1 {
		t.Errorf("refused: %+v", s)
	}
	if _, err := b.Open(t.Context(), hashA); engine.KindOf(err) != engine.TooLarge {
		t.Errorf("Open: %v", err)
	}
	b.do(engine.Allow, hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.restart()
	b.waitFor(hashA, "seeding", seeding)
}

func TestDomainThatIsNotFound(t *testing.T) {
	b := start(t)
	b.add("example.org")
	s := b.waitFor("example.org", "failed", func(s engine.Site) bool { return s.State == engine.Failed })
	if s.ErrorKind != engine.NotFound || !strings.Contains(s.Error, "TXT") {
		t.Errorf("%+v", s)
	}
	b.world.seed(hashA, 1)
	b.stop() // the map of names is the engine's while it runs
	b.names.put("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour, Source: "https://resolver/"})
	b.open()
	b.waitFor("example.org", "found", seeding)
}

func TestStalledSiteSaysSo(t *testing.T) {
	b := start(t)
	b.add(hashB)
	b.waitFor(hashB, "waiting", func(s engine.Site) bool { return s.Awaiting == "peers" })
	b.clock.Advance(0) // from now on it is known to be alone
	b.clock.Advance(4 * time.Minute)
	s := b.waitFor(hashB, "stalled", func(s engine.Site) bool { return s.State == engine.Failed })
	if s.ErrorKind != engine.Unavailable || !strings.Contains(s.Error, "no peers for 4m") {
		t.Errorf("%+v", s)
	}
	b.world.seed(hashB, 1)
	b.waitFor(hashB, "well again", func(s engine.Site) bool { return seeding(s) && s.Error == "" })
}

// A site whose only source is a web seed that does not work says what is wrong with that.
func TestDeadWebSeedIsTold(t *testing.T) {
	const fault = "the web seed does not work: it closes the connection"
	b := start(t)
	b.world.mu.Lock()
	b.world.deadMirror = fault
	b.world.mu.Unlock()
	b.add(hashB)
	b.waitFor(hashB, "waiting", func(s engine.Site) bool { return s.Awaiting == "peers: "+fault })
	b.clock.Advance(0) // from now on it is known to be alone
	b.clock.Advance(4 * time.Minute)
	s := b.waitFor(hashB, "stalled", func(s engine.Site) bool { return s.State == engine.Failed })
	if !strings.Contains(s.Error, "no peers for 4m: "+fault+", trying on") {
		t.Errorf("%+v", s)
	}
}

func TestPublish(t *testing.T) {
	b := start(t)
	folder := fstest.MapFS{"index.html": {Data: []byte("<h1>hi</h1>")}}
	s, err := b.Ship(t.Context(), folder, "hi")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Mine || !s.Pinned || !s.ExpiresAt.IsZero() {
		t.Errorf("%+v", s)
	}
	again, err := b.Ship(t.Context(), folder, "hi")
	if err != nil || again.Host != s.Host {
		t.Errorf("published again: %+v, %v", again, err)
	}
	b.want("sites", b.hosts(), s.Host)
	b.restart()
	b.want("sites after a restart", b.hosts(), s.Host)
}

func TestLimitsSurviveUnlessConfigured(t *testing.T) {
	b := start(t)
	if err := b.SetLimits(t.Context(), engine.Limits{Down: 5, Up: 6}); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if want := (engine.Limits{Down: 5, Up: 6}); b.world.limits != want {
		t.Errorf("after a restart: %+v", b.world.limits)
	}
	b.cfg.Limits = engine.Limits{Up: 1}
	b.restart()
	if want := (engine.Limits{Down: 5, Up: 1}); b.world.limits != want {
		t.Errorf("with a configured limit: %+v", b.world.limits)
	}
}

func TestLimitsOfLabelsSurviveUnlessConfigured(t *testing.T) {
	b := start(t)
	for _, l := range []engine.Limits{{Label: "a", Down: 5, Up: 6}, {Label: "b", Up: 7}, {Label: "c", Up: 8}, {Label: "c"}} {
		if err := b.SetLimits(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	b.cfg.LabelLimits = []engine.Limits{{Label: "a", Up: 1}, {Label: "d", Down: 2}}
	clear(b.world.byLabel)
	b.restart()
	want := map[string]engine.Limits{
		"a": {Label: "a", Down: 5, Up: 1}, "b": {Label: "b", Up: 7}, "d": {Label: "d", Down: 2},
	}
	if !maps.Equal(b.world.byLabel, want) {
		t.Errorf("after a restart: %+v", b.world.byLabel)
	}
}

// A domain's detail tells which infohashes it has had; an infohash has had no other.
func TestDetailTellsVersions(t *testing.T) {
	b := start(t)
	b.add("example.org")
	now := engine.At(b.clock.Now())
	if err := b.db.PutName(engine.Name{Host: "example.org", Infohash: hashA, At: now, Source: "https://resolver/"}); err != nil {
		t.Fatal(err)
	}
	d, err := b.Detail(t.Context(), "example.org")
	if err != nil || len(d.Versions) != 1 || d.Versions[0].Infohash != hashA {
		t.Errorf("versions: %+v, %v", d.Versions, err)
	}
}
