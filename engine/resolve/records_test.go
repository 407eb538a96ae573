package resolve

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// fakeDHT is a DHT that has one item of each key, and returns several versions of it after given delays.
type fakeDHT struct {
	mu sync.Mutex
	// come is what a look-up finds, and when; end is when it ends.
	come []delayedItem
	end  time.Duration
	off  bool // no node answers
	full bool // no node takes anything
	kept []pkarr.Item
}

type delayedItem struct {
	after time.Duration
	item  pkarr.Item
}

func (d *fakeDHT) set(items ...pkarr.Item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.come = nil
	for _, i := range items {
		d.come = append(d.come, delayedItem{item: i})
	}
}

func (d *fakeDHT) GetItem(ctx context.Context, _ engine.PublicKey, found func(pkarr.Item)) (pkarr.Lookup, error) {
	d.mu.Lock()
	come, end, off := slices.Clone(d.come), d.end, d.off
	d.mu.Unlock()
	l := pkarr.Lookup{Answered: 20, Nearest: 8}
	passed := time.Duration(0)
	pass := func(until time.Duration) {
		select {
		case <-time.After(until - passed):
		case <-ctx.Done():
		}
		passed = until
	}
	for _, c := range come {
		if pass(c.after); ctx.Err() == nil && c.item.Newer(l.Newest) {
			l.Newest, l.Found = c.item, 5
			if found != nil {
				found(c.item)
			}
		}
	}
	pass(max(end, passed))
	if off {
		return pkarr.Lookup{}, &engine.Error{
			Op:   "swarm",
			Kind: engine.Unavailable,
			Msg:  "no node of the DHT could be reached: check the network",
		}
	}
	return l, nil
}

func (d *fakeDHT) RepublishItem(
	ctx context.Context, key engine.PublicKey, known pkarr.Item, _ bool,
) (pkarr.Lookup, error) {
	l, err := d.GetItem(ctx, key, nil)
	if known.Newer(l.Newest) {
		l.Newest, l.Found = known, 0
	}
	if err != nil || d.full || l.Newest.IsZero() {
		return l, err
	}
	d.set(l.Newest)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = append(d.kept, l.Newest)
	l.Stored = 8
	return l, nil
}

// secret is the key of the tests.
var secret = ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", ed25519.SeedSize)))

func public() engine.PublicKey { return engine.PublicKey(secret.Public().(ed25519.PublicKey)) }

// signed returns a record of the tests' key, signed some time after day.
func signed(t testing.TB, after time.Duration, infohash string) pkarr.Item {
	t.Helper()
	value, err := pkarr.Content{Infohash: infohash}.Value(public())
	if err != nil {
		t.Fatal(err)
	}
	item, err := pkarr.Sign(secret, day.Add(after).UnixMicro(), value)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func expectInfohash(t *testing.T, a Answer, err error, infohash string) {
	t.Helper()
	if err != nil || a.Infohash != infohash {
		t.Errorf("got %q, %v, want %q", a.Infohash, err, infohash)
	}
}

// TestResolveKey: the newest record counts that arrives within 0.4 s of the first. Later ones count from then on.
func TestResolveKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dht := &fakeDHT{end: 2 * time.Second, come: []delayedItem{
			{100 * time.Millisecond, signed(t, 1*time.Second, hashA)},
			{300 * time.Millisecond, signed(t, 2*time.Second, hashB)},
			{time.Second, signed(t, 3*time.Second, hashC)},
		}}
		cache := &memoryCache{}
		r, _ := newResolver(t, Config{Items: dht, Cache: cache})
		began := time.Now()
		a, err := r.Resolve(t.Context(), public().Host())
		expectInfohash(t, a, err, hashB)
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if a.Key != public().Host() || a.Source != "dht" || a.TTL != 5*time.Minute || a.Record.Seq == 0 || a.Stale {
			t.Errorf("answered %+v", a)
		}
		time.Sleep(3 * time.Second)
		began = time.Now()
		a, err = r.Resolve(t.Context(), public().Host())
		expectInfohash(t, a, err, hashC)
		if took := time.Since(began); took != 0 {
			t.Errorf("what is known took %v", took)
		}
		_ = r.Close()
	})
}

