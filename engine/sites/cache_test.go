package sites

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/engine/swarm"
)

func isTooLarge(s engine.Site) bool {
	return s.State == engine.Failed && s.ErrorKind == engine.TooLarge
}

func isUnderWay(s engine.Site) bool {
	return s.State == engine.Downloading || s.State == engine.Seeding
}

// withSizeLimits sets limits of all kinds, each of them lower than the others allow.
func withSizeLimits(c *Config) { c.MaxSiteSize, c.CacheSize = 3000, 2500 }

// A site that is too large is fetched once it is allowed, whenever that is, and so are its next versions, also after a
// restart.
func TestAllowedSiteIgnoresSizeLimits(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files int
		limit string
	}{
		{"more than the cache", 3, "cache"},
		{"over the size", 4, "size"},
		{"too many files", MaxFiles + 1, "files"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, z := withZone(t)
			b.stop()
			withSizeLimits(&b.cfg)
			if tc.limit == "files" {
				b.cfg.MaxSiteSize, b.cfg.CacheSize = 0, 0
			}
			b.openEngine()
			for _, h := range []string{hashA, hashB, hashC} {
				b.swarm.setStalled(h, tc.limit == "files")
			}
			b.swarm.seed(hashA, tc.files)
			z.pointTo(hashA)
			b.addSite(domain)
			if s := b.waitFor(domain, "refused", isTooLarge); !strings.Contains(s.Error, tc.limit) {
				t.Errorf("refused because %s", s.Error)
			}
			b.check("on disk before it is allowed", b.hashesOnDisk(), "")
			b.doVerb(engine.Allow, domain)
			b.waitFor(domain, "allowed", isUnderWay)
			b.restart()
			b.waitFor(domain, "after a restart", isUnderWay)

			b.swarm.seed(hashB, tc.files)
			z.pointTo(hashB)
			b.expireName()
			b.waitSiteState("the next version", func(s *site) bool {
				return s.row.Infohash == hashB || s.next.torrent != nil && s.next.torrent.ready
			})

			b.addSite(hashC) // nobody has told its list of files yet
			b.doVerb(engine.Allow, hashC)
			b.swarm.seed(hashC, tc.files)
			b.waitFor(hashC, "allowed before", isUnderWay)
			if s := b.waitFor(hashC, "its record", isUnderWay); s.Error != "" {
				t.Errorf("allowed before: %s", s.Error)
			}
		})
	}
}

// A pinned mirror is exempt from the cache's limit, and from the others once it is allowed.
func TestPinLiftsTheCacheLimit(t *testing.T) {
	b := startFixture(t, withSizeLimits)
	b.swarm.seed(hashA, 3)
	b.swarm.seed(hashB, 4)
	for _, h := range []string{hashA, hashB} {
		b.addSite(h)
		b.waitFor(h, "refused", isTooLarge)
		b.doVerb(engine.Pin, h)
	}
	b.waitFor(hashA, "pinned", isSeeding)
	if s := b.waitFor(hashB, "refused still", isTooLarge); !strings.Contains(s.Error, "size") {
		t.Errorf("pinned, it is refused because %s", s.Error)
	}
	b.doVerb(engine.Allow, hashB)
	b.waitFor(hashB, "allowed", isSeeding)
	b.restart()
	b.waitFor(hashB, "after a restart", isSeeding)

	b.doVerb(engine.Unpin, hashA)
	b.restart()
	b.waitFor(hashA, "unpinned, and here", isSeeding)
	b.clock.Advance(b.cfg.CacheTTL + time.Second)
	b.check("after its time", b.hosts(), hashB)

	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashC, Pin: true}); err != nil {
		t.Fatal(err)
	}
	b.doVerb(engine.Unpin, hashC)
	b.swarm.seed(hashC, 3)
	b.waitFor(hashC, "unpinned before its files were known", isTooLarge)
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashC, Pin: true}); err != nil {
		t.Fatal(err)
	}
	b.waitFor(hashC, "pinned by being added again", isSeeding)
}

