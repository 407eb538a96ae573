package sites

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/resolve"
)

// publishWithKey returns a fixture with a folder that was published with a new key.
func publishWithKey(t *testing.T, change ...func(*Config)) (*fixture, *fakeOwners, testFolder, engine.Publication) {
	t.Helper()
	b, o := withOwners(t, change...)
	f := newFolder(t, map[string]string{"index.html": "one"})
	published := b.publish(engine.PublishRequest{Dir: f.dir, Key: "blog"})
	return b, o, f, published
}

func (o *fakeOwners) hostOf(t *testing.T, name string) string {
	t.Helper()
	k, err := o.ring.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return k.Host
}

// The first publication makes the key, the address is the same for all versions, and readers move as with a domain.
func TestPublishWithAKeyKeepsItsAddress(t *testing.T) {
	b, o, f, first := publishWithKey(t, withTracker(newHomeTracker()))
	key := o.hostOf(t, "blog")
	if first.Host != key || first.Key.Name != "blog" || first.Key.Host != key || first.Record.Infohash != first.Infohash ||
		first.Record.Nodes != 8 || first.Record.Signer != "blog" || first.URL != "wtp://"+key+"/" || len(first.Records) != 0 {
		t.Errorf("%+v", first)
	}
	s := b.waitFor(key, "the site", isServing(first.Infohash))
	if !s.Own || !s.Pinned || s.Record != first.Record {
		t.Errorf("%+v", s)
	}
	want := []string{"wss://a.example/announce", "udp://a.example:6969/announce"}
	if diff := cmp.Diff(want, o.lastSigned().Content.Trackers); diff != "" {
		t.Errorf("trackers (-want +got):\n%s", diff)
	}
	f.write("index.html", "two!")
	b.clock.Advance(time.Minute)
	reading, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	second := b.publishWhileRead(engine.PublishRequest{Dir: f.dir}) // its key is known
	b.check("what is being read", b.readFile(reading, "index.html"), "one")
	reading.Close(engine.Request{})
	b.check("the page", b.getFile(key, "index.html"), "two!")
	if second.Host != key || second.Previous != first.Infohash || second.Record.Infohash != second.Infohash ||
		second.Record.Seq <= first.Record.Seq {
		t.Errorf("%+v", second)
	}
	b.check("what is signed", o.lastSigned().Content.Infohash, second.Infohash)
	again := b.publish(engine.PublishRequest{Dir: f.dir, Key: "blog"})
	if !again.Unchanged || again.Record.Seq <= second.Record.Seq || len(o.signings) != 3 {
		t.Errorf("again: %+v", again)
	}
	b.restart()
	keys, err := b.Keys(t.Context())
	if err != nil || len(keys) != 1 || keys[0].Host != key {
		t.Errorf("%+v, %v", keys, err)
	}
	b.passAnHour()
	b.waitFor(
		key,
		"its record",
		func(s engine.Site) bool { return s.Record.Signer == "blog" && s.Record.Seq == again.Record.Seq },
	)
	if log := b.siteLog(key); strings.Contains(log, "domain") || strings.Contains(log, "points to") {
		t.Errorf("events:\n%s", log)
	}
}

// publishWhileRead publishes while time passes.
func (b *fixture) publishWhileRead(req engine.PublishRequest) (p engine.Publication) {
	b.t.Helper()
	done := make(chan error, 1)
	go func() {
		var err error
		p, err = b.Publish(b.t.Context(), req, nil)
		done <- err
	}()
	b.waitWithoutTime("the publication to end", func() bool {
		b.clock.Advance(time.Second)
		select {
		case err := <-done:
			if err != nil {
				b.t.Error(err)
			}
			return true
		default:
			return false
		}
	})
	return p
}

