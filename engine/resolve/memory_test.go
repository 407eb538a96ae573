package resolve

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"wtptui/engine"
)

func TestAnswerIsCachedUntilItExpires(t *testing.T) {
	server := newDoH(t, zone(key("600", hashA)))
	r, clock := newResolver(t, Config{Servers: []string{server.url}})
	for _, step := range []struct {
		after   time.Duration
		ttl     time.Duration
		queries int64
	}{
		{0, 10 * time.Minute, 1},
		{4 * time.Minute, 6 * time.Minute, 1},
		{6*time.Minute - 1, 1, 1},
		{1, 10 * time.Minute, 2},
	} {
		clock.advance(step.after)
		a, err := r.Resolve(t.Context(), host)
		if err != nil || a.TTL != step.ttl || server.queries.Load() != step.queries {
			t.Errorf("after %v: TTL %v, %d queries, %v; want %v, %d", step.after, a.TTL, server.queries.Load(), err, step.ttl,
				step.queries)
		}
	}
}

func TestMinTTL(t *testing.T) {
	server := newDoH(t, zone(key("0", hashA)))
	r, _ := newResolver(t, Config{Servers: []string{server.url}, MinTTL: 2 * time.Second})
	if a, err := r.Resolve(t.Context(), host); err != nil || a.TTL != 2*time.Second {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestConcurrentLookUpsShareAQuery(t *testing.T) {
	const callers = 50
	var waiting sync.WaitGroup
	waiting.Add(callers)
	server := newDoH(t, func(w http.ResponseWriter, q *dns.Msg) {
		waiting.Wait()
		zone(key("600", hashA))(w, q)
	})
	r, _ := newResolver(t, Config{Servers: []string{server.url}})
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			waiting.Done()
			if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
	done.Wait()
	if n := server.queries.Load(); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
}

func TestAnswersSurviveRestart(t *testing.T) {
	server := newDoH(t, zone(key("600", hashA)))
	cache := &memoryCache{}
	first, _ := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
	want, err := first.Resolve(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	want.Queried = nil // What is remembered was not asked for.
	second, clock := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
	clock.advance(time.Minute)
	want.TTL -= time.Minute
	for range 2 {
		got, err := second.Resolve(t.Context(), host)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%v, mismatch (-want +got):\n%s", err, diff)
		}
	}
	if n := server.queries.Load(); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
	clock.advance(time.Hour)
	if got, err := second.Resolve(t.Context(), host); err != nil || got.At != day.Add(time.Hour+time.Minute) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestClockSetBack(t *testing.T) {
	server := newDoH(t, zone(key("600", hashA)))
	cache := &memoryCache{}
	_ = cache.PutName(engine.Name{
		Host: host, Infohash: hashB, At: engine.At(day.Add(time.Hour)), Expires: engine.At(day.Add(70 * time.Minute)),
	})
	r, _ := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestOldAnswerWhenNobodyAnswers(t *testing.T) {
	var down atomic.Bool
	server := newDoH(t, func(w http.ResponseWriter, q *dns.Msg) {
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		zone(key("600", hashA))(w, q)
	})
	cache := &memoryCache{}
	r, clock := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Stale {
		t.Fatalf("got %+v, %v", a, err)
	}
	down.Store(true)
	clock.advance(24 * time.Hour)
	for range 2 {
		a, err := r.Resolve(t.Context(), host)
		if err != nil || !a.Stale || a.Infohash != hashA || !a.At.Equal(day) || a.TTL != time.Minute || len(a.Warnings) != 1 {
			t.Errorf("got %+v, %v", a, err)
		}
	}
	if n := server.queries.Load(); n != 2 {
		t.Errorf("%d queries, want 2: a server that is down is left alone for a minute", n)
	}
	_, err := r.Resolve(t.Context(), "other.example")
	expectMessage(t, err, engine.Unavailable, "HTTP 503")

	down.Store(false)
	clock.advance(time.Minute)
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Stale {
		t.Errorf("got %+v, %v", a, err)
	}
}

// brokenCache is a Cache whose methods all fail.
type brokenCache struct{}

func (brokenCache) Name(string) (engine.Name, error) { return engine.Name{}, errors.New("no") }
func (brokenCache) PutName(engine.Name) error        { return errors.New("no") }

func (brokenCache) Record(string) ([]byte, bool, error)  { return nil, false, errors.New("no") }
func (brokenCache) PutRecord(string, []byte, bool) error { return errors.New("no") }

func TestFailingCacheIsIgnored(t *testing.T) {
	server := newDoH(t, zone(key("600", hashA)))
	r, _ := newResolver(t, Config{Servers: []string{server.url}, Cache: brokenCache{}})
	for range 2 {
		if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA {
			t.Errorf("got %+v, %v", a, err)
		}
	}
	if n := server.queries.Load(); n != 1 {
		t.Errorf("%d queries, want 1", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := memory{names: map[string]cachedAnswer{}}
	for n := range 3 * maxRemembered {
		name := fmt.Sprintf("%d.example", n)
		m.put(name, day, cachedAnswer{answer: Answer{Host: name, TTL: time.Hour}})
		if _, ok := m.get(name, day); !ok || len(m.names) > maxRemembered {
			t.Fatalf("%d names are remembered, %s: %v", len(m.names), name, ok)
		}
	}
}
