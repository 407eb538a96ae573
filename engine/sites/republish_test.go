package sites

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// startFollowing returns a fixture that follows the site of another person's key and serves its first version.
func startFollowing(t *testing.T) (b *fixture, o *fakeOwners, key string) {
	t.Helper()
	b, o = withOwners(t)
	key = keyHost(1)
	b.swarm.seed(hashA, 3)
	b.swarm.seed(hashB, 4)
	o.sign(key, hashA)
	b.addSite("pk:" + key)
	b.doVerb(engine.Pin, key)
	b.waitFor(key, "the first version", isServing(hashA))
	return b, o, key
}

// As for domains, the owner signs another version, readers keep what they read, and no request fails.
func TestKeyMovesAndItsReadersStay(t *testing.T) {
	b, o, key := startFollowing(t)
	s := b.waitFor(key, "its record", func(s engine.Site) bool { return s.Record.Seq > 0 })
	if s.Record.Infohash != hashA || s.Record.SignedAt.IsZero() || s.Record.Signer != "" || s.NextCheck.IsZero() ||
		s.NextKey != "" {
		t.Errorf("%+v", s)
	}
	reading, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(3 * time.Hour)
	b.waitRepublished()
	o.sign(key, hashB)
	failed := make(chan error, 1)
	stop := make(chan struct{})
	go func() { // somebody reads all the time
		for {
			select {
			case <-stop:
				failed <- nil
				return
			default:
			}
			c, err := b.Open(t.Context(), key)
			if err != nil {
				failed <- err
				return
			}
			if _, ok := c.Lookup("file0"); !ok && c.Infohash() != hashA && c.Infohash() != hashB {
				t.Errorf("a request got %s", c.Infohash())
			}
			c.Close(engine.Request{})
		}
	}()
	b.clock.Advance(republishInterval)
	b.waitWithoutTime("the second version", func() bool {
		b.clock.Advance(time.Second)
		return isServing(hashB)(b.findSite(key))
	})
	close(stop)
	if err := <-failed; err != nil {
		t.Errorf("a request failed: %v", err)
	}
	b.check("what is being read", reading.Infohash(), hashA)
	reading.Close(engine.Request{})
	b.waitLog(key, "now points to "+hashB+", signed ")
	if events := b.siteLog(key); strings.Contains(events, "domain") || strings.Contains(events, "nodes") {
		t.Errorf("events:\n%s", events)
	}
}

// The owner is gone for hours. A follower republishes the record, a little more often than hourly, and goes on serving
// the site.
func TestFollowerKeepsTheRecord(t *testing.T) {
	b, o, key := startFollowing(t)
	const hours = 3
	for n := range hours {
		before := o.republishCount(key)
		b.passAnHour()
		if got := o.republishCount(key) - before; got < 1 || got > 2 {
			t.Errorf("hour %d: kept %d times", n, got)
		}
	}
	s := b.findSite(key)
	if s.Record.Nodes != 8 || b.clock.Now().Sub(s.Record.PutAt.Std()) > republishInterval {
		t.Errorf("%+v", s.Record)
	}
	if next := s.NextCheck.Std().Sub(s.Record.PutAt.Std()); next < republishInterval*9/10 || next > republishInterval {
		t.Errorf("kept again after %v", next)
	}
	b.doVerb(engine.Pause, key)
	before := o.republishCount(key)
	b.passAnHour()
	b.passAnHour()
	if got := o.republishCount(key); got != before {
		t.Errorf("a paused site's record was kept %d times", got-before)
	}
	b.doVerb(engine.Resume, key)
	if err := b.Switch(t.Context(), key, hashA); err != nil {
		t.Fatal(err)
	}
	b.passAnHour()
	before = o.republishCount(key)
	o.sign(key, hashB)
	b.passAnHour()
	if got := o.republishCount(key); got == before {
		t.Error("the record of a site that stays at a version was not kept")
	}
	b.waitFor(
		key,
		"the version that it stays at",
		func(s engine.Site) bool { return isServing(hashA)(s) && s.Held && s.NextCheck.IsZero() },
	)
	b.waitLog(key, "stays at "+hashA+", whatever its key's owner says")
	if err := b.Switch(t.Context(), key, ""); err != nil {
		t.Fatal(err)
	}
	b.waitWithoutTime("the newest version", func() bool {
		b.clock.Advance(time.Second)
		return isServing(hashB)(b.findSite(key))
	})
}