// TestNoWayBack: a record older than a known one is never used, also after a restart. The known one is used if no node
// has or sends any.
func TestNoWayBack(t *testing.T) {
	old, fresh := signed(t, time.Hour, hashA), signed(t, 2*time.Hour, hashB)
	for name, now := range map[string]struct {
		dht  *fakeDHT
		said string
	}{
		"replayed":  {&fakeDHT{come: []delayedItem{{item: old}}}, "older record"},
		"forgotten": {&fakeDHT{}, "record that was seen last"},
		"silent":    {&fakeDHT{off: true}, "record that was seen last"},
	} {
		t.Run(name, func(t *testing.T) {
			cache := &memoryCache{}
			first, _ := newResolver(t, Config{Items: &fakeDHT{come: []delayedItem{{item: fresh}}}, Cache: cache})
			a, err := first.Resolve(t.Context(), public().Host())
			expectInfohash(t, a, err, hashB)
			for _, how := range []string{"resolve", "ask", "keep"} {
				r, clock := newResolver(t, Config{Items: now.dht, Cache: cache})
				clock.advance(time.Hour)
				ask := map[string]func(context.Context, string) (Answer, error){
					"resolve": r.Resolve, "ask": r.ResolveUncached, "keep": r.Republish,
				}[how]
				a, err = ask(t.Context(), public().Host())
				expectInfohash(t, a, err, hashB)
				if how == "keep" {
					continue // It has put the newer one, or will.
				}
				if !strings.Contains(strings.Join(a.Warnings, "\n"), now.said) {
					t.Errorf("%s warns %q", how, a.Warnings)
				}
			}
			if name != "silent" && (len(now.dht.kept) != 1 || !now.dht.kept[0].Same(fresh)) {
				t.Errorf("kept %v", now.dht.kept)
			}
		})
	}
}

// TestUnknownKey: the error for a key without a record differs from that for a DHT without answers.
func TestUnknownKey(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		kind engine.Kind
		says string
	}{
		"nobody has it":  {Config{Items: &fakeDHT{}}, engine.NotFound, "nobody has anything"},
		"nobody answers": {Config{Items: &fakeDHT{off: true}}, engine.Unavailable, "no node of the DHT can be reached"},
		"no DHT":         {Config{}, engine.Unavailable, "--relay"},
		"dead relay": {
			Config{Relays: []string{"http://127.0.0.1:1"}},
			engine.Unavailable,
			"neither the DHT nor a relay",
		},
		"no site":         {Config{Items: dhtWithValue(t, "4:spam")}, engine.NotFound, "not that of a site"},
		"another's TXT":   {Config{Items: dhtWithTXT(t, "v=spf1 -all")}, engine.NotFound, "v=spf1"},
		"broken wtpkey":   {Config{Items: dhtWithTXT(t, "wtpkey=123")}, engine.NotFound, "names no site"},
		"no dictionary":   {Config{Items: dhtWithValue(t, "d2:ih3:abce")}, engine.NotFound, "not that of a site"},
		"not even a list": {Config{Items: dhtWithValue(t, "i5e")}, engine.NotFound, "not that of a site"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newResolver(t, c.cfg)
			_, err := r.Resolve(t.Context(), public().Host())
			expectMessage(t, err, c.kind, c.says)
			_, err = r.ResolveUncached(t.Context(), public().Host())
			expectMessage(t, err, c.kind, c.says)
		})
	}
}

func dhtWithValue(t *testing.T, value string) *fakeDHT {
	t.Helper()
	item := pkarr.Item{Key: public(), Seq: 1, Value: []byte(value)} // Others sign what pkarr.Sign refuses.
	item.Sig = [ed25519.SignatureSize]byte(ed25519.Sign(secret, []byte("3:seqi1e1:v"+value)))
	if err := item.Check(); err != nil {
		t.Fatal(err)
	}
	return &fakeDHT{come: []delayedItem{{item: item}}}
}

// TestBEP46: a dictionary names a torrent, too.
func TestBEP46(t *testing.T) {
	raw, _ := hex.DecodeString(hashA)
	r, _ := newResolver(t, Config{Items: dhtWithValue(t, "d2:ih20:"+string(raw)+"e")})
	a, err := r.Resolve(t.Context(), public().Host())
	expectInfohash(t, a, err, hashA)
	if a.TTL != 5*time.Minute || !a.Record.SignedAt.IsZero() || a.Record.Seq != 1 {
		t.Errorf("answered %+v", a)
	}
}

