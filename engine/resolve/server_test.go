package resolve

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

const (
	host  = "docs.example.org"
	hashA = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	hashC = "cccccccccccccccccccccccccccccccccccccccc"
	hashB = "0123456789abcdef0123456789abcdef01234567"
)

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// doh is a DNS over HTTPS server on loopback. It checks each query against RFC 8484.
type doh struct {
	url     string
	queries atomic.Int64
}

// respond answers a query.
type respond func(w http.ResponseWriter, q *dns.Msg)

func newDoH(t *testing.T, respond respond) *doh {
	t.Helper()
	d := &doh{}
	server := httptest.NewServer(d.handler(t, respond))
	t.Cleanup(server.Close)
	d.url = server.URL + "/dns-query"
	return d
}

func (d *doh) handler(t testing.TB, respond respond) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.queries.Add(1)
		body, err := io.ReadAll(r.Body)
		q := new(dns.Msg)
		if err != nil || q.Unpack(body) != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != mediaType {
			t.Errorf("a bad query: %s %v %x", r.Method, r.Header, body)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if q.Id != 0 || len(q.Question) != 1 ||
			!isForRoot(q) && (q.Question[0].Qtype != dns.TypeTXT || !q.AuthenticatedData) {
			t.Errorf("a bad query: %v", q)
		}
		respond(w, q)
	})
}

// isForRoot reports whether a query is a health check.
func isForRoot(q *dns.Msg) bool {
	return q.Question[0].Name == "." && q.Question[0].Qtype == dns.TypeNS
}

// zone answers with records in the form of a zone file.
func zone(records ...string) respond {
	return answering(func(m *dns.Msg) {
		for _, r := range records {
			rr, err := dns.NewRR(r)
			if err != nil {
				panic(err)
			}
			m.Answer = append(m.Answer, rr)
		}
	})
}

// answering answers with a reply that change has changed.
func answering(change func(m *dns.Msg)) respond {
	return func(w http.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		change(m)
		wire, err := m.Pack()
		if err != nil {
			panic(err)
		}
		send(w, wire)
	}
}

func send(w http.ResponseWriter, wire []byte) {
	w.Header().Set("Content-Type", mediaType)
	_, _ = w.Write(wire) // The client may have gone.
}

// clock is a clock that only a test advances.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// memoryCache is a Cache in memory.
type memoryCache struct {
	mu    sync.Mutex
	names map[string]engine.Name
	items map[string]cachedRecord
}

// cachedRecord is a record in a memoryCache.
type cachedRecord struct {
	item []byte
	own  bool
}

func (n *memoryCache) Record(key string) ([]byte, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.items[key].item, n.items[key].own, nil
}

func (n *memoryCache) PutRecord(key string, item []byte, own bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.items == nil {
		n.items = map[string]cachedRecord{}
	}
	n.items[key] = cachedRecord{item, own}
	return nil
}

func (n *memoryCache) Name(host string) (engine.Name, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := n.names[host]
	name.Versions = slices.Clone(name.Versions)
	return name, nil
}

func (n *memoryCache) PutName(name engine.Name) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.names == nil {
		n.names = map[string]engine.Name{}
	}
	name.Versions = n.names[name.Host].Versions
	v := engine.Version{Infohash: name.Infohash, FirstSeen: name.At, LastSeen: name.At, Source: name.Source}
	if i := slices.IndexFunc(name.Versions, func(o engine.Version) bool { return o.Infohash == v.Infohash }); i >= 0 {
		v.FirstSeen = name.Versions[i].FirstSeen
		name.Versions = slices.Delete(name.Versions, i, i+1)
	}
	name.Versions = append([]engine.Version{v}, name.Versions...)
	n.names[name.Host] = name
	return nil
}

func newResolver(t *testing.T, cfg Config) (*Resolver, *clock) {
	t.Helper()
	c := &clock{now: day}
	cfg.Now = c.Now
	r := New(cfg)
	// What takes long here is the machine's fault, and no reason to ask the next server.
	r.client.timeout, r.headStart = time.Minute, time.Hour
	t.Cleanup(func() { _ = r.Close() })
	return r, c
}

func key(ttl, infohash string) string { return host + ". " + ttl + ` IN TXT "wtpkey=` + infohash + `"` }

func expectMessage(t *testing.T, err error, kind engine.Kind, parts ...string) {
	t.Helper()
	if got := engine.KindOf(err); got != kind {
		t.Errorf("the kind of %v is %q, want %q", err, got, kind)
	}
	msg := engine.Message(err)
	for _, part := range parts {
		if !strings.Contains(msg, part) {
			t.Errorf("the message %q does not say %q", msg, part)
		}
	}
	if strings.ContainsAny(msg, "\n\x1b") {
		t.Errorf("the message %q is not one clean line", msg)
	}
}