// A record that no node stores is put again soon, but not as often as possible.
func TestUnstoredRecordIsRetriedSoon(t *testing.T) {
	b, o, key := startFollowing(t)
	o.withLock(func() { o.nodes = 0 })
	b.passAnHour()
	if got := o.republishCount(key); got < 20 || got > 60 {
		t.Errorf("kept %d times within an hour", got)
	}
	o.withLock(func() { o.nodes = 3 })
	b.passAnHour()
	before := o.republishCount(key)
	b.passAnHour()
	if got := o.republishCount(key) - before; got > 2 {
		t.Errorf("once it was taken it was kept %d times within an hour", got)
	}
}

// After the network has come back, all records are put soon.
func TestRecordsAreRepublishedWhenTheNetworkIsBack(t *testing.T) {
	b, o, key := startFollowing(t)
	status := func(s swarm.Status) {
		b.swarm.mu.Lock()
		b.swarm.status = s
		b.swarm.mu.Unlock()
		b.clock.Advance(2 * statusInterval)
	}
	status(swarm.Status{Online: true, DHTNodes: 10})
	b.passAnHour()
	before := o.republishCount(key)
	status(swarm.Status{})
	b.clock.Advance(3 * time.Minute)
	b.waitRepublished()
	if got := o.republishCount(key); got > before+1 {
		t.Fatalf("kept %d times without a network", got-before)
	}
	before = o.republishCount(key)
	status(swarm.Status{Online: true, DHTNodes: 10})
	b.clock.Advance(onlineSpread)
	b.waitRepublished()
	if got := o.republishCount(key); got != before+1 {
		t.Errorf("kept %d times after the network came back", got-before)
	}
}

// Opening a site looks its key up again once the answer has expired, and never waits for that.
func TestOpeningLooksUpAnExpiredRecord(t *testing.T) {
	b, o, key := startFollowing(t)
	once := o.lookupCount(key)
	visit := func() {
		t.Helper()
		c, err := b.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		c.Close(engine.Request{})
		b.waitRepublished()
	}
	visit()
	if got := o.lookupCount(key); got != once {
		t.Errorf("looked up %d times although the answer holds", got-once)
	}
	b.clock.Advance(2 * recordTTL)
	b.waitRepublished()
	b.clock.Advance(2 * recordTTL)
	visit()
	visit()
	if got := o.lookupCount(key); got != once+1 {
		t.Errorf("looked up %d times after the answer had run out", got-once)
	}
	b.clock.Advance(2 * recordTTL)
	o.withLock(func() { o.down = true })
	visit()
	b.waitFor(key, "the site without a network", isServing(hashA))
	b.restart()
	o.withLock(func() { o.down = false; o.looked[key] = 0 })
	visit()
	if got := o.lookupCount(key); got != 1 {
		t.Errorf("looked up %d times on opening after a restart", got)
	}
	b.waitFor(key, "its record", func(s engine.Site) bool { return s.Record.Seq > 0 })
}

