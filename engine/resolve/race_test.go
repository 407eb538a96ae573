package resolve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// newDeadServer returns a server that accepts queries and never answers.
func newDeadServer(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { waitForCancel(r) }))
	t.Cleanup(server.Close)
	return server.URL
}

// newSlowServer returns a server that never answers. asked is closed at its first query, and gone when that is
// cancelled.
func newSlowServer(t *testing.T) (url string, asked, gone <-chan struct{}) {
	began, ended := make(chan struct{}), make(chan struct{})
	var first sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		first.Do(func() {
			close(began)
			defer close(ended)
			waitForCancel(r)
		})
	}))
	t.Cleanup(server.Close)
	return server.URL, began, ended
}

// afterQuery answers once another server has received a query. A query that is cancelled before it was sent would
// leave that server nothing to observe.
func afterQuery(asked <-chan struct{}, r respond) respond {
	return func(w http.ResponseWriter, q *dns.Msg) {
		<-asked
		r(w, q)
	}
}

// Ten dead servers of eleven delay an answer by one head start each.
func TestDeadServersDelayByTheHeadStart(t *testing.T) {
	alive := newDoH(t, zone(key("600", hashA)))
	var servers []string
	for range 10 {
		servers = append(servers, newDeadServer(t))
	}
	r, _ := newResolver(t, Config{Servers: append(servers, alive.url)})
	if cost := time.Duration(len(servers)) * headStart; cost >= 3500*time.Millisecond {
		t.Errorf("ten dead servers cost %v by design", cost)
	}
	r.headStart = time.Millisecond
	a, err := r.Resolve(t.Context(), host)
	if err != nil || a.Infohash != hashA || a.Source != alive.url || len(a.Queried) != 11 {
		t.Fatalf("%+v, %v", a, err)
	}
	for i, asked := range a.Queried[:10] {
		if asked.URL != servers[i] || asked.Error != "" || asked.Infohash != "" || asked.Took <= 0 {
			t.Errorf("who was not waited for: %+v", asked)
		}
	}
}

// The other queries of a race are cancelled as soon as one has an answer, and do not count as failures.
func TestSlowerQueriesAreCancelled(t *testing.T) {
	slow, asked, gone := newSlowServer(t)
	fast := newDoH(t, afterQuery(asked, zone(key("600", hashA))))
	r, _ := newResolver(t, Config{Servers: []string{slow, fast.url}})
	r.headStart = 50 * time.Millisecond
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Source != fast.url {
		t.Fatalf("%+v, %v", a, err)
	}
	enginetest.Receive(t, gone, "the loser's request to be cancelled")
	for _, s := range r.Servers() {
		if s.Error != "" || (s.URL == fast.url) == s.Last.IsZero() {
			t.Errorf("%+v", s)
		}
	}
}

// After a failure the next server is queried at once.
func TestFailureStartsTheNextAtOnce(t *testing.T) {
	broken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(broken.Close)
	alive := newDoH(t, zone(key("600", hashA)))
	r, clock := newResolver(t, Config{Servers: []string{broken.URL, broken.URL + "/2", alive.url}})
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Source != alive.url ||
		a.Queried[0].Error != "there is no DNS over HTTPS at its address (HTTP 404)" {
		t.Errorf("%+v, %v", a, err)
	}
	if s := r.Servers()[0]; s.Error == "" || !s.Last.Equal(engine.At(clock.Now())) || s.Took <= 0 {
		t.Errorf("%+v", s)
	}
}

// answerInTurn answers with one infohash after the other, and repeats the last one. An empty one means no key.
func answerInTurn(infohashes ...string) respond {
	var n atomic.Int64
	return func(w http.ResponseWriter, q *dns.Msg) {
		now := infohashes[min(int(n.Add(1)), len(infohashes))-1]
		if now == "" {
			zone()(w, q)
			return
		}
		zone(key("60", now))(w, q)
	}
}

// An answer that differs from the known one is compared with those of the other servers.
func TestChangedAnswersAreCompared(t *testing.T) {
	fails := func(w http.ResponseWriter, _ *dns.Msg) { w.WriteHeader(http.StatusInternalServerError) }
	for name, c := range map[string]struct {
		first, second respond
		had           []string // before, oldest first; the last one is what is known
		want          string
		warns         string
	}{
		"all agree": {answerInTurn(hashB), answerInTurn(hashB), []string{hashA}, hashB, ""},
		"a new one, not yet everywhere": {
			answerInTurn(hashB), answerInTurn(hashA), []string{hashA}, hashA, "resolvers disagree",
		},
		"an old one, still somewhere": {
			answerInTurn(hashB), answerInTurn(hashA), []string{hashB, hashA}, hashA, "resolvers disagree",
		},
		"an old one, everywhere": {
			answerInTurn(hashB), answerInTurn(hashB), []string{hashB, hashA}, hashB, "the domain is back at " + hashB,
		},
		"gone here and still there": {answerInTurn(""), answerInTurn(hashA), []string{hashA}, hashA, "finds no key"},
		"the other server fails":    {answerInTurn(hashB), fails, []string{hashA}, hashB, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cache := &memoryCache{}
			for i, had := range c.had {
				at := day.Add(time.Duration(i-10) * time.Hour)
				_ = cache.PutName(engine.Name{
					Host: host, Infohash: had, At: engine.At(at), Expires: engine.At(at.Add(time.Minute)),
				})
			}
			r, _ := newResolver(t, Config{Servers: []string{newDoH(t, c.first).url, newDoH(t, c.second).url}, Cache: cache})
			a, err := r.Resolve(t.Context(), host)
			if err != nil || a.Infohash != c.want || a.Stale {
				t.Errorf("%+v, %v; want %s", a, err, c.want)
			}
			if got := strings.Join(a.Warnings, "; "); !strings.Contains(got, c.warns) || c.warns == "" && got != "" {
				t.Errorf("the warnings are %q", got)
			}
		})
	}
}

