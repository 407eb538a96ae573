package sites

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// followed is a bench with a site of somebody else's key, which serves its first version.
func followed(t *testing.T) (b *bench, o *owners, key string) {
	t.Helper()
	b, o = withOwners(t)
	key = hostOfKey(1)
	b.world.seed(hashA, 3)
	b.world.seed(hashB, 4)
	o.sign(key, hashA)
	b.add("pk:" + key)
	b.do(engine.Pin, key)
	b.waitFor(key, "the first version", serves(hashA))
	return b, o, key
}

// The whole way, as for domains: the owner signs another version, readers keep what they read, and no request fails.
func TestKeyMovesAndItsReadersStay(t *testing.T) {
	b, o, key := followed(t)
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
	b.waitUntil("the second version", func() bool {
		b.clock.Advance(time.Second)
		return serves(hashB)(b.site(key))
	})
	close(stop)
	if err := <-failed; err != nil {
		t.Errorf("a request failed: %v", err)
	}
	b.want("what is being read", reading.Infohash(), hashA)
	reading.Close(engine.Request{})
	b.logs(key, "now points to "+hashB+", signed ")
	if events := b.logOf(key); strings.Contains(events, "domain") || strings.Contains(events, "nodes") {
		t.Errorf("events:\n%s", events)
	}
}

// The owner is gone for hours: who follows the site keeps its record, hourly and a little less, and goes on serving
// it.
func TestFollowerKeepsTheRecord(t *testing.T) {
	b, o, key := followed(t)
	const hours = 3
	for n := range hours {
		before := o.keeps(key)
		b.passHour()
		if got := o.keeps(key) - before; got < 1 || got > 2 {
			t.Errorf("hour %d: kept %d times", n, got)
		}
	}
	s := b.site(key)
	if s.Record.Nodes != 8 || b.clock.Now().Sub(s.Record.PutAt.Std()) > republishInterval {
		t.Errorf("%+v", s.Record)
	}
	if next := s.NextCheck.Std().Sub(s.Record.PutAt.Std()); next < republishInterval*9/10 || next > republishInterval {
		t.Errorf("kept again after %v", next)
	}
	b.do(engine.Pause, key)
	before := o.keeps(key)
	b.passHour()
	b.passHour()
	if got := o.keeps(key); got != before {
		t.Errorf("a paused site's record was kept %d times", got-before)
	}
	b.do(engine.Resume, key)
	if err := b.Switch(t.Context(), key, hashA); err != nil {
		t.Fatal(err)
	}
	b.passHour()
	before = o.keeps(key)
	o.sign(key, hashB)
	b.passHour()
	if got := o.keeps(key); got == before {
		t.Error("the record of a site that stays at a version was not kept")
	}
	b.waitFor(
		key,
		"the version that it stays at",
		func(s engine.Site) bool { return serves(hashA)(s) && s.Held && s.NextCheck.IsZero() },
	)
	b.logs(key, "stays at "+hashA+", whatever its key's owner says")
	if err := b.Switch(t.Context(), key, ""); err != nil {
		t.Fatal(err)
	}
	b.waitUntil("the newest version", func() bool {
		b.clock.Advance(time.Second)
		return serves(hashB)(b.site(key))
	})
}

// A record that nobody takes is put again soon, and not as often as one could.
func TestRecordThatNobodyTakes(t *testing.T) {
	b, o, key := followed(t)
	o.locked(func() { o.nodes = 0 })
	b.passHour()
	if got := o.keeps(key); got < 20 || got > 60 {
		t.Errorf("kept %d times within an hour", got)
	}
	o.locked(func() { o.nodes = 3 })
	b.passHour()
	before := o.keeps(key)
	b.passHour()
	if got := o.keeps(key) - before; got > 2 {
		t.Errorf("once it was taken it was kept %d times within an hour", got)
	}
}

// After the network has come back all records are put soon.
func TestNetworkIsBack(t *testing.T) {
	b, o, key := followed(t)
	status := func(s swarm.Status) {
		b.world.mu.Lock()
		b.world.status = s
		b.world.mu.Unlock()
		b.clock.Advance(2 * statusInterval)
	}
	status(swarm.Status{Online: true, DHTNodes: 10})
	b.passHour()
	before := o.keeps(key)
	status(swarm.Status{})
	b.clock.Advance(3 * time.Minute)
	b.waitRepublished()
	if got := o.keeps(key); got > before+1 {
		t.Fatalf("kept %d times without a network", got-before)
	}
	before = o.keeps(key)
	status(swarm.Status{Online: true, DHTNodes: 10})
	b.clock.Advance(onlineSpread)
	b.waitRepublished()
	if got := o.keeps(key); got != before+1 {
		t.Errorf("kept %d times after the network came back", got-before)
	}
}