// TestRepublish: the number of nodes that accepted a record is reported, and a record from the future is warned of.
func TestRepublish(t *testing.T) {
	dht := &fakeDHT{come: []delayedItem{{item: signed(t, 100*time.Hour, hashA)}}}
	r, clock := newResolver(t, Config{Items: dht, Cache: &memoryCache{}})
	a, err := r.Republish(t.Context(), public().Host())
	expectInfohash(t, a, err, hashA)
	now := engine.At(clock.Now())
	if rec := a.Record; rec.Nodes != 8 || rec.PutAt != now || rec.ReadAt != now || rec.Nearest != 8 ||
		rec.Found != 5 ||
		rec.Error != "" {
		t.Errorf("kept %+v", rec)
	}
	if len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "future") {
		t.Errorf("warns %q", a.Warnings)
	}
}

// BenchmarkKnownKey measures the look-up of a known key.
func BenchmarkKnownKey(b *testing.B) {
	r := New(Config{Items: &fakeDHT{come: []delayedItem{{item: signed(b, time.Second, hashA)}}}, Cache: &memoryCache{}})
	defer func() { _ = r.Close() }()
	host := public().Host()
	for b.Loop() {
		if a, err := r.Resolve(b.Context(), host); err != nil || a.Infohash != hashA {
			b.Fatal(a.Infohash, err)
		}
	}
}

// fullDisk is a Cache that stores no records while full is set.
type fullDisk struct {
	memoryCache
	full bool
}

func (d *fullDisk) PutRecord(key string, item []byte, own bool) error {
	if d.full {
		return &engine.Error{Op: "store", Kind: engine.Unavailable, Msg: "the disk is full"}
	}
	return d.memoryCache.PutRecord(key, item, own)
}

// TestRecordThatCannotBeStoredDoesNotCount uses a disk that is full from the beginning, or after a first record was
// stored. What is in use is then also what a restart would find, and the next look-up stores the record.
func TestRecordThatCannotBeStoredDoesNotCount(t *testing.T) {
	host := public().Host()
	cache := &fullDisk{full: true}
	dht := &fakeDHT{come: []delayedItem{{item: signed(t, time.Hour, hashA)}}}
	r, clock := newResolver(t, Config{Items: dht, Cache: cache})
	for range 2 {
		_, err := r.ResolveUncached(t.Context(), host)
		expectMessage(t, err, engine.Unavailable, "could not be stored", "the disk is full")
	}
	cache.full = false
	a, err := r.Resolve(t.Context(), host)
	expectInfohash(t, a, err, hashA)

	cache.full = true
	dht.set(signed(t, 2*time.Hour, hashB))
	for range 2 {
		a, err = r.ResolveUncached(t.Context(), host)
		expectInfohash(t, a, err, hashA)
		if !a.Stale || len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "the disk is full") {
			t.Errorf("stale %v, warnings %q", a.Stale, a.Warnings)
		}
	}
	cache.full = false
	clock.advance(time.Hour)
	a, err = r.Resolve(t.Context(), host)
	expectInfohash(t, a, err, hashB)
	if a.Stale || len(a.Warnings) != 0 {
		t.Errorf("once it is stored: stale %v, warnings %q", a.Stale, a.Warnings)
	}
}

// slowDisk is a Cache that fails to store a record after a newer one was stored meanwhile.
type slowDisk struct {
	fullDisk
	storeNewer func()
}

func (d *slowDisk) PutRecord(key string, item []byte, own bool) error {
	if d.storeNewer == nil {
		return d.memoryCache.PutRecord(key, item, own)
	}
	storeNewer := d.storeNewer
	d.storeNewer = nil
	storeNewer()
	d.full = true
	return d.fullDisk.PutRecord(key, item, own)
}

// TestOlderRecordThatCannotBeStored: the newest record is not outdated because an older one could not be stored.
func TestOlderRecordThatCannotBeStored(t *testing.T) {
	cache := &slowDisk{}
	r, _ := newResolver(t, Config{Cache: cache})
	newest := signed(t, 2*time.Hour, hashB)
	cache.storeNewer = func() { r.records.save(newest, dhtSource) }
	if r.records.save(signed(t, time.Hour, hashA), dhtSource) {
		t.Error("the older record counts")
	}
	if k := r.records.get(public()); !k.item.Same(newest) || k.isOutdated() {
		t.Errorf("the record of %v counts, outdated %v", k.item.SignedAt(), k.isOutdated())
	}
}
