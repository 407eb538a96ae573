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
		b, z := withZone(t, withBinOfADay)
		b.swarm.seed(hashA, 3)
		z.setAnswer(resolve.Answer{Infohash: hashA, Queried: []engine.Asked{{URL: "https://dns.example/", Infohash: hashA}}})
		return b.harness()
	})
}

func TestHomesConformance(t *testing.T) {
	enginetest.RunHomes(t, func(t *testing.T, homes []engine.Home) enginetest.Harness {
		b := startFixture(t, withBinOfADay, func(c *Config) { c.Homes = homes })
		b.swarm.seed(hashA, 3)
		return b.harness()
	}, hashA)
}

func withBinOfADay(c *Config) { c.Bin = 24 * time.Hour }

func TestExpiryDeletesTheData(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	b.addSite(hashA)
	b.addSite(hashB)
	b.waitFor(hashA, "seeding", isSeeding)
	b.waitFor(hashB, "seeding", isSeeding)
	b.doVerb(engine.Pin, hashB)
	b.clock.Advance(29 * time.Minute)
	b.check("sites before", b.hosts(), hashA+" "+hashB)
	b.clock.Advance(time.Minute)
	b.check("sites after", b.hosts(), hashB)
	b.check("data after", b.hashesOnDisk(), hashB)
	b.check("dropped", strings.Join(b.swarm.dropped, " "), hashA)
	if info, err := b.db.Info(hashA); err != nil || info != nil {
		t.Errorf("the list of files stayed: %q, %v", info, err)
	}
}

func TestRequestsPostponeExpiry(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	c, err := b.Open(t.Context(), hashA) // a browser may be the first to open it
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(2 * time.Hour)
	b.waitFor(hashA, "in use", func(s engine.Site) bool { return s.InUse })
	c.Close(engine.Request{Path: "/"})
	c.Close(engine.Request{Path: "/"}) // a second Close changes nothing
	b.clock.Advance(29 * time.Minute)
	b.check("sites", b.hosts(), hashA)
	b.clock.Advance(time.Minute)
	b.check("sites", b.hosts(), "")
}

func TestOpenServesFiles(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
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

func TestOpenReportsWhatItWaitsFor(t *testing.T) {
	b := startFixture(t)
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

func TestHostOfEachAddress(t *testing.T) {
	b := startFixture(t)
	b.names.setAnswer("xn--bcher-kva.example", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.addSite("bücher.example")
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
		b.check("Host("+label+")", got, want)
	}
	// Whoever has its page open still comes back when it has expired, and after a restart.
	b.clock.Advance(time.Hour)
	b.check("sites", b.hosts(), "")
	for range 2 {
		if host, known := b.Host(engine.OriginLabel("xn--bcher-kva.example")); host != "xn--bcher-kva.example" || known {
			t.Errorf("a site that has expired: %q, known %t", host, known)
		}
		b.stop()
		b.openEngine()
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 3)
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.addSite("example.org")
	b.addSite(hashB)
	b.doVerb(engine.Pin, hashB)
	before := b.waitFor("example.org", "seeding", isSeeding)
	b.clock.Advance(10 * time.Minute)
	b.restart()
	after := b.waitFor("example.org", "seeding", isSeeding)
	if !after.ExpiresAt.Equal(before.ExpiresAt) || after.Downloaded != 3000 || after.Title != before.Title ||
		!after.AddedAt.Equal(before.AddedAt) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if last := b.swarm.specs[len(b.swarm.specs)-1]; last.Verify {
		t.Error("a clean restart hashes again")
	}
	b.waitFor(hashB, "pinned", func(s engine.Site) bool { return s.Pinned })
	b.stop()
	b.clock.Advance(time.Hour)
	b.openEngine()
	b.clock.Advance(0)
	b.check("sites after an hour's rest", b.hosts(), hashB)
	b.check("data", b.hashesOnDisk(), "")
}

// When a site is removed, a torrent that another site points to stays.
func TestSharedTorrentStaysWithTheOtherSite(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.addSite("example.org")
	b.waitFor("example.org", "seeding", isSeeding)
	b.doVerb(engine.Pause, hashA)
	if b.swarm.joined[hashA].paused {
		t.Error("pausing one of two sites paused the torrent of both")
	}
	b.doVerb(engine.Remove, hashA)
	b.check("sites", b.hosts(), "example.org")
	b.check("data", b.hashesOnDisk(), hashA)
	b.doVerb(engine.Evict, "example.org")
	b.check("dropped at once", strings.Join(b.swarm.dropped, " "), hashA)
	b.check("data during the undo period", b.hashesOnDisk(), hashA)
	b.clock.Advance(engine.UndoPeriod)
	b.check("data after it", b.hashesOnDisk(), "")
}

// The next start finishes an eviction that was running when the program ended. Unknown data stays.
func TestStartFinishesAnInterruptedEviction(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Evict, hashA)
	b.stop()
	b.swarm.disk[hashC] = 5
	b.clock.Advance(engine.UndoPeriod)
	b.openEngine()
	b.clock.Advance(0)
	b.check("data", b.hashesOnDisk(), hashC)
	if rows, err := b.db.Sites(); err != nil || len(rows) != 1 || !rows[0].Found {
		t.Errorf("rows: %+v, %v", rows, err)
	}
}

func TestTooLargeIsRefusedUntilAllowed(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.MaxSiteSize = 1500 })
	b.swarm.seed(hashA, 2)
	b.addSite(hashA)
	s := b.waitFor(hashA, "refused", func(s engine.Site) bool { return s.State == engine.Failed })
	if s.ErrorKind != engine.TooLarge || s.Error == "" || s.Size != -1 {
		t.Errorf("refused: %+v", s)
	}
	if _, err := b.Open(t.Context(), hashA); engine.KindOf(err) != engine.TooLarge {
		t.Errorf("Open: %v", err)
	}
	b.doVerb(engine.Allow, hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.restart()
	b.waitFor(hashA, "seeding", isSeeding)
}