// A reader of the record finds the files at the site's home too, unless its pages may not ask another server.
func TestKeyRecordNamesTheHome(t *testing.T) {
	home := engine.Home{Name: "me.example", URL: "https://me.example/"}
	b, o, f, p := publishWithKey(t)
	b.stop()
	home.Host = p.Host
	b.cfg.Homes = []engine.Home{home}
	b.openEngine()
	b.publish(engine.PublishRequest{Dir: f.dir})
	b.check(
		"web seeds",
		strings.Join(o.lastSigned().Content.WebSeeds, " "),
		"https://me.example/wtptui-loader/files/"+p.Infohash+"/",
	)
	b.doVerb(engine.NoClearnet, p.Host)
	b.publish(engine.PublishRequest{Dir: f.dir})
	b.check("web seeds without the clearnet", strings.Join(o.lastSigned().Content.WebSeeds, " "), "")
}

// A folder that was published without a key becomes the site of one, with its former versions.
func TestPublishedFolderGetsAKey(t *testing.T) {
	b, o := withOwners(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	p := b.publish(engine.PublishRequest{Dir: f.dir, Key: "blog"})
	if p.Unchanged || p.Infohash != first.Infohash || p.Host != o.hostOf(t, "blog") {
		t.Errorf("%+v", p)
	}
	b.check("sites", b.hosts(), p.Host)
	f.write("index.html", "two!")
	p = b.publish(engine.PublishRequest{Dir: f.dir})
	b.clock.Advance(maxQuietWait)
	b.check("page", b.getFile(p.Host, "index.html"), "two!")
	b.check("the former address", b.getFile(first.Host, "index.html"), "one")
}

// The host of a site with a name and a key is the name. Its records contain both.
func TestSiteWithNameAndKeyIsTheNames(t *testing.T) {
	b, o := withOwners(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain, Key: "blog"})
	key := o.hostOf(t, "blog")
	if p.Host != domain || p.Key.Host != key || p.Record.Infohash != p.Infohash {
		t.Errorf("%+v", p)
	}
	records := strings.Join(p.Records, "\n")
	for _, text := range []string{"wtpkey=" + p.Infohash, "wtppub=" + key} {
		if !strings.Contains(records, domain+`. 300 IN TXT "`+text+`"`) {
			t.Errorf("%s is not in\n%s", text, records)
		}
	}
	b.passAnHour() // The domain does not name the key yet.
	if o.republishCount(key) == 0 {
		t.Error("the key's record was not kept")
	}
	f.write("index.html", "two!")
	p = b.publish(engine.PublishRequest{Dir: f.dir, Key: "blog"})
	b.check("its host", p.Host, domain)
	b.check("what is signed", o.lastSigned().Content.Infohash, p.Infohash)
	o.setAnswer(resolve.Answer{Infohash: p.Infohash, Key: key, Record: engine.Record{Seq: 5, Infohash: p.Infohash}})
	if _, err := b.Resolve(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	b.waitFor(domain, "its record", func(s engine.Site) bool { return s.Record.Seq == 5 && s.Record.Signer == "blog" })
	b.passAnHour()
	if o.republishCount(domain) == 0 {
		t.Error("the record of the key that the domain names was not kept")
	}
}

func TestPublishWithAKeyIsRefused(t *testing.T) {
	b, o := withOwners(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	refused := func(what string, req engine.PublishRequest, kind engine.Kind, text string) {
		t.Helper()
		req.Dir = f.dir
		_, err := b.Publish(t.Context(), req, nil)
		if engine.KindOf(err) != kind || !strings.Contains(engine.Message(err), text) {
			t.Errorf("%s: %v, want %s with %q", what, err, kind, text)
		}
		if b.hosts() != "" || b.hashesOnDisk() != "" {
			t.Errorf("%s: something was published: %s, %s", what, b.hosts(), b.hashesOnDisk())
		}
	}
	refused("a name that cannot be", engine.PublishRequest{Key: "../x"}, engine.Invalid, "not a name for a key")
	refused("a key as a name", engine.PublishRequest{Name: keyHost(1)}, engine.Invalid, "--key")
	if _, err := o.ring.Create("blog"); err != nil {
		t.Fatal(err)
	}
	o.sign(o.hostOf(t, "blog"), hashA)
	refused("another machine signs", engine.PublishRequest{Key: "blog"}, engine.Conflict, "signed elsewhere")
	if err := os.WriteFile(filepath.Join(f.dir, "id_ed25519"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("a secret in it", engine.PublishRequest{Key: "other"}, engine.Refused, "id_ed25519")
	if err := os.Remove(filepath.Join(f.dir, "id_ed25519")); err != nil {
		t.Fatal(err)
	}
	p, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir, Key: "other", DryRun: true}, nil)
	if err != nil || p.Host != "" || p.Key.Name != "other" || p.Key.Host != "" || p.Infohash == "" {
		t.Errorf("a dry run with a new key: %+v, %v", p, err)
	}
	if keys, err := o.ring.List(); err != nil || len(keys) != 1 {
		t.Errorf("keys: %+v, %v", keys, err)
	}
	p = b.publish(engine.PublishRequest{Dir: f.dir, Key: "blog", TakeOver: true})
	b.check("taken over", o.lastSigned().Content.Infohash, p.Infohash)
	b2 := startFixture(t)
	_, err = b2.Publish(t.Context(), engine.PublishRequest{Dir: f.dir, Key: "blog"}, nil)
	if engine.KindOf(err) != engine.Invalid {
		t.Errorf("an engine without keys: %v", err)
	}
}

// A lost key is not replaced by a new one, which would be another site.
func TestLostKeyIsNotReplaced(t *testing.T) {
	b, o, f, p := publishWithKey(t)
	secret, err := o.ring.Load("blog")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.ring.Remove("blog"); err != nil {
		t.Fatal(err)
	}
	f.write("index.html", "two!")
	for _, name := range []string{"", "blog"} {
		_, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir, Key: name}, nil)
		if engine.KindOf(err) != engine.NotFound || !strings.Contains(engine.Message(err), "wtptui keys import") {
			t.Errorf("with %q: %v", name, err)
		}
	}
	if _, err := o.ring.Create("blog"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Conflict {
		t.Errorf("with another key of that name: %v", err)
	}
	if err := o.ring.Import("saved", secret); err != nil {
		t.Fatal(err)
	}
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	if second.Host != p.Host || second.Key.Name != "saved" || second.Record.Signer != "saved" {
		t.Errorf("%+v", second)
	}
}

// A site whose record cannot be signed stays published, and is signed when it is published again.
func TestUnsignedPublicationIsSignedLater(t *testing.T) {
	b, o := withOwners(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	o.withLock(func() { o.signErr = &engine.Error{Kind: engine.Unavailable, Msg: "the disk is full: make room"} })
	p, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir, Key: "blog"}, nil)
	const want = "the site is published, but its record is not: the disk is full: make room. " +
		"Publish the folder again to sign it"
	if engine.KindOf(err) != engine.Unavailable || engine.Message(err) != want {
		t.Errorf("%v", err)
	}
	b.waitFor(p.Host, "the site", isServing(p.Infohash))
	o.withLock(func() { o.signErr = nil })
	if again := b.publish(engine.PublishRequest{Dir: f.dir}); !again.Unchanged || again.Record.Infohash != p.Infohash {
		t.Errorf("%+v", again)
	}
}

