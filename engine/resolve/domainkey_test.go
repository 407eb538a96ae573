package resolve

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// dhtWithTXT returns a DHT in which the tests' key has one TXT record.
func dhtWithTXT(t *testing.T, text string) *fakeDHT {
	t.Helper()
	item, err := pkarr.Sign(secret, 1, packetOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return &fakeDHT{come: []delayedItem{{item: item}}}
}

// packetOf returns the bencoded DNS packet of one TXT record.
func packetOf(t *testing.T, text string) []byte {
	t.Helper()
	m := new(dns.Msg)
	m.Response = true
	m.Answer = []dns.RR{&dns.TXT{
		Hdr: dns.RR_Header{
			Name:   public().Host() + ".",
			Rrtype: dns.TypeTXT,
			Class:  dns.ClassINET,
			Ttl:    300,
		}, Txt: []string{text},
	}}
	packet, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, "%d:%s", len(packet), packet)
}

// changingZone is a DNS server whose zone can be changed.
type changingZone struct {
	*doh

	mu      sync.Mutex
	records []string
}

func newChangingZone(t *testing.T, records ...string) *changingZone {
	t.Helper()
	c := &changingZone{records: records}
	c.doh = newDoH(t, func(w http.ResponseWriter, q *dns.Msg) {
		c.mu.Lock()
		now := c.records
		c.mu.Unlock()
		zone(now...)(w, q)
	})
	return c
}

func (c *changingZone) setRecords(records ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records = records
}

func keyRecord(key string) string { return host + `. 600 IN TXT "wtppub=` + key + `"` }

// TestDomainWithAKey: once the key's record was seen, it decides, and infohashes in the DNS are ignored.
func TestDomainWithAKey(t *testing.T) {
	server := newChangingZone(t, key("600", hashA), keyRecord(strings.ToUpper(public().Host())))
	dht, cache := &fakeDHT{}, &memoryCache{}
	later := time.Duration(0)
	resolve := func(what string) Answer {
		t.Helper()
		later += time.Hour
		r, clock := newResolver(t, Config{Servers: []string{server.url}, Items: dht, Cache: cache})
		clock.advance(later)
		a, err := r.Resolve(t.Context(), host)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return a
	}
	if a := resolve("never seen"); a.Infohash != hashA || a.Key != "" ||
		!strings.Contains(strings.Join(a.Warnings, ""), "never seen here") {
		t.Errorf("before the record was seen: %+v", a)
	}
	cache.names = nil // so that what DNS said does not stand in the way of the next answers
	dht.set(signed(t, time.Second, hashB))
	if a := resolve("seen"); a.Infohash != hashB || a.Key != public().Host() || a.Record.Infohash != hashB ||
		len(a.Queried) < 2 {
		t.Errorf("with the record: %+v", a)
	}
	dht.set()
	dht.off = true
	if a := resolve("DHT blocked"); a.Infohash != hashB || a.Key != public().Host() {
		t.Errorf("with the DHT blocked: %+v", a)
	}
	server.setRecords(key("600", hashC))
	if a := resolve("no wtppub"); a.Infohash != hashB || a.Key != public().Host() ||
		!strings.Contains(strings.Join(a.Warnings, ""), "no key any more") {
		t.Errorf("without wtppub: %+v", a)
	}
}

// TestAnotherKey: another key that a domain names is used once a person accepts it.
func TestAnotherKey(t *testing.T) {
	next := ed25519.NewKeyFromSeed([]byte(strings.Repeat("n", ed25519.SeedSize)))
	nextHost := engine.PublicKey(next.Public().(ed25519.PublicKey)).Host()
	server := newChangingZone(t, keyRecord(public().Host()))
	dht, cache := &fakeDHT{}, &memoryCache{}
	dht.set(signed(t, time.Second, hashA))
	r, clock := newResolver(t, Config{Servers: []string{server.url}, Items: dht, Cache: cache})
	a, err := r.Resolve(t.Context(), host)
	expectInfohash(t, a, err, hashA)
	server.setRecords(keyRecord(nextHost), key("600", hashC))
	clock.advance(time.Hour)
	a, err = r.Resolve(t.Context(), host)
	expectInfohash(t, a, err, hashA)
	if a.NextKey != nextHost || a.Key != public().Host() {
		t.Errorf("answered %+v", a)
	}
	if err := r.AcceptKey(host, nextHost); err != nil {
		t.Fatal(err)
	}
	dht.set() // The new key has nothing yet: neither DNS nor the old key moves the site.
	if a, err = r.Resolve(t.Context(), host); err != nil || a.Key != nextHost || a.Infohash != hashA || !a.Stale ||
		a.NextKey != "" {
		t.Errorf("once accepted: %+v, %v", a, err)
	}
	if err := r.AcceptKey(host, "nonsense"); engine.KindOf(err) != engine.Invalid {
		t.Errorf("nonsense: %v", err)
	}
}

// TestKeysInDNS: faults of the keys that a domain names are reported.
func TestKeysInDNS(t *testing.T) {
	other := engine.PublicKey{1}.Host()
	for name, c := range map[string]struct {
		records []string
		says    string
	}{
		"malformed": {[]string{key("600", hashA), keyRecord("nonsense")}, "not a key of 52 characters"},
		"two":       {[]string{keyRecord(public().Host()), keyRecord(other)}, "2 different keys"},
		"quoted":    {[]string{host + `. 600 IN TXT "\" wtppub = "`, key("600", hashA)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := newDoH(t, zone(c.records...))
			dht := &fakeDHT{}
			dht.set(signed(t, time.Second, hashA))
			r, _ := newResolver(t, Config{Servers: []string{server.url}, Items: dht, Cache: &memoryCache{}})
			a, err := r.Resolve(t.Context(), host)
			expectInfohash(t, a, err, hashA)
			if !strings.Contains(strings.Join(a.Warnings, "\n"), c.says) {
				t.Errorf("warns %q", a.Warnings)
			}
		})
	}
}

// FuzzRecord: any signed value is either parsed or rejected.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("4:spam"))
	f.Add([]byte("d2:ih20:aaaaaaaaaaaaaaaaaaaae"))
	f.Add([]byte("12:\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, value []byte) {
		got, err := readRecord(public().Host(), pkarr.Item{Key: public(), Value: value})
		if err == nil && len(got.keys.infohashes) > 0 && !engine.IsInfohash(got.keys.infohashes[0]) {
			t.Errorf("%q names %q", value, got.keys.infohashes[0])
		}
	})
}
