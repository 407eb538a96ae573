package sites

import (
	"bytes"
	"crypto/ed25519"
	"maps"
	"sync"
	"testing"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// memoryRecords stores records as a store does.
type memoryRecords struct {
	mu   sync.Mutex
	item map[string][]byte
	own  map[string]bool
}

func newMemoryRecords() *memoryRecords {
	return &memoryRecords{item: map[string][]byte{}, own: map[string]bool{}}
}

func (r *memoryRecords) Record(key string) ([]byte, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.item[key], r.own[key], nil
}

func (r *memoryRecords) PutRecord(key string, item []byte, own bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.item[key], r.own[key] = item, own
	return nil
}

func signItem(t *testing.T, secret ed25519.PrivateKey, seq int64) []byte {
	t.Helper()
	value, err := pkarr.Content{Infohash: hashA}.Value(engine.PublicKey(secret.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	item, err := pkarr.Sign(secret, seq, value)
	if err != nil {
		t.Fatal(err)
	}
	return item.Bytes()
}

// A lost database does not take along what is known of keys: a site cannot be led back to an older version, and a
// machine knows what it has signed itself.
func TestLostDatabaseKeepsRecords(t *testing.T) {
	book := newMemoryRecords()
	b, o := withOwners(t, func(c *Config) { c.Records = book })
	secret := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	if err := o.ring.Import("blog", secret); err != nil {
		t.Fatal(err)
	}
	key := o.hostOf(t, "blog")
	if err := book.PutRecord(key, signItem(t, secret, 7), true); err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, map[string]string{"index.html": "one"})
	b.publish(engine.PublishRequest{Dir: f.dir, Key: "blog"})
	other := keyHost(1) // one that nobody can have signed
	b.swarm.seed(hashB, 2)
	o.sign(other, hashB)
	if err := book.PutRecord(other, []byte("nonsense"), false); err != nil {
		t.Fatal(err)
	}
	b.addSite(other)
	b.waitFor(other, "the other site", isServing(hashB))
	b.writeStateFiles()
	want := signItem(t, secret, 7)
	for _, known := range []int64{0, 6, 8} {
		book = newMemoryRecords()
		b.cfg.Records = book
		if known > 0 {
			if err := book.PutRecord(key, signItem(t, secret, known), false); err != nil {
				t.Fatal(err)
			}
		}
		b.loseDatabase()
		item, own, err := book.Record(key)
		switch {
		case err != nil:
			t.Fatal(err)
		case known > 7 && (own || bytes.Equal(item, want)):
			t.Errorf("a newer record was replaced by an older one")
		case known < 7 && (!own || !bytes.Equal(item, want)):
			t.Errorf("with %d: the record is %q, own %t", known, item, own)
		}
		if all := maps.Clone(book.item); len(all) != 1 {
			t.Errorf("with %d: what nobody has signed came back: %q", known, all)
		}
		book.own[key] = true
		if err := book.PutRecord(key, want, true); err != nil {
			t.Fatal(err)
		}
		b.writeStateFiles()
	}
}
