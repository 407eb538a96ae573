package resolve

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// fakeDHT is a DHT that has one item of each key, in pieces that come at their time.
type fakeDHT struct {
	mu sync.Mutex
	// come is what a look-up finds, and when; end is when it ends.
	come []coming
	end  time.Duration
	off  bool // no node answers
	full bool // no node takes anything
	kept []pkarr.Item
}

type coming struct {
	after time.Duration
	item  pkarr.Item
}

func (d *fakeDHT) set(items ...pkarr.Item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.come = nil
	for _, i := range items {
		d.come = append(d.come, coming{item: i})
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
		return pkarr.Lookup{}, &engine.Error{Op: "swarm", Kind: engine.Unavailable, Msg: "no node of the DHT could be reached: check the network"}
	}
	return l, nil
}

func (d *fakeDHT) KeepItem(ctx context.Context, key engine.PublicKey, known pkarr.Item, _ bool) (pkarr.Lookup, error) {
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

// signed is a record of the tests' key, of a time after day.
func signed(t *testing.T, after time.Duration, infohash string) pkarr.Item {
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

func wantInfohash(t *testing.T, a Answer, err error, infohash string) {
	t.Helper()
	if err != nil || a.Infohash != infohash {
		t.Errorf("got %q, %v, want %q", a.Infohash, err, infohash)
	}
}

// TestKeyIsRead: the newest record counts that comes within 0.4 s of the first, and what comes later counts from then on.
func TestKeyIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dht := &fakeDHT{end: 2 * time.Second, come: []coming{
			{100 * time.Millisecond, signed(t, 1*time.Second, hashA)}, {300 * time.Millisecond, signed(t, 2*time.Second, hashB)}, {time.Second, signed(t, 3*time.Second, hashC)},
		}}
		cache := &notes{}
		r, _ := newResolver(t, Config{Items: dht, Cache: cache})
		began := time.Now()
		a, err := r.Resolve(t.Context(), public().Host())
		wantInfohash(t, a, err, hashB)
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if a.Key != public().Host() || a.Source != "dht" || a.TTL != 5*time.Minute || a.Record.Seq == 0 || a.Stale {
			t.Errorf("answered %+v", a)
		}
		time.Sleep(3 * time.Second)
		began = time.Now()
		a, err = r.Resolve(t.Context(), public().Host())
		wantInfohash(t, a, err, hashC)
		if took := time.Since(began); took != 0 {
			t.Errorf("what is known took %v", took)
		}
		_ = r.Close()
	})
}

