package sites

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
)

// binHosts returns the hosts in the bin, the newest first.
func (b *fixture) binHosts() string {
	b.t.Helper()
	all, err := b.Bin(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var hosts []string
	for _, one := range all {
		hosts = append(hosts, one.Host)
	}
	return strings.Join(hosts, " ")
}

// A removed site can be restored completely, with its history, after a restart and after the database was lost. Its
// data and history are deleted when its time in the bin is over.
func TestBinSurvivesRestartsAndALostDatabase(t *testing.T) {
	b, z := withZone(t, withBinOfADay)
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	z.pointTo(hashA)
	b.addSite(domain)
	b.waitFor(domain, "seeding", isSeeding)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "at its second version", func(s engine.Site) bool {
		return s.Infohash == hashB && s.NextInfohash == ""
	})
	f := newFolder(t, map[string]string{"index.html": "mine"})
	mine := b.publish(engine.PublishRequest{Dir: f.dir})
	for _, verb := range []engine.Verb{engine.Pin, engine.NoClearnet, engine.Pause} {
		b.doVerb(verb, domain)
	}
	b.doVerb(engine.Touch, domain) // what counts is what was before
	b.writeStateFiles()
	before, versions := b.protections(), b.versionHistory(domain)
	b.doVerb(engine.Remove, domain)
	b.clock.Advance(time.Second)
	b.doVerb(engine.Remove, mine.Host)
	b.writeStateFiles()
	b.check("sites", b.hosts(), "")
	for _, restart := range []func(){b.restart, b.loseDatabase} {
		restart()
		b.check("sites after a restart", b.hosts(), "")
		b.check("the bin after a restart", b.binHosts(), mine.Host+" "+domain)
	}
	b.doVerb(engine.Undo, domain)
	b.doVerb(engine.Undo, mine.Host)
	b.check("what protects the sites", b.protections(), before)
	b.check("versions", b.versionHistory(domain), versions)
	b.check("its page", b.getFile(mine.Host, "index.html"), "mine")
	b.check("published again", b.publish(engine.PublishRequest{Dir: f.dir}).Infohash, mine.Infohash)

	b.doVerb(engine.Remove, domain)
	b.doVerb(engine.Remove, mine.Host)
	b.clock.Advance(24*time.Hour - time.Second)
	b.writeStateFiles()
	b.clock.Advance(2 * time.Second)
	b.writeStateFiles()
	b.check("the bin after a day", b.binHosts(), "")
	b.check("data after a day", b.hashesOnDisk(), "")
	if visits, err := b.db.History(); err != nil || len(visits) != 0 {
		t.Errorf("history after a day: %+v, %v", visits, err)
	}
	b.restart()
	b.check("sites at last", b.hosts()+b.binHosts(), "")
}

// The bin holds as much as the cache may. The oldest sites leave first, and the newest one stays, however large.
func TestBinIsBounded(t *testing.T) {
	b := startFixture(t, withBinOfADay, func(c *Config) { c.CacheSize = 3500 })
	send := func(host string, files int) {
		t.Helper()
		b.swarm.seed(host, files)
		b.addSite(host)
		b.doVerb(engine.Pin, host)
		b.waitFor(host, "seeding", isSeeding)
		b.doVerb(engine.Evict, host)
	}
	send(hashA, 2)
	b.clock.Advance(time.Minute)
	send(hashB, 1)
	b.clock.Advance(time.Minute)
	b.check("what fits", b.binHosts(), hashB+" "+hashA)
	send(hashC, 2)
	b.clock.Advance(time.Second)
	b.check("without the oldest", b.binHosts(), hashC+" "+hashB)
	b.check("data", b.hashesOnDisk(), hashB+" "+hashC)
	b.clock.Advance(time.Minute)
	b.doVerb(engine.Undo, hashB)
	b.doVerb(engine.Evict, hashB)
	b.clock.Advance(time.Second)
	send(hashA, 9)
	b.clock.Advance(time.Second)
	b.check("without what may not be taken back at once", b.binHosts(), hashA+" "+hashB)
	b.clock.Advance(time.Minute)
	b.check("the last one only", b.binHosts(), hashA)
	b.doVerb(engine.Undo, hashA)
	b.waitFor(hashA, "back", isSeeding)
}

// A full disk empties the bin, a part at a time, and so does a publication that needs the room.
func TestBinGivesWayToAFullDisk(t *testing.T) {
	b := startFixture(t, withBinOfADay, func(c *Config) { c.CacheSize = 0 })
	for i, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 2)
		b.addSite(h)
		b.waitFor(h, "seeding", isSeeding)
		b.doVerb(engine.Evict, h)
		b.clock.Advance(time.Duration(i+1) * time.Minute)
	}
	f := newFolder(t, map[string]string{"index.html": strings.Repeat("x", 1500)})
	b.swarm.room = 6000
	published := b.publish(engine.PublishRequest{Dir: f.dir})
	b.check("the bin after a publication", b.binHosts(), hashC+" "+hashB)
	f.write("index.html", strings.Repeat("y", 9000))
	if _, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("larger than the disk: %v", err)
	}
	b.check("the bin after one that cannot fit", b.binHosts(), hashC+" "+hashB)

	for _, tc := range []struct {
		cause error
		left  string
	}{{fs.ErrPermission, hashC + " " + hashB}, {syscall.ENOSPC, ""}} {
		b.waitIdle()
		b.swarm.mu.Lock()
		b.swarm.joined[published.Infohash].fault = &engine.Error{Kind: engine.Unavailable, Err: tc.cause}
		b.swarm.mu.Unlock()
		b.clock.Advance(time.Minute)
		b.check("the bin after a fault", b.binHosts(), tc.left)
	}
	b.check("data", b.hashesOnDisk(), published.Infohash)
}