// Followers of a key see what its owner serves.
func TestSwitchingVersionsSignsTheRecord(t *testing.T) {
	b, o, f, first := publishWithKey(t)
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	key := first.Host
	signs := func(when, infohash string) {
		t.Helper()
		b.waitWithoutTime(when, func() bool { return o.lastSigned().Content.Infohash == infohash })
		b.waitWithoutTime(when+", served", func() bool {
			b.clock.Advance(time.Second)
			return b.findSite(key).Infohash == infohash && b.findSite(key).Record.Infohash == infohash
		})
	}
	for _, infohash := range []string{first.Infohash, second.Infohash, first.Infohash} {
		if err := b.Switch(t.Context(), key, infohash); err != nil {
			t.Fatal(err)
		}
		signs(infohash, infohash)
	}
	before := o.lastSigned().Content.Infohash
	if err := b.Switch(t.Context(), key, ""); err != nil {
		t.Fatal(err)
	}
	b.passAnHour()
	signs("following again", before)
	if err := o.ring.Remove("blog"); err != nil {
		t.Fatal(err)
	}
	if err := b.Switch(t.Context(), key, second.Infohash); err != nil {
		t.Fatal(err)
	}
	b.waitLog(key, "warning those who follow the site are not told: there is no key blog")
}

// What another machine signs with the same key is reported, and followed like the records of a domain of one's own.
func TestOwnKeySignedElsewhereIsFollowed(t *testing.T) {
	b, o, f, p := publishWithKey(t)
	b.swarm.seed(hashA, 3)
	b.swarm.setStalled(hashA, true)
	signElsewhere := func() {
		t.Helper()
		b.clock.Advance(time.Minute)
		o.sign(p.Host, hashA)
		if _, err := b.Resolve(t.Context(), p.Host); err != nil {
			t.Fatal(err)
		}
		b.waitLog(p.Host, "warning "+errSignedElsewhere)
		b.waitFor(p.Host, "the version from elsewhere on its way", func(s engine.Site) bool {
			return s.NextInfohash == hashA && s.Record.Error == errSignedElsewhere
		})
	}
	signElsewhere()
	f.write("index.html", "two!")
	if _, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Conflict {
		t.Errorf("%v", err)
	}
	again := b.publishWhileRead(engine.PublishRequest{Dir: f.dir, TakeOver: true})
	b.waitFor(p.Host, "what was published", func(s engine.Site) bool {
		return isServing(again.Infohash)(s) && s.Record.Error == ""
	})
	signElsewhere()
	b.swarm.setStalled(hashA, false)
	b.waitWithoutTime("the version from elsewhere", func() bool {
		b.clock.Advance(time.Second)
		return isServing(hashA)(b.findSite(p.Host))
	})
}