// An older answer changes nothing, wherever it comes from.
func TestOlderRecordIsIgnored(t *testing.T) {
	b, o, key := startFollowing(t)
	var old int64
	o.withLock(func() { old = o.records[key].Record.Seq })
	b.clock.Advance(time.Hour)
	o.sign(key, hashB)
	if _, err := b.Resolve(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	b.waitWithoutTime("the second version", func() bool {
		b.clock.Advance(time.Second)
		return isServing(hashB)(b.findSite(key))
	})
	o.sign(key, hashA)
	o.withLock(func() {
		a := o.records[key]
		a.Record.Seq = old
		o.records[key] = a
	})
	if _, err := b.Resolve(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Minute)
	b.waitFor(key, "the newest version still", func(s engine.Site) bool {
		return isServing(hashB)(s) && s.Record.Infohash == hashB
	})
}

// The look-up of a key without a record is retried. It is not a domain.
func TestUnknownKeyIsRetried(t *testing.T) {
	b, o := withOwners(t)
	key := keyHost(2)
	b.swarm.seed(hashA, 2)
	b.addSite(key)
	s := b.waitFor(key, "the reason", func(s engine.Site) bool { return s.Error != "" })
	if s.ErrorKind != engine.Unavailable || s.NextCheck.IsZero() ||
		s.NextCheck.Std().Sub(b.clock.Now()) > 2*minLookupRetry {
		t.Errorf("%+v", s)
	}
	n, err := b.Resolve(t.Context(), key)
	if err != nil || n.Key != key || n.Error == "" {
		t.Errorf("%+v, %v", n, err)
	}
	o.sign(key, hashA)
	b.clock.Advance(2 * maxLookupRetry)
	b.waitRepublished()
	b.waitFor(key, "the site", isServing(hashA))
	b.waitLog(key, "points to "+hashA+", signed 4m ago by the key's owner")
}

// A thousand records are republished within each hour, a few at a time. Those of a start are spread over ten minutes.
func TestThousandRecordsAreSpreadOverTheHour(t *testing.T) {
	b, o := withOwners(t)
	const n = 1000
	b.swarm.seed(hashA, 2)
	var rows []store.Site
	for i := range n {
		key := keyHost(i)
		o.sign(key, hashA)
		o.written[key] = o.records[key].Record.Seq // It costs a write of the disk.
		rows = append(rows, store.Site{Host: key, Infohash: hashA, Pinned: true, AddedAt: b.clock.Now()})
	}
	b.stop()
	b.openEngine(func(db *store.DB) error { return db.PutSites(rows...) })
	kept := func() (all, least, most int) {
		least = n
		for i := range n {
			times := o.republishCount(keyHost(i))
			all, least, most = all+times, min(least, times), max(most, times)
		}
		return all, least, most
	}
	b.clock.Advance(startSpread / 2)
	b.waitRepublished()
	if all, _, _ := kept(); all < n/4 || all > n*3/4 {
		t.Errorf("%d of %d were kept in the first half of the start", all, n)
	}
	b.clock.Advance(startSpread / 2)
	b.waitRepublished()
	for hour := 1; hour <= 2; hour++ {
		for range 10 {
			b.clock.Advance(6 * time.Minute)
			b.waitRepublished()
		}
		if all, least, most := kept(); least < hour+1 || most > hour+2 {
			t.Errorf("after %d hours: %d in all, %d to %d each", hour, all, least, most)
		}
	}
	if o.most > maxRepublishing {
		t.Errorf("%d were kept at the same time", o.most)
	}
}

// However many records are being republished, domains are looked up.
func TestRepublishingDoesNotDelayLookups(t *testing.T) {
	b, o := withOwners(t)
	for i := range 50 {
		o.sign(keyHost(i), hashA)
		b.addSite(keyHost(i))
	}
	b.swarm.seed(hashA, 2)
	o.pointTo(hashA)
	b.addSite(domain)
	b.waitFor(domain, "the domain's site", isServing(hashA))
	b.doVerb(engine.Pin, domain)
	hold := make(chan struct{})
	o.withLock(func() { o.hold = hold })
	b.clock.Advance(startSpread)
	b.waitWithoutTime("as many as there may be", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.running == maxRepublishing
	})
	o.fakeZone.mu.Lock()
	asked := o.fakeZone.asked
	o.fakeZone.mu.Unlock()
	b.clock.Advance(ttl)
	b.waitWithoutTime("the domain to be looked up again", func() bool {
		o.fakeZone.mu.Lock()
		defer o.fakeZone.mu.Unlock()
		return o.fakeZone.asked > asked
	})
	o.withLock(func() { o.hold = nil })
	close(hold)
	b.waitRepublished()
}
