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

// binned returns the hosts in the bin, the newest first.
func (b *bench) binned() string {
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

// What was sent away comes back whole after a restart, from a database that was lost, and with its history; and its
// data and history go when its time is over.
func TestBinOutlivesEverything(t *testing.T) {
	b, z := withZone(t, binOfADay)
	b.world.seed(hashA, 2)
	b.world.seed(hashB, 2)
	z.pointTo(hashA)
	b.add(domain)
	b.waitFor(domain, "seeding", seeding)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "at its second version", func(s engine.Site) bool {
		return s.Infohash == hashB && s.NextInfohash == ""
	})
	f := newFolder(t, map[string]string{"index.html": "mine"})
	mine := b.publish(engine.PublishRequest{Dir: f.dir})
	for _, verb := range []engine.Verb{engine.Pin, engine.NoClearnet, engine.Pause} {
		b.do(verb, domain)
	}
	b.do(engine.Touch, domain) // what counts is what was before
	b.writeStateFiles()
	before, versions := b.protection(), b.versions(domain)
	b.do(engine.Remove, domain)
	b.clock.Advance(time.Second)
	b.do(engine.Remove, mine.Host)
	b.writeStateFiles()
	b.want("sites", b.hosts(), "")
	for _, restart := range []func(){b.restart, b.loseDatabase} {
		restart()
		b.want("sites after a restart", b.hosts(), "")
		b.want("the bin after a restart", b.binned(), mine.Host+" "+domain)
	}
	b.do(engine.Undo, domain)
	b.do(engine.Undo, mine.Host)
	b.want("what protects the sites", b.protection(), before)
	b.want("versions", b.versions(domain), versions)
	b.want("its page", b.get(mine.Host, "index.html"), "mine")
	b.want("published again", b.publish(engine.PublishRequest{Dir: f.dir}).Infohash, mine.Infohash)

	b.do(engine.Remove, domain)
	b.do(engine.Remove, mine.Host)
	b.clock.Advance(24*time.Hour - time.Second)
	b.writeStateFiles()
	b.clock.Advance(2 * time.Second)
	b.writeStateFiles()
	b.want("the bin after a day", b.binned(), "")
	b.want("data after a day", b.onDisk(), "")
	if visits, err := b.db.History(); err != nil || len(visits) != 0 {
		t.Errorf("history after a day: %+v, %v", visits, err)
	}
	b.restart()
	b.want("sites at last", b.hosts()+b.binned(), "")
}

// The bin holds as much as the cache may; the oldest leave first, what was sent away last stays, however large.
func TestBinIsBounded(t *testing.T) {
	b := start(t, binOfADay, func(c *Config) { c.CacheSize = 3500 })
	send := func(host string, files int) {
		t.Helper()
		b.world.seed(host, files)
		b.add(host)
		b.do(engine.Pin, host)
		b.waitFor(host, "seeding", seeding)
		b.do(engine.Evict, host)
	}
	send(hashA, 2)
	b.clock.Advance(time.Minute)
	send(hashB, 1)
	b.clock.Advance(time.Minute)
	b.want("what fits", b.binned(), hashB+" "+hashA)
	send(hashC, 2)
	b.clock.Advance(time.Second)
	b.want("without the oldest", b.binned(), hashC+" "+hashB)
	b.want("data", b.onDisk(), hashB+" "+hashC)
	b.clock.Advance(time.Minute)
	b.do(engine.Undo, hashB)
	b.do(engine.Evict, hashB)
	b.clock.Advance(time.Second)
	send(hashA, 9)
	b.clock.Advance(time.Second)
	b.want("without what may not be taken back at once", b.binned(), hashA+" "+hashB)
	b.clock.Advance(time.Minute)
	b.want("the last one only", b.binned(), hashA)
	b.do(engine.Undo, hashA)
	b.waitFor(hashA, "back", seeding)
}

// A full disk empties the bin, a part at a time, and so does a publication that needs the room.
func TestBinMakesRoom(t *testing.T) {
	b := start(t, binOfADay, func(c *Config) { c.CacheSize = 0 })
	for i, h := range []string{hashA, hashB, hashC} {
		b.world.seed(h, 2)
		b.add(h)
		b.waitFor(h, "seeding", seeding)
		b.do(engine.Evict, h)
		b.clock.Advance(time.Duration(i+1) * time.Minute)
	}
	f := newFolder(t, map[string]string{"index.html": strings.Repeat("x", 1500)})
	b.world.room = 6000
	published := b.publish(engine.PublishRequest{Dir: f.dir})
	b.want("the bin after a publication", b.binned(), hashC+" "+hashB)
	f.write("index.html", strings.Repeat("y", 9000))
	if _, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("larger than the disk: %v", err)
	}
	b.want("the bin after one that cannot fit", b.binned(), hashC+" "+hashB)

	for _, tc := range []struct {
		cause error
		left  string
	}{{fs.ErrPermission, hashC + " " + hashB}, {syscall.ENOSPC, ""}} {
		b.waitIdle()
		b.world.mu.Lock()
		b.world.joined[published.Infohash].fault = &engine.Error{Kind: engine.Unavailable, Err: tc.cause}
		b.world.mu.Unlock()
		b.clock.Advance(time.Minute)
		b.want("the bin after a fault", b.binned(), tc.left)
	}
	b.want("data", b.onDisk(), published.Infohash)
}