// Without a bin an eviction can be undone for a moment, and a removal not at all.
func TestWithoutABinOnlyEvictionsAreUndone(t *testing.T) {
	b := startFixture(t)
	for _, h := range []string{hashA, hashB} {
		b.swarm.seed(h, 1)
		b.addSite(h)
		b.waitFor(h, "seeding", isSeeding)
	}
	b.doVerb(engine.Evict, hashA)
	b.doVerb(engine.Remove, hashB)
	b.check("the bin", b.binHosts(), hashA)
	b.doVerb(engine.Remove, hashA)
	b.check("the bin after its removal", b.binHosts(), "")
	b.check("data", b.hashesOnDisk(), "")
}

// What is in the bin when it is turned off stays for as long as was promised.
func TestDisabledBinKeepsWhatItHas(t *testing.T) {
	b := startFixture(t, withBinOfADay)
	b.swarm.seed(hashA, 1)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Remove, hashA)
	b.stop()
	b.cfg.Bin = 0
	b.openEngine()
	b.clock.Advance(time.Hour)
	b.check("the bin that was turned off", b.binHosts(), hashA)
	b.clock.Advance(24 * time.Hour)
	b.check("the bin", b.binHosts(), "")
	b.check("data", b.hashesOnDisk(), "")
}

// A removed site that is opened again, as by a tab that is reloaded, returns to the bin when it expires, until the time
// that was promised.
func TestReopenedSiteReturnsToTheBin(t *testing.T) {
	b := startFixture(t, withBinOfADay)
	b.swarm.seed(hashA, 2)
	b.addSite(hashA)
	b.doVerb(engine.Pin, hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Remove, hashA)
	b.clock.Advance(time.Hour)
	b.viewSite(hashA)
	b.restart()
	b.clock.Advance(2 * time.Hour)
	b.check("the bin", b.binHosts(), hashA)
	b.check("data", b.hashesOnDisk(), hashA)
	b.doVerb(engine.Undo, hashA)
	b.waitFor(hashA, "back", isSeeding)
	b.doVerb(engine.Remove, hashA)
	b.viewSite(hashA)
	b.doVerb(engine.Pin, hashA)
	b.clock.Advance(48 * time.Hour)
	b.check("pinned since", b.hosts(), hashA)
	b.doVerb(engine.Unpin, hashA)
	b.clock.Advance(time.Hour)
	b.check("data at last", b.hosts()+b.binHosts()+b.hashesOnDisk(), "")
}

// A browser that requests a removed site is told to clear its storage, unless the site was restored before.
func TestBrowserForgetsRemovedSites(t *testing.T) {
	b := startFixture(t, withBinOfADay)
	for _, h := range []string{hashA, hashB, hashC} {
		b.addSite(h)
	}
	b.doVerb(engine.Remove, hashA)
	b.doVerb(engine.Remove, hashB)
	b.doVerb(engine.Undo, hashB)
	b.doVerb(engine.Evict, hashC)
	for host, want := range map[string]bool{hashA: true, hashB: false, hashC: false} {
		if b.TakeRemoved(host) != want || b.TakeRemoved(host) {
			t.Errorf("%s: told wrongly, want once: %v", host, want)
		}
	}
	b.clock.Advance(25 * time.Hour)
	if !b.TakeRemoved(hashC) {
		t.Error("nothing is told of what has left the bin")
	}
}

// When a removed site is published again, it is recorded at once that its former versions may be deleted: after a kill
// they do not come back as unknown data.
func TestKillAfterRepublishingLeavesNoOldVersions(t *testing.T) {
	b := startFixture(t, withBinOfADay)
	defer b.stop()
	f := newFolder(t, map[string]string{"index.html": "one"})
	b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	b.doVerb(engine.Remove, second.Host)
	third := b.publish(engine.PublishRequest{Dir: f.dir})
	if third.Infohash != second.Infohash {
		t.Fatalf("the same folder is %s, and was %s", third.Infohash, second.Infohash)
	}
	b.kill()
	b.writeStateFiles()
	b.check("data", b.hashesOnDisk(), third.Infohash)
}

// A removed folder that is published again does not get its former versions back.
func TestRepublishingARemovedSiteStartsAnew(t *testing.T) {
	for _, name := range []string{"", domain} {
		b := startFixture(t, withBinOfADay)
		f := newFolder(t, map[string]string{"index.html": "one", "key": "secret"})
		b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		f.write("index.html", "two!")
		second := b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		b.waitFor(second.Host, "at its second version", func(s engine.Site) bool { return s.Infohash == second.Infohash })
		b.doVerb(engine.NoClearnet, second.Host)
		b.doVerb(engine.Remove, second.Host)
		if err := os.Remove(filepath.Join(f.dir, "key")); err != nil {
			t.Fatal(err)
		}
		third := b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		if third.Previous != "" || third.Same != 0 {
			t.Errorf("%q: it goes on with %+v", name, third)
		}
		s := b.waitFor(third.Host, "published anew", isSeeding)
		d, err := b.Detail(t.Context(), third.Host)
		if err != nil || s.NoClearnet {
			t.Errorf("%q: it is %+v, %v", name, s, err)
		}
		for _, v := range d.Versions {
			if v.State == engine.VersionKept {
				t.Errorf("%q: a removed version is kept: %+v", name, v)
			}
		}
		left := ""
		if name == "" {
			left = second.Host
		}
		b.check("the bin", b.binHosts(), left)
		b.writeStateFiles()
		b.restart()
		b.check("the bin after a restart", b.binHosts(), left)
		if name == domain {
			b.check("data", b.hashesOnDisk(), third.Infohash)
		}
		b.stop()
	}
}