func TestUnknownDomainIsReported(t *testing.T) {
	b := startFixture(t)
	b.addSite("example.org")
	s := b.waitFor("example.org", "failed", func(s engine.Site) bool { return s.State == engine.Failed })
	if s.ErrorKind != engine.NotFound || !strings.Contains(s.Error, "TXT") {
		t.Errorf("%+v", s)
	}
	b.swarm.seed(hashA, 1)
	b.stop() // the map of names is the engine's while it runs
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour, Source: "https://resolver/"})
	b.openEngine()
	b.waitFor("example.org", "found", isSeeding)
}

func TestStalledSiteIsReported(t *testing.T) {
	b := startFixture(t)
	b.addSite(hashB)
	b.waitFor(hashB, "waiting", func(s engine.Site) bool { return s.Awaiting == "peers" })
	b.clock.Advance(0) // from now on it is known to be alone
	b.clock.Advance(4 * time.Minute)
	s := b.waitFor(hashB, "stalled", func(s engine.Site) bool { return s.State == engine.Failed })
	if s.ErrorKind != engine.Unavailable || !strings.Contains(s.Error, "no peers for 4m") {
		t.Errorf("%+v", s)
	}
	b.swarm.seed(hashB, 1)
	b.waitFor(hashB, "well again", func(s engine.Site) bool { return isSeeding(s) && s.Error == "" })
}

// A site whose only source is a broken web seed reports the web seed's error.
func TestDeadWebSeedIsReported(t *testing.T) {
	const fault = "the web seed does not work: it closes the connection"
	b := startFixture(t)
	b.swarm.mu.Lock()
	b.swarm.deadMirror = fault
	b.swarm.mu.Unlock()
	b.addSite(hashB)
	b.waitFor(hashB, "waiting", func(s engine.Site) bool { return s.Awaiting == "peers: "+fault })
	b.clock.Advance(0) // from now on it is known to be alone
	b.clock.Advance(4 * time.Minute)
	s := b.waitFor(hashB, "stalled", func(s engine.Site) bool { return s.State == engine.Failed })
	if !strings.Contains(s.Error, "no peers for 4m: "+fault+", trying on") {
		t.Errorf("%+v", s)
	}
}

func TestShippedSiteIsPublishedOnce(t *testing.T) {
	b := startFixture(t)
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
	b.check("sites", b.hosts(), s.Host)
	b.restart()
	b.check("sites after a restart", b.hosts(), s.Host)
}

func TestLimitsSurviveUnlessConfigured(t *testing.T) {
	b := startFixture(t)
	if err := b.SetLimits(t.Context(), engine.Limits{Down: 5, Up: 6}); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if want := (engine.Limits{Down: 5, Up: 6}); b.swarm.limits != want {
		t.Errorf("after a restart: %+v", b.swarm.limits)
	}
	b.cfg.Limits = engine.Limits{Up: 1}
	b.restart()
	if want := (engine.Limits{Down: 5, Up: 1}); b.swarm.limits != want {
		t.Errorf("with a configured limit: %+v", b.swarm.limits)
	}
}

func TestLimitsOfLabelsSurviveUnlessConfigured(t *testing.T) {
	b := startFixture(t)
	for _, l := range []engine.Limits{
		{Label: "a", Down: 5, Up: 6}, {Label: "b", Up: 7}, {Label: "c", Up: 8}, {Label: "c"},
	} {
		if err := b.SetLimits(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	b.cfg.LabelLimits = []engine.Limits{{Label: "a", Up: 1}, {Label: "d", Down: 2}}
	clear(b.swarm.byLabel)
	b.restart()
	want := map[string]engine.Limits{
		"a": {Label: "a", Down: 5, Up: 1}, "b": {Label: "b", Up: 7}, "d": {Label: "d", Down: 2},
	}
	if !maps.Equal(b.swarm.byLabel, want) {
		t.Errorf("after a restart: %+v", b.swarm.byLabel)
	}
}

// A domain's detail lists which infohashes it has had. That of an infohash lists no other.
func TestDetailListsTheVersionsOfADomain(t *testing.T) {
	b := startFixture(t)
	b.addSite("example.org")
	now := engine.At(b.clock.Now())
	name := engine.Name{Host: "example.org", Infohash: hashA, At: now, Source: "https://resolver/"}
	if err := b.db.PutName(name); err != nil {
		t.Fatal(err)
	}
	d, err := b.Detail(t.Context(), "example.org")
	if err != nil || len(d.Versions) != 1 || d.Versions[0].Infohash != hashA {
		t.Errorf("versions: %+v, %v", d.Versions, err)
	}
}
