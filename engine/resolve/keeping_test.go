package resolve

import (
	"context"
	"crypto/ed25519"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// TestRepublishThatNoNodeAccepts: a record that no node accepts any more is not reported as accepted.
func TestRepublishThatNoNodeAccepts(t *testing.T) {
	dht := &fakeDHT{come: []delayedItem{{item: signed(t, time.Second, hashA)}}}
	r, c := newResolver(t, Config{Items: dht, Cache: &memoryCache{}})
	if _, err := r.Republish(t.Context(), public().Host()); err != nil {
		t.Fatal(err)
	}
	dht.set()
	dht.off = true
	c.advance(time.Hour)
	a, err := r.Republish(t.Context(), public().Host())
	if err != nil || !a.Stale || a.Record.Nodes != 0 || a.Record.Error == "" {
		t.Errorf("got %+v, %v", a.Record, err)
	}
}

// TestRepublishQueriesRelays: without UDP a newer record is fetched from a relay.
func TestRepublishQueriesRelays(t *testing.T) {
	old, newer := signed(t, time.Second, hashA), signed(t, time.Hour, hashB)
	refuse := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) }
	relay := newRelay(t, respondWith(payload(t, newer)), refuse)
	cache := &memoryCache{}
	_ = cache.PutRecord(public().Host(), old.Bytes(), false)
	r, _ := newResolver(t, Config{Items: &fakeDHT{off: true}, Relays: []string{relay}, Cache: cache})
	a, err := r.Republish(t.Context(), public().Host())
	if err != nil || a.Infohash != hashB {
		t.Errorf("Keep answers %s, %v, stale %v", a.Infohash, err, a.Stale)
	}
}

// TestCompleteLookUpsQueryRelaysLast: relays receive no queries while the DHT answers.
func TestCompleteLookUpsQueryRelaysLast(t *testing.T) {
	var asked atomic.Int64
	count := func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.WriteHeader(http.StatusNotFound) }
	relay := newRelay(t, count, nil)
	r, _ := newResolver(
		t,
		Config{Items: &fakeDHT{come: []delayedItem{{item: signed(t, time.Second, hashA)}}}, Relays: []string{relay}},
	)
	_, _ = r.ResolveUncached(t.Context(), public().Host())
	_ = r.CheckSigner(t.Context(), public(), true)
	if n := asked.Load(); n > 0 {
		t.Errorf("the relay was asked %d times", n)
	}
}

func nextKey() string {
	next := ed25519.NewKeyFromSeed([]byte(strings.Repeat("n", ed25519.SeedSize)))
	return engine.PublicKey(next.Public().(ed25519.PublicKey)).Host()
}

// keyedDomain is a resolver that has seen the record of the key that a domain names.
type keyedDomain struct {
	*Resolver

	clock  *clock
	server *changingZone
	dht    *fakeDHT
	cache  *memoryCache
}

func newKeyedDomain(t *testing.T) keyedDomain {
	t.Helper()
	d := keyedDomain{server: newChangingZone(t, keyRecord(public().Host())), dht: &fakeDHT{}, cache: &memoryCache{}}
	d.dht.set(signed(t, time.Second, hashA))
	d.Resolver, d.clock = newResolver(t, d.config())
	if _, err := d.Resolve(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d keyedDomain) config() Config {
	return Config{Servers: []string{d.server.url}, Items: d.dht, Cache: d.cache}
}

// nameNext makes the domain name another key, and resolves it.
func (d keyedDomain) nameNext(t *testing.T) {
	t.Helper()
	d.server.setRecords(keyRecord(nextKey()))
	d.clock.advance(time.Hour)
	if a, err := d.Resolve(t.Context(), host); err != nil || a.NextKey != nextKey() {
		t.Fatalf("%+v %v", a, err)
	}
}

// TestNextKeyIsRemembered: a key that awaits acceptance is kept over new records and restarts.
func TestNextKeyIsRemembered(t *testing.T) {
	d := newKeyedDomain(t)
	d.nameNext(t)
	d.dht.set(signed(t, time.Hour, hashB))
	a, err := d.Republish(t.Context(), host)
	if err != nil || a.NextKey != nextKey() {
		t.Errorf("after Keep with a newer record: NextKey %q, Infohash %s, %v", a.NextKey, a.Infohash, err)
	}
	again, c2 := newResolver(t, d.config())
	c2.advance(time.Hour)
	a, err = again.Resolve(t.Context(), host)
	if a.NextKey != nextKey() {
		t.Errorf("after a restart: NextKey %q, %v", a.NextKey, err)
	}
}

// TestAcceptsOnlyTheKeyThatIsNamed: only the key that the domain names can be accepted.
func TestAcceptsOnlyTheKeyThatIsNamed(t *testing.T) {
	d := newKeyedDomain(t)
	if err := d.AcceptKey(host, nextKey()); err == nil {
		t.Error("a key that the domain does not name was accepted")
	}
}

// TestAcceptIsNotUndoneByALookUp: a running look-up with the former key does not undo the acceptance.
func TestAcceptIsNotUndoneByALookUp(t *testing.T) {
	d := newKeyedDomain(t)
	d.nameNext(t)
	d.clock.advance(time.Hour)
	entered, leave := make(chan struct{}), make(chan struct{})
	enter := sync.OnceFunc(func() { close(entered) }) // A query may be sent twice.
	server2 := newDoH(t, func(w http.ResponseWriter, q *dns.Msg) { enter(); <-leave; zone(keyRecord(nextKey()))(w, q) })
	d.cfg.Servers = []string{server2.url}
	done := make(chan struct{})
	go func() { _, _ = d.Resolve(context.Background(), host); close(done) }()
	<-entered
	if err := d.AcceptKey(host, nextKey()); err != nil {
		t.Fatal(err)
	}
	close(leave)
	<-done
	n, _ := d.cache.Name(host)
	if n.Key != nextKey() {
		t.Errorf("the accepted key was undone: %s", n.Key)
	}
}

// TestSignOvertaken: signing fails if another machine's record arrives while ours is put.
func TestSignOvertaken(t *testing.T) {
	theirs := signed(t, 2*time.Hour, hashB)
	dht := &overtakingDHT{fakeDHT: &fakeDHT{}, item: theirs}
	r, _ := newResolver(t, Config{Items: dht, Cache: &memoryCache{}})
	a, err := r.Sign(t.Context(), signing(hashA))
	if err == nil {
		t.Errorf("no error though the newest is theirs: answered %s", a.Infohash)
	}
}

type overtakingDHT struct {
	*fakeDHT
	item pkarr.Item
}

func (o *overtakingDHT) RepublishItem(
	ctx context.Context,
	key engine.PublicKey,
	known pkarr.Item,
	paced bool,
) (pkarr.Lookup, error) {
	o.set(o.item)
	return o.fakeDHT.RepublishItem(ctx, key, known, paced)
}

// TestKeySeenLater: the key decides from the first look-up that finds its record.
func TestKeySeenLater(t *testing.T) {
	server := newChangingZone(t, key("600", hashA), keyRecord(public().Host()))
	dht, cache := &fakeDHT{}, &memoryCache{}
	r, c := newResolver(t, Config{Servers: []string{server.url}, Items: dht, Cache: cache})
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA {
		t.Fatalf("%+v %v", a, err)
	}
	dht.set(signed(t, time.Second, hashB))
	c.advance(time.Hour)
	a, err := r.Resolve(t.Context(), host)
	if err != nil || a.Infohash != hashB || a.Key == "" {
		t.Errorf("got %s, key %q, %v", a.Infohash, a.Key, err)
	}
}