// TestNoWayBack: a record that is older than one that was seen is never used, also after a restart, and when nobody has
// any, or nobody answers, the one that was seen is.
func TestNoWayBack(t *testing.T) {
	old, fresh := signed(t, time.Hour, hashA), signed(t, 2*time.Hour, hashB)
	for name, now := range map[string]struct {
		dht  *fakeDHT
		said string
	}{
		"replayed":  {&fakeDHT{come: []coming{{item: old}}}, "older record"},
		"forgotten": {&fakeDHT{}, "record that was seen last"},
		"silent":    {&fakeDHT{off: true}, "record that was seen last"},
	} {
		t.Run(name, func(t *testing.T) {
			cache := &notes{}
			first, _ := newResolver(t, Config{Items: &fakeDHT{come: []coming{{item: fresh}}}, Cache: cache})
			a, err := first.Resolve(t.Context(), public().Host())
			wantInfohash(t, a, err, hashB)
			for _, how := range []string{"resolve", "ask", "keep"} {
				r, clock := newResolver(t, Config{Items: now.dht, Cache: cache})
				clock.advance(time.Hour)
				ask := map[string]func(context.Context, string) (Answer, error){"resolve": r.Resolve, "ask": r.Ask, "keep": r.Keep}[how]
				a, err = ask(t.Context(), public().Host())
				wantInfohash(t, a, err, hashB)
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

// TestUnknownKey: what nobody has is told apart from that nobody answers.
func TestUnknownKey(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		kind engine.Kind
		says string
	}{
		"nobody has it":   {Config{Items: &fakeDHT{}}, engine.NotFound, "nobody has anything"},
		"nobody answers":  {Config{Items: &fakeDHT{off: true}}, engine.Unavailable, "no node of the DHT can be reached"},
		"no DHT":          {Config{}, engine.Unavailable, "--relay"},
		"dead relay":      {Config{Relays: []string{"http://127.0.0.1:1"}}, engine.Unavailable, "neither the DHT nor a relay"},
		"no site":         {Config{Items: withValue(t, "4:spam")}, engine.NotFound, "no record of a site"},
		"another's TXT":   {Config{Items: withTXT(t, "v=spf1 -all")}, engine.NotFound, "v=spf1"},
		"broken wtpkey":   {Config{Items: withTXT(t, "wtpkey=123")}, engine.NotFound, "names no site"},
		"no dictionary":   {Config{Items: withValue(t, "d2:ih3:abce")}, engine.NotFound, "no record of a site"},
		"not even a list": {Config{Items: withValue(t, "i5e")}, engine.NotFound, "no record of a site"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newResolver(t, c.cfg)
			_, err := r.Resolve(t.Context(), public().Host())
			wantMessage(t, err, c.kind, c.says)
			_, err = r.Ask(t.Context(), public().Host())
			wantMessage(t, err, c.kind, c.says)
		})
	}
}

func withValue(t *testing.T, value string) *fakeDHT {
	t.Helper()
	item := pkarr.Item{Key: public(), Seq: 1, Value: []byte(value)} // Others sign what pkarr.Sign refuses.
	item.Sig = [ed25519.SignatureSize]byte(ed25519.Sign(secret, []byte("3:seqi1e1:v"+value)))
	if err := item.Check(); err != nil {
		t.Fatal(err)
	}
	return &fakeDHT{come: []coming{{item: item}}}
}

// TestBEP46: a dictionary names a torrent, too.
func TestBEP46(t *testing.T) {
	raw, _ := hex.DecodeString(hashA)
	r, _ := newResolver(t, Config{Items: withValue(t, "d2:ih20:"+string(raw)+"e")})
	a, err := r.Resolve(t.Context(), public().Host())
	wantInfohash(t, a, err, hashA)
	if a.TTL != 5*time.Minute || !a.Record.SignedAt.IsZero() || a.Record.Seq != 1 {
		t.Errorf("answered %+v", a)
	}
}

// newRelay is a pkarr relay with an answer for each method.
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

func gives(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
}

// TestRelays: they are asked where there is no DHT, or it has nothing; one that lies is named and not followed.
func TestRelays(t *testing.T) {
	good, old := signed(t, 2*time.Hour, hashB), signed(t, time.Hour, hashA)
	forged := payload(t, good)
	forged[100] ^= 1
	relays := []string{
		newRelay(t, gives(forged), nil), newRelay(t, gives(payload(t, old)), nil), newRelay(t, gives(payload(t, good)), nil),
		newRelay(t, http.NotFound, nil), newRelay(t, gives([]byte("short")), nil), newRelay(t, gives(make([]byte, 1<<20)), nil),
		newRelay(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, nil),
	}
	for name, items := range map[string]Items{"no DHT": nil, "empty DHT": &fakeDHT{}, "silent DHT": &fakeDHT{off: true}} {
		t.Run(name, func(t *testing.T) {
			r, _ := newResolver(t, Config{Items: items, Relays: relays})
			a, err := r.Ask(t.Context(), public().Host())
			wantInfohash(t, a, err, hashB)
			if a.Source != relays[2] {
				t.Errorf("says %s", a.Source)
			}
			warned := strings.Join(a.Warnings, "\n")
			if !strings.Contains(warned, "signature is wrong") || !strings.Contains(warned, "older record") {
				t.Errorf("warns %q", a.Warnings)
			}
			if asked := a.Asked[len(a.Asked)-len(relays):]; len(asked) != len(relays) {
				t.Errorf("asked %+v", a.Asked)
			}
		})
	}
}

// TestRelaysAreNotAskedAhead: while the DHT answers in time nobody else learns what is looked for.
func TestRelaysAreNotAskedAhead(t *testing.T) {
	asked := false
	relay := newRelay(t, func(http.ResponseWriter, *http.Request) { asked = true }, nil)
	r, _ := newResolver(t, Config{Items: &fakeDHT{come: []coming{{item: signed(t, 1*time.Second, hashA)}}}, Relays: []string{relay}})
	a, err := r.Resolve(t.Context(), public().Host())
	wantInfohash(t, a, err, hashA)
	if asked {
		t.Error("the relay was asked")
	}
}

// TestKeepGivesToRelays: what no node takes goes to relays, and that is told.
func TestKeepGivesToRelays(t *testing.T) {
	var got []byte
	relay := newRelay(t, http.NotFound, func(_ http.ResponseWriter, r *http.Request) { got, _ = io.ReadAll(r.Body) })
	item := signed(t, 1*time.Second, hashA)
	dht := &fakeDHT{come: []coming{{item: item}}, full: true}
	r, _ := newResolver(t, Config{Items: dht, Relays: []string{relay}, Cache: &notes{}})
	a, err := r.Keep(t.Context(), public().Host())
	wantInfohash(t, a, err, hashA)
	if string(got) != string(payload(t, item)) || a.Record.Relays != 1 || a.Record.Nodes != 0 || a.Record.PutAt.IsZero() {
		t.Errorf("the relay got %d bytes, %+v", len(got), a.Record)
	}
	without, _ := newResolver(t, Config{Items: dht, Cache: &notes{}})
	if a, err := without.Keep(t.Context(), public().Host()); err != nil || a.Record.Error == "" || !a.Record.PutAt.IsZero() {
		t.Errorf("without a relay: %+v, %v", a.Record, err)
	}
}

// TestKept: the nodes that took a record are told, and a record from the future is warned of.
func TestKept(t *testing.T) {
	dht := &fakeDHT{come: []coming{{item: signed(t, 100*time.Hour, hashA)}}}
	r, clock := newResolver(t, Config{Items: dht, Cache: &notes{}})
	a, err := r.Keep(t.Context(), public().Host())
	wantInfohash(t, a, err, hashA)
	now := engine.At(clock.Now())
	if rec := a.Record; rec.Nodes != 8 || rec.PutAt != now || rec.ReadAt != now || rec.Nearest != 8 || rec.Found != 5 || rec.Error != "" {
		t.Errorf("kept %+v", rec)
	}
	if len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "future") {
		t.Errorf("warns %q", a.Warnings)
	}
}

func signing(infohash string) Signing {
	return Signing{Secret: secret, Content: pkarr.Content{Infohash: infohash}}
}

// TestSign: each record follows the newest one that is known, and none of another machine is replaced unasked.
func TestSign(t *testing.T) {
	dht, cache := &fakeDHT{}, &notes{}
	r, clock := newResolver(t, Config{Items: dht, Cache: cache})
	a, err := r.Sign(t.Context(), signing(hashA))
	wantInfohash(t, a, err, hashA)
	first := a.Record
	if first.Seq != clock.Now().UnixMicro() || first.Nodes != 8 || a.TTL != 5*time.Minute {
		t.Errorf("signed %+v", a)
	}
	if a, err = r.Sign(t.Context(), signing(hashA)); err != nil || a.Record.Seq != first.Seq {
		t.Errorf("the same again: %+v, %v", a.Record, err)
	}
	clock.advance(-time.Hour) // as when a clock is set back
	if a, err = r.Sign(t.Context(), signing(hashB)); err != nil || a.Record.Seq != first.Seq+1 {
		t.Errorf("with the clock set back: %+v, %v", a.Record, err)
	}
	elsewhere := signed(t, 12*time.Hour, hashC)
	dht.set(elsewhere)
	wantMessage(t, r.CheckSigner(t.Context(), public(), false), engine.Conflict, "signed elsewhere", hashC, "--take-over")
	if _, err = r.Sign(t.Context(), signing(hashA)); engine.KindOf(err) != engine.Conflict {
		t.Errorf("over another machine's record: %v", err)
	}
	over := signing(hashA)
	over.TakeOver = true
	if a, err = r.Sign(t.Context(), over); err != nil || a.Record.Seq != elsewhere.Seq+1 || a.Infohash != hashA {
		t.Errorf("taken over: %+v, %v", a.Record, err)
	}
	dht.set(signed(t, 1000*time.Hour, hashC))
	_, err = r.Sign(t.Context(), over)
	wantMessage(t, err, engine.Conflict, "in the future")
}

// TestSignOffline: what is signed without a network is written down, and kept once there is one.
func TestSignOffline(t *testing.T) {
	dht, cache := &fakeDHT{off: true}, &notes{}
	r, _ := newResolver(t, Config{Items: dht, Cache: cache})
	a, err := r.Sign(t.Context(), signing(hashA))
	wantInfohash(t, a, err, hashA)
	if a.Record.Error == "" || a.Record.Nodes != 0 || cache.items[public().Host()].item == nil {
		t.Errorf("signed %+v", a.Record)
	}
	dht.mu.Lock()
	dht.off = false
	dht.mu.Unlock()
	again, _ := newResolver(t, Config{Items: dht, Cache: cache})
	if a, err := again.Keep(t.Context(), public().Host()); err != nil || a.Record.Nodes != 8 || a.Record.Seq == 0 || a.Record.Error != "" {
		t.Errorf("kept %+v, %v", a.Record, err)
	}
	if err := again.CheckSigner(t.Context(), public(), false); err != nil {
		t.Errorf("it is not known as signed here: %v", err)
	}
}

// TestSignsAtTheSameTime: no two records have one number.
func TestSignsAtTheSameTime(t *testing.T) {
	r, _ := newResolver(t, Config{Items: &fakeDHT{}, Cache: &notes{}})
	seqs := make(chan int64)
	for i := range 8 {
		go func() {
			a, err := r.Sign(t.Context(), signing(fmt.Sprintf("%040x", i+1)))
			if err != nil {
				t.Error(err)
			}
			seqs <- a.Record.Seq
		}()
	}
	seen := map[int64]bool{}
	for range 8 {
		seen[<-seqs] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d numbers for 8 records", len(seen))
	}
}