// Opening a site looks its key up again once the answer has run out, and never waits for that.
func TestOpeningReadsTheRecordAgain(t *testing.T) {
	b, o, key := followed(t)
	once := o.lookUps(key)
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
	if got := o.lookUps(key); got != once {
		t.Errorf("looked up %d times although the answer holds", got-once)
	}
	b.clock.Advance(2 * recordTTL)
	b.waitRepublished()
	b.clock.Advance(2 * recordTTL)
	visit()
	visit()
	if got := o.lookUps(key); got != once+1 {
		t.Errorf("looked up %d times after the answer had run out", got-once)
	}
	b.clock.Advance(2 * recordTTL)
	o.locked(func() { o.down = true })
	visit()
	b.waitFor(key, "the site without a network", serves(hashA))
	b.restart()
	o.locked(func() { o.down = false; o.looked[key] = 0 })
	visit()
	if got := o.lookUps(key); got != 1 {
		t.Errorf("looked up %d times on opening after a restart", got)
	}
	b.waitFor(key, "its record", func(s engine.Site) bool { return s.Record.Seq > 0 })
}

// An older answer changes nothing, whoever gives it.
func TestOlderRecordIsIgnored(t *testing.T) {
	b, o, key := followed(t)
	var old int64
	o.locked(func() { old = o.records[key].Record.Seq })
	b.clock.Advance(time.Hour)
	o.sign(key, hashB)
	if _, err := b.Resolve(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	b.waitUntil("the second version", func() bool {
		b.clock.Advance(time.Second)
		return serves(hashB)(b.site(key))
	})
	o.sign(key, hashA)
	o.locked(func() {
		a := o.records[key]
		a.Record.Seq = old
		o.records[key] = a
	})
	if _, err := b.Resolve(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Minute)
	b.waitFor(key, "the newest version still", func(s engine.Site) bool {
		return serves(hashB)(s) && s.Record.Infohash == hashB
	})
}

// A key that nobody knows yet is tried again, and is no domain.
func TestKeyThatNobodyKnows(t *testing.T) {
	b, o := withOwners(t)
	key := hostOfKey(2)
	b.world.seed(hashA, 2)
	b.add(key)
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
	b.waitFor(key, "the site", serves(hashA))
	b.logs(key, "points to "+hashA+", signed 4m ago by the key's owner")
}

// A thousand keys are kept within each hour, a few at a time; those of a start are spread over ten minutes.
func TestThousandKeys(t *testing.T) {
	b, o := withOwners(t)
	const n = 1000
	b.world.seed(hashA, 2)
	var rows []store.Site
	for i := range n {
		key := hostOfKey(i)
		o.sign(key, hashA)
		o.written[key] = o.records[key].Record.Seq // It costs a write of the disk.
		rows = append(rows, store.Site{Host: key, Infohash: hashA, Pinned: true, AddedAt: b.clock.Now()})
	}
	b.stop()
	b.open(func(db *store.DB) error { return db.PutSites(rows...) })
	kept := func() (all, least, most int) {
		least = n
		for i := range n {
			times := o.keeps(hostOfKey(i))
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

// However many records are being kept, domains are looked up.
func TestKeysDoNotHoldUpDomains(t *testing.T) {
	b, o := withOwners(t)
	for i := range 50 {
		o.sign(hostOfKey(i), hashA)
		b.add(hostOfKey(i))
	}
	b.world.seed(hashA, 2)
	o.pointTo(hashA)
	b.add(domain)
	b.waitFor(domain, "the domain's site", serves(hashA))
	b.do(engine.Pin, domain)
	hold := make(chan struct{})
	o.locked(func() { o.hold = hold })
	b.clock.Advance(startSpread)
	b.waitUntil("as many as there may be", func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.running == maxRepublishing
	})
	o.zone.mu.Lock()
	asked := o.zone.asked
	o.zone.mu.Unlock()
	b.clock.Advance(ttl)
	b.waitUntil("the domain to be looked up again", func() bool {
		o.zone.mu.Lock()
		defer o.zone.mu.Unlock()
		return o.zone.asked > asked
	})
	o.locked(func() { o.hold = nil })
	close(hold)
	b.waitRepublished()
}