// A torrent is exempt from a limit if one of its sites is.
func TestSharedTorrentIsFreeIfOneSiteIs(t *testing.T) {
	b := startFixture(t, withSizeLimits)
	b.swarm.seed(hashA, 3)
	b.addSite(hashA)
	b.waitFor(hashA, "refused", isTooLarge)
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.restart()
	b.waitFor(hashA, "refused after a restart", isTooLarge)
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: "example.org", Pin: true}); err != nil {
		t.Fatal(err)
	}
	b.waitFor("example.org", "pinned", isSeeding)
	b.waitFor(hashA, "the same torrent", isSeeding)
}

// A site that was published here has no size limit: neither its first version, nor the next ones, nor those that are
// kept.
func TestOwnSitesHaveNoSizeLimits(t *testing.T) {
	for _, name := range []string{"", domain} {
		b := startFixture(t, func(c *Config) { c.MaxSiteSize, c.CacheSize = 10, 5 })
		f := newFolder(t, map[string]string{"index.html": "more than ten bytes", "same": "s"})
		first := b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		b.waitFor(first.Host, "published", isSeeding)
		if again := b.publish(engine.PublishRequest{Dir: f.dir, Name: name}); again.Same != 2 {
			t.Errorf("again: %+v", again)
		}
		f.write("index.html", "more than ten other bytes")
		second := b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		if second.Same != 1 || second.Previous != first.Infohash {
			t.Errorf("the second version: %+v", second)
		}
		b.restart()
		b.waitFor(second.Host, "after a restart", isSeeding)
		if name == "" {
			b.check("a former version after a restart", b.getFile(first.Host, "index.html"), "more than ten bytes")
		}
		b.swarm.mu.Lock()
		for _, spec := range b.swarm.specs {
			if spec.Limits != (swarm.SiteLimits{}) {
				t.Errorf("%q: %s was added with %+v", name, spec.Infohash, spec.Limits)
			}
		}
		b.swarm.mu.Unlock()
		b.stop()
	}
}

// A person who was refused a site can publish the same folder here.
func TestSiteThatWasTooLargeCanBePublished(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.MaxSiteSize = 10 })
	f := newFolder(t, map[string]string{"index.html": "more than ten bytes"})
	infohash := b.publish(engine.PublishRequest{Dir: f.dir, DryRun: true}).Infohash
	b.swarm.seed(infohash, 1)
	b.addSite(infohash)
	b.waitFor(infohash, "refused", isTooLarge)
	b.publish(engine.PublishRequest{Dir: f.dir})
	b.waitFor(infohash, "published", isSeeding)
}

func (b *fixture) viewSite(host string) {
	b.t.Helper()
	c, err := b.Open(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	c.Close(engine.Request{})
}

// Two sites of which only one fits stay as long as both are viewed, and neither is fetched twice. Then the one that was
// opened longest ago leaves.
func TestViewedSitesStayInTheCache(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.CacheSize = 3000 })
	for _, h := range []string{hashA, hashB} {
		b.swarm.seed(h, 2)
		b.viewSite(h)
		b.waitFor(h, "seeding", isSeeding)
	}
	for range 10 {
		b.viewSite(hashA)
		b.clock.Advance(20 * time.Second)
		b.viewSite(hashB)
		b.clock.Advance(20 * time.Second)
	}
	b.restart()
	b.clock.Advance(0)
	b.check("while both are looked at", b.hosts(), hashA+" "+hashB)
	b.swarm.mu.Lock()
	if n := len(b.swarm.specs); n != 4 { // in two runs
		t.Errorf("%d torrents were joined", n)
	}
	b.swarm.mu.Unlock()
	b.clock.Advance(viewedFor)
	b.check("a minute later", b.hosts(), hashB)
}

// An idle site leaves for one that is viewed, and exempt sites take no room from the others.
func TestIdleSitesLeaveTheCacheFirst(t *testing.T) {
	b := startFixture(t, withSizeLimits)
	b.swarm.seed(hashA, 9)
	b.addSite(hashA)
	b.waitFor(hashA, "refused", isTooLarge)
	b.doVerb(engine.Allow, hashA)
	b.waitFor(hashA, "allowed", isSeeding)
	b.swarm.seed(hashB, 2)
	b.addSite(hashB)
	b.waitFor(hashB, "seeding", isSeeding)
	b.clock.Advance(time.Second)
	b.check("beside one that is allowed and larger than the cache", b.hosts(), hashA+" "+hashB)
	b.swarm.seed(hashC, 1)
	b.viewSite(hashC)
	b.waitFor(hashC, "seeding", isSeeding)
	b.clock.Advance(time.Second)
	b.check("when the cache is full", b.hosts(), hashA+" "+hashC)
}

