package resolve

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wtptui/engine/pkarr"
)

// newRelay returns a pkarr relay with a handler for each method.
func newRelay(t *testing.T, get, put http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/"+public().Host() {
			http.Error(w, "another key", http.StatusTeapot)
			return
		}
		map[string]http.HandlerFunc{http.MethodGet: get, http.MethodPut: put}[r.Method](w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func payload(t *testing.T, i pkarr.Item) []byte {
	t.Helper()
	p, ok := i.Payload()
	if !ok {
		t.Fatal("the item has no packet")
	}
	return p
}

func respondWith(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
}

// TestRelays: relays are queried if there is no DHT, or it has no record. A relay that lies is reported and its record
// ignored.
func TestRelays(t *testing.T) {
	good, old := signed(t, 2*time.Hour, hashB), signed(t, time.Hour, hashA)
	forged := payload(t, good)
	forged[100] ^= 1
	elsewhere := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	var relays []string
	for _, get := range []http.HandlerFunc{
		respondWith(forged), respondWith(payload(t, old)), respondWith(payload(t, good)), http.NotFound,
		respondWith([]byte("short")), respondWith(make([]byte, 1<<20)), elsewhere,
	} {
		relays = append(relays, newRelay(t, get, nil))
	}
	for name, items := range map[string]Items{"no DHT": nil, "empty DHT": &fakeDHT{}, "silent DHT": &fakeDHT{off: true}} {
		t.Run(name, func(t *testing.T) {
			r, _ := newResolver(t, Config{Items: items, Relays: relays})
			a, err := r.ResolveUncached(t.Context(), public().Host())
			expectInfohash(t, a, err, hashB)
			if a.Source != relays[2] {
				t.Errorf("says %s", a.Source)
			}
			warned := strings.Join(a.Warnings, "\n")
			if !strings.Contains(warned, "signature is wrong") || !strings.Contains(warned, "older record") {
				t.Errorf("warns %q", a.Warnings)
			}
			if asked := a.Queried[len(a.Queried)-len(relays):]; len(asked) != len(relays) {
				t.Errorf("asked %+v", a.Queried)
			}
		})
	}
}

// TestRelaysAreQueriedAfterTheDHT: relays receive no query while the DHT answers in time.
func TestRelaysAreQueriedAfterTheDHT(t *testing.T) {
	asked := false
	relay := newRelay(t, func(http.ResponseWriter, *http.Request) { asked = true }, nil)
	r, _ := newResolver(
		t,
		Config{Items: &fakeDHT{come: []delayedItem{{item: signed(t, 1*time.Second, hashA)}}}, Relays: []string{relay}},
	)
	a, err := r.Resolve(t.Context(), public().Host())
	expectInfohash(t, a, err, hashA)
	if asked {
		t.Error("the relay was asked")
	}
}

// TestRepublishPutsToRelays: a record that no node accepts is sent to relays, and that is reported.
func TestRepublishPutsToRelays(t *testing.T) {
	var got []byte
	relay := newRelay(t, http.NotFound, func(_ http.ResponseWriter, r *http.Request) { got, _ = io.ReadAll(r.Body) })
	item := signed(t, 1*time.Second, hashA)
	dht := &fakeDHT{come: []delayedItem{{item: item}}, full: true}
	r, _ := newResolver(t, Config{Items: dht, Relays: []string{relay}, Cache: &memoryCache{}})
	a, err := r.Republish(t.Context(), public().Host())
	expectInfohash(t, a, err, hashA)
	if string(got) != string(payload(t, item)) || a.Record.Relays != 1 || a.Record.Nodes != 0 || a.Record.PutAt.IsZero() {
		t.Errorf("the relay got %d bytes, %+v", len(got), a.Record)
	}
	without, _ := newResolver(t, Config{Items: dht, Cache: &memoryCache{}})
	if a, err := without.Republish(t.Context(), public().Host()); err != nil || a.Record.Error == "" ||
		!a.Record.PutAt.IsZero() {
		t.Errorf("without a relay: %+v, %v", a.Record, err)
	}
}