// If a domain names another key, a pinned site waits for a person, and any other one does not.
func TestChangedKeyNeedsAPersonForPinnedSites(t *testing.T) {
	for _, pinned := range []bool{true, false} {
		b, o := withOwners(t)
		b.swarm.seed(hashA, 2)
		b.swarm.seed(hashB, 2)
		former, next := keyHost(1), keyHost(2)
		o.setAnswer(resolve.Answer{Infohash: hashA, Key: former, Record: engine.Record{Seq: 1, Infohash: hashA}})
		b.addSite(domain)
		b.waitFor(domain, "the site", isServing(hashA))
		if pinned {
			b.doVerb(engine.Pin, domain)
		}
		b.doVerb(engine.AcceptKey, domain) // There is none.
		o.setAnswer(resolve.Answer{
			Infohash: hashA, Key: former, NextKey: next, Record: engine.Record{Seq: 1, Infohash: hashA},
		})
		if _, err := b.Resolve(t.Context(), domain); err != nil {
			t.Fatal(err)
		}
		b.waitLog(domain, "warning its domain names another key now, "+next)
		if pinned {
			b.waitFor(domain, "the other key", func(s engine.Site) bool { return s.NextKey == next })
			o.withLock(func() { b.check("accepted by itself", strings.Join(o.accepted, ", "), "") })
			b.doVerb(engine.AcceptKey, domain)
		}
		b.waitWithoutTime("it is accepted", func() bool {
			o.mu.Lock()
			defer o.mu.Unlock()
			return strings.Join(o.accepted, ", ") == domain+" "+next
		})
		b.waitWithoutTime("the other key decides", func() bool {
			d, err := b.Detail(t.Context(), domain)
			return err == nil && d.Domain.Key == next && d.Domain.NextKey == "" && d.Site.NextKey == ""
		})
		b.stop()
	}
}

func TestKeysConformance(t *testing.T) {
	enginetest.RunKeys(t, func(t *testing.T) enginetest.Harness {
		b, o := withOwners(t, withBinOfADay)
		b.swarm.seed(hashA, 3)
		o.sign(enginetest.Key, hashA)
		return b.harness()
	})
}