// Without a bin an eviction can be taken back for a moment, and a removal not at all.
func TestNoBin(t *testing.T) {
	b := start(t)
	for _, h := range []string{hashA, hashB} {
		b.world.seed(h, 1)
		b.add(h)
		b.waitFor(h, "seeding", seeding)
	}
	b.do(engine.Evict, hashA)
	b.do(engine.Remove, hashB)
	b.want("the bin", b.binned(), hashA)
	b.do(engine.Remove, hashA)
	b.want("the bin after its removal", b.binned(), "")
	b.want("data", b.onDisk(), "")
}

// What lies in the bin when it is turned off stays for as long as was told.
func TestBinTurnedOff(t *testing.T) {
	b := start(t, binOfADay)
	b.world.seed(hashA, 1)
	b.add(hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.do(engine.Remove, hashA)
	b.stop()
	b.cfg.Bin = 0
	b.open()
	b.clock.Advance(time.Hour)
	b.want("the bin that was turned off", b.binned(), hashA)
	b.clock.Advance(24 * time.Hour)
	b.want("the bin", b.binned(), "")
	b.want("data", b.onDisk(), "")
}

// A site that was removed and is opened again, as by a tab that is loaded anew, is back in the bin when it leaves by
// itself, until the time that was told.
func TestBinTakesBack(t *testing.T) {
	b := start(t, binOfADay)
	b.world.seed(hashA, 2)
	b.add(hashA)
	b.do(engine.Pin, hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.do(engine.Remove, hashA)
	b.clock.Advance(time.Hour)
	b.view(hashA)
	b.restart()
	b.clock.Advance(2 * time.Hour)
	b.want("the bin", b.binned(), hashA)
	b.want("data", b.onDisk(), hashA)
	b.do(engine.Undo, hashA)
	b.waitFor(hashA, "back", seeding)
	b.do(engine.Remove, hashA)
	b.view(hashA)
	b.do(engine.Pin, hashA)
	b.clock.Advance(48 * time.Hour)
	b.want("pinned since", b.hosts(), hashA)
	b.do(engine.Unpin, hashA)
	b.clock.Advance(time.Hour)
	b.want("data at last", b.hosts()+b.binned()+b.onDisk(), "")
}

// A browser that looks at a removed site forgets what that has stored; not if the site was brought back before.
func TestBrowserForgetsWhatIsInTheBin(t *testing.T) {
	b := start(t, binOfADay)
	for _, h := range []string{hashA, hashB, hashC} {
		b.add(h)
	}
	b.do(engine.Remove, hashA)
	b.do(engine.Remove, hashB)
	b.do(engine.Undo, hashB)
	b.do(engine.Evict, hashC)
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

// Whoever is killed right after a removed site was published anew has written down by then that its former versions may
// go: they do not come back as data that nobody knows.
func TestKilledAfterPublishingAnew(t *testing.T) {
	b := start(t, binOfADay)
	defer b.stop()
	f := newFolder(t, map[string]string{"index.html": "one"})
	b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	b.do(engine.Remove, second.Host)
	third := b.publish(engine.PublishRequest{Dir: f.dir})
	if third.Infohash != second.Infohash {
		t.Fatalf("the same folder is %s, and was %s", third.Infohash, second.Infohash)
	}
	b.kill()
	b.writeStateFiles()
	b.want("data", b.onDisk(), third.Infohash)
}

// What was removed is not gone on with when its folder is published again: no former version comes back.
func TestPublishedAfterItsRemoval(t *testing.T) {
	for _, name := range []string{"", domain} {
		b := start(t, binOfADay)
		f := newFolder(t, map[string]string{"index.html": "one", "key": "secret"})
		b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		f.write("index.html", "two!")
		second := b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		b.waitFor(second.Host, "at its second version", func(s engine.Site) bool { return s.Infohash == second.Infohash })
		b.do(engine.NoClearnet, second.Host)
		b.do(engine.Remove, second.Host)
		if err := os.Remove(filepath.Join(f.dir, "key")); err != nil {
			t.Fatal(err)
		}
		third := b.publish(engine.PublishRequest{Dir: f.dir, Name: name})
		if third.Previous != "" || third.Same != 0 {
			t.Errorf("%q: it goes on with %+v", name, third)
		}
		s := b.waitFor(third.Host, "published anew", seeding)
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
		b.want("the bin", b.binned(), left)
		b.writeStateFiles()
		b.restart()
		b.want("the bin after a restart", b.binned(), left)
		if name == domain {
			b.want("data", b.onDisk(), third.Infohash)
		}
		b.stop()
	}
}