// A next version that does not fit is not fetched, and leaves the current one in place until it is allowed.
func TestVersionLargerThanTheCacheWaits(t *testing.T) {
	b, z := startMoving(t)
	b.doVerb(engine.Unpin, domain)
	b.SetRules(Rules{CacheSize: 4500})
	b.swarm.seed(hashB, 5)
	z.pointTo(hashB)
	b.expireName()
	s := b.waitFor(domain, "the reason", func(s engine.Site) bool { return s.Error != "" })
	if s.State != engine.Seeding || s.ErrorKind != engine.TooLarge || s.Infohash != hashA ||
		!strings.Contains(s.Error, "version before is served") {
		t.Errorf("%+v", s)
	}
	b.doVerb(engine.Allow, domain)
	b.waitFor(domain, "the second version", isServing(hashB))
}

// A next version that fits the cache, but not beside the current one, replaces it: the site is not evicted for it.
func TestSiteIsNotEvictedForItsNextVersion(t *testing.T) {
	b, z := startMoving(t)
	b.doVerb(engine.Unpin, domain)
	b.SetRules(Rules{CacheSize: 4500})
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "the second version", isServing(hashB))
	b.check("on disk", b.hashesOnDisk(), hashA+" "+hashB)
	b.clock.Advance(ttl)
	b.check("on disk, when nobody is told of the former version any more", b.hashesOnDisk(), hashB)
}

// A cache that becomes smaller than a site in it deletes nothing for that. One that becomes larger takes what was
// refused.
func TestCacheSizeCanChange(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.CacheSize = 5000 })
	for i, h := range []string{hashB, hashA} {
		b.swarm.seed(h, 1+i*2)
		b.viewSite(h)
		b.waitFor(h, "seeding", isSeeding)
		b.clock.Advance(time.Second)
	}
	b.SetRules(Rules{CacheSize: 1500})
	b.clock.Advance(2 * viewedFor)
	b.check("in the smaller cache", b.hosts(), hashA+" "+hashB)
	b.waitFor(hashA, "as it was", isSeeding)
	b.cfg.CacheSize = 1500
	b.restart()
	b.waitFor(hashA, "refused by the next run", isTooLarge)
	b.SetRules(Rules{CacheSize: 5000})
	b.waitFor(hashA, "in the larger cache", isSeeding)
}

func TestCacheKeepsItsSize(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.CacheSize = 5000 })
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 2)
	}
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Pin, hashA)
	b.clock.Advance(time.Second)
	b.addSite(hashB)
	b.waitFor(hashB, "seeding", isSeeding)
	b.clock.Advance(time.Second)
	d := strings.Repeat("d", 40)
	b.swarm.seed(d, 2)
	b.addSite(hashC)
	b.waitFor(hashC, "seeding", isSeeding)
	b.check("pinned sites do not count", b.hosts(), hashA+" "+hashB+" "+hashC)
	b.clock.Advance(time.Second)
	b.addSite(d)
	b.waitFor(d, "seeding", isSeeding)
	b.clock.Advance(0)
	b.check("the oldest has left", b.hosts(), hashA+" "+hashC+" "+d)
}

// A site that shares its torrent with a pinned one does not leave a full cache: that would make no room.
func TestTorrentSharedWithAPinnedSiteIsNotEvicted(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.CacheSize = 2500 })
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 2)
	}
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.addSite("example.org")
	b.waitFor("example.org", "seeding", isSeeding)
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashA, Pin: true}); err != nil {
		t.Fatal(err)
	}
	for _, h := range []string{hashB, hashC} {
		b.clock.Advance(time.Second)
		b.addSite(h)
		b.waitFor(h, "seeding", isSeeding)
	}
	b.clock.Advance(0)
	b.check("the oldest that makes room has left", b.hosts(), hashA+" "+hashC+" example.org")
}