// The warning about a return to an older version lasts as long as the return, also over restarts.
func TestReturnToAnOldVersionIsWarnedOf(t *testing.T) {
	server := newDoH(t, answerInTurn(hashA, hashB, hashA, hashA, strings.Repeat("c", 40)))
	cache := &memoryCache{}
	for step, want := range []string{"", "", "back at " + hashA, "back at " + hashA, ""} {
		r, clock := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
		clock.advance(time.Duration(step) * time.Hour)
		a, err := r.Resolve(t.Context(), host)
		got := strings.Join(a.Warnings, "; ")
		if err != nil || !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("step %d: %q, %v; want %q", step, got, err, want)
		}
	}
}

// ResolveUncached queries all servers, whatever is cached, and returns their answers in the configured order.
func TestResolveUncachedQueriesAllServers(t *testing.T) {
	first, second, third := newDoH(t, answerInTurn(hashA)), newDoH(t, answerInTurn(hashB)), newDoH(t, answerInTurn(""))
	r, _ := newResolver(t, Config{Servers: []string{first.url, second.url, third.url, "ftp://nobody/"}})
	for range 2 {
		a, err := r.ResolveUncached(t.Context(), host)
		if err != nil || a.Infohash != hashA || a.Source != first.url || len(a.Queried) != 4 || a.Queried[3].Error == "" ||
			a.Queried[1].Infohash != hashB {
			t.Fatalf("%+v, %v", a, err)
		}
		if len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "resolvers disagree") {
			t.Errorf("the warnings are %q", a.Warnings)
		}
	}
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA || first.queries.Load() != 2 {
		t.Errorf("what Ask found is not remembered: %+v, %v", a, err)
	}
	if _, err := r.ResolveUncached(t.Context(), "nonsense"); engine.KindOf(err) != engine.Invalid {
		t.Errorf("Ask: %v", err)
	}
}

func TestHints(t *testing.T) {
	records := []string{
		key("600", hashA), host + `. 600 TXT "wtptracker=udp://t.example:6969/announce"`,
		host + `. 600 TXT "WTPTracker=wss://w.example/"`,
		// twice is once
		host + `. 600 TXT "\"wtpseed=https://s.example/site/\""`, host + `. 600 TXT "wtpseed=https://s.example/site/"`,
		host + `. 600 TXT "wtpseed=http://s.example/"`, host + `. 600 TXT "wtpseed=https://user:word@s.example/"`,
		host + `. 600 TXT "wtptracker=file:///etc/passwd"`, host + `. 600 TXT "wtptracker=udp://"`,
		host + `. 600 TXT "wtptracker=udp://a b/"`,
		host + `. 600 TXT "wtptracker=udp://a\027.example/"`, host + `. 600 TXT "xwtptracker=udp://a.example/"`,
	}
	server := newDoH(t, zone(records...))
	cache := &memoryCache{}
	r, _ := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
	a, err := r.Resolve(t.Context(), host)
	if err != nil || strings.Join(a.Trackers, " ") != "udp://t.example:6969/announce wss://w.example/" ||
		strings.Join(a.WebSeeds, " ") != "https://s.example/site/" {
		t.Errorf("%+v, %v", a, err)
	}
	again, _ := newResolver(t, Config{Servers: []string{server.url}, Cache: cache})
	if b, err := again.Resolve(t.Context(), host); err != nil || len(b.Trackers) != 2 || len(b.WebSeeds) != 1 {
		t.Errorf("after a restart: %+v, %v", b, err)
	}
	for n := range 20 {
		records = append(records, fmt.Sprintf(`%s. 600 TXT "wtptracker=udp://%d.example:1/"`, host, n))
	}
	many, _ := newResolver(t, Config{Servers: []string{newDoH(t, zone(records...)).url}})
	if a, err := many.Resolve(t.Context(), host); err != nil || len(a.Trackers) != maxHints {
		t.Errorf("%d trackers, %v", len(a.Trackers), err)
	}
}

// BenchmarkKnownName measures a known name in memory and after a restart.
func BenchmarkKnownName(b *testing.B) {
	cache := &memoryCache{}
	now := time.Now()
	_ = cache.PutName(engine.Name{Host: host, Infohash: hashA, At: engine.At(now), Expires: engine.At(now.Add(time.Hour))})
	r := New(Config{Cache: cache})
	defer r.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Resolve(b.Context(), host); err != nil {
			b.Fatal(err)
		}
	}
}

// Ten dead servers of eleven: less than 3.5 s.
func BenchmarkTenDeadServersOfEleven(b *testing.B) {
	var servers []string
	for range 10 {
		servers = append(servers, newDeadServer(b))
	}
	d := &doh{}
	alive := httptest.NewServer(d.handler(b, zone(key("600", hashA))))
	defer alive.Close()
	for b.Loop() {
		r := New(Config{Servers: append(servers, alive.URL)})
		if _, err := r.Resolve(b.Context(), host); err != nil {
			b.Fatal(err)
		}
		_ = r.Close()
	}
}
