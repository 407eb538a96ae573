package sites

import (
	"context"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// If the next version is published before DNS names it, the former one is not found as a foreign site after a restart:
// versions that were published here stay known as such, also once DNS has named them.
func TestOwnVersionsStayOwnOverRestarts(t *testing.T) {
	b, z := withZone(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	z.pointTo(first.Infohash)
	if n, err := b.Resolve(t.Context(), domain); err != nil || n.Infohash != first.Infohash {
		t.Fatalf("%+v, %v", n, err)
	}
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	b.restart()
	if _, err := b.Resolve(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(maxQuietWait + time.Second)
	b.waitFor(domain, "the second version still", isServing(second.Infohash))
	b.check("page", b.getFile(domain, "index.html"), "two!")
}

// What a domain names before anything was published here does not replace the publication: its owner has not changed
// the record yet. Once the domain has named the publication, other versions that it names are followed.
func TestPublishedSiteStaysUntilItsDomainHasAgreed(t *testing.T) {
	b, z := withZone(t)
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	z.pointTo(hashA)
	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	ask := func() {
		t.Helper()
		if _, err := b.Resolve(t.Context(), domain); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(maxQuietWait + time.Second)
	}
	for _, when := range []string{"at once", "later", "after a restart"} {
		ask()
		if s := b.waitFor(domain, "the site "+when, isSeeding); s.Infohash != p.Infohash || s.NextInfohash != "" {
			t.Fatalf("%s: %+v", when, s)
		}
		b.expireName()
		if when == "later" {
			b.restart()
		}
	}
	z.pointTo(p.Infohash)
	ask()
	b.restart()
	z.pointTo(hashB)
	ask()
	b.waitFor(domain, "the version from elsewhere", isServing(hashB))
	b.check("the versions", b.versionStates(), "B current "+strings.ToUpper(p.Infohash[:1])+" kept A gone")
}

// A publication replaces a version that is being fetched from others.
func TestPublishWhileAnotherVersionIsFetched(t *testing.T) {
	b, z := startMoving(t)
	b.swarm.setStalled(hashB, true)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "another version on its way", func(s engine.Site) bool { return s.NextInfohash == hashB })
	f := newFolder(t, map[string]string{"index.html": "mine"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	published := make(chan engine.Publication, 1)
	go func() {
		p, err := b.Publish(ctx, engine.PublishRequest{Dir: f.dir, Name: domain}, nil)
		if err != nil {
			t.Error(err)
		}
		published <- p
	}()
	var p engine.Publication
	b.waitWithoutTime("the publication to end", func() bool {
		b.clock.Advance(time.Second)
		select {
		case p = <-published:
			return true
		default:
			return false
		}
	})
	b.waitFor(domain, "what was published", isServing(p.Infohash))
	b.clock.Advance(time.Second)
	if joined := b.joinedWhenIdle(); strings.Contains(joined, hashB) {
		t.Errorf("what was given up is still in the swarm: %s", joined)
	}
}

// The same holds for a paused site, which moves to the publication at once.
func TestPublishOfAPausedSiteDropsTheFetchedVersion(t *testing.T) {
	b, z := startMoving(t)
	b.swarm.setStalled(hashB, true)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "another version on its way", func(s engine.Site) bool { return s.NextInfohash == hashB })
	b.doVerb(engine.Pause, domain)
	f := newFolder(t, map[string]string{"index.html": "mine"})
	p := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	b.check("page", b.getFile(domain, "index.html"), "mine")
	b.check("in the swarm", b.joinedWhenIdle(), joinSorted(hashA, p.Infohash))
}

// If a site is paused while a new version waits for readers, it moves when it is resumed. Neither that publication nor
// the next one waits for that.
func TestPublishDoesNotWaitForASiteThatIsPaused(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	reading, err := b.Open(t.Context(), domain)
	if err != nil {
		t.Fatal(err)
	}
	f.write("index.html", "two!")
	published := make(chan engine.Publication)
	go func() {
		p, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil)
		if err != nil {
			t.Error(err)
		}
		published <- p
	}()
	b.waitFor(domain, "the new version waiting", func(s engine.Site) bool { return s.NextInfohash != "" })
	b.doVerb(engine.Pause, domain)
	p := enginetest.Receive(t, published, "a publication that must not wait for a site that is paused")
	reading.Close(engine.Request{})
	b.doVerb(engine.Resume, domain)
	b.clock.Advance(maxQuietWait + time.Second)
	b.waitFor(domain, "the new version", isServing(p.Infohash))
}

// A former version that was also added as a site of its own can be restored, and then the newer one again.
func TestVersionThatIsASiteTooCanBeRestored(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	b.addSite(first.Infohash)
	b.check("rows", b.hosts(), joinSorted(first.Host, second.Host))
	if err := b.Switch(t.Context(), second.Host, first.Infohash); err != nil {
		t.Fatal(err)
	}
	b.check("one row", b.hosts(), first.Host)
	b.check("versions", b.versionHistory(first.Host),
		first.Infohash[:4]+" current published, "+second.Infohash[:4]+" kept published")
	b.check("the former address", b.getFile(second.Host, "index.html"), "two!")
	if err := b.Switch(t.Context(), first.Host, second.Infohash); err != nil {
		t.Fatal(err)
	}
	b.check("forth", b.hosts(), second.Host)
	b.check("its page", b.getFile(second.Host, "index.html"), "two!")
	b.doVerb(engine.Remove, second.Host)
	b.check("in the swarm after its removal", b.joinedWhenIdle(), "")
	b.check("data after its removal", b.hashesOnDisk(), "")
}

// A folder that gets a name which was a site before keeps its former versions and their addresses.
func TestFormerVersionsSurviveANewName(t *testing.T) {
	b, z := withZone(t)
	b.swarm.seed(hashA, 2)
	z.pointTo(hashA)
	b.addSite(domain)
	b.waitFor(domain, "the visited site", isServing(hashA))
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "three")
	third := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	b.clock.Advance(maxQuietWait + time.Second)
	check := func(when string) {
		t.Helper()
		b.check("rows "+when, b.hosts(), domain)
		b.check("page "+when, b.getFile(domain, "index.html"), "three")
		b.check("the first address "+when, b.getFile(first.Host, "index.html"), "one")
		b.check("the second address "+when, b.getFile(second.Host, "index.html"), "two!")
	}
	check("once it has its name")
	b.restart()
	check("after a restart")
	b.clock.Advance(31 * 24 * time.Hour)
	b.check("data after their time", b.hashesOnDisk(), third.Infohash)
}

// For a folder that is published under two names, the owner has to choose one.
func TestFolderOfTwoNamesNeedsAChoice(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	for _, name := range []string{"a.example", "b.example"} {
		b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
	}
	f.write("index.html", "two!")
	_, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil)
	if msg := engine.Message(err); engine.KindOf(err) != engine.Invalid ||
		!strings.Contains(msg, "a.example and b.example") {
		t.Errorf("%v", err)
	}
	p := b.publish(engine.PublishRequest{Dir: f.dir, Name: "b.example"})
	b.check("one of them", b.getFile("b.example", "index.html")+" "+b.getFile("a.example", "index.html"), "two! one")
	b.check("its host", p.Host, "b.example")
}

func joinSorted(a, b string) string { return strings.Join([]string{min(a, b), max(a, b)}, " ") }
