package resolve

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// newWebsite returns a client that connects to this handler for every name.
func newWebsite(t *testing.T, handler http.HandlerFunc) *http.Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // The names are not the server's.
	}}
}

func TestWellKnown(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		ttl  time.Duration
		miss bool
		says string
	}{
		"plain":                {body: "wtp://" + hashA + "\n", ttl: time.Hour},
		"no newline":           {body: "wtp://" + hashA, ttl: time.Hour},
		"CRLF and TTL":         {body: "wtp://" + hashA + "\r\nTTL=600\r\n", ttl: 10 * time.Minute},
		"lower-case ttl":       {body: "wtp://" + hashA + "\nttl=600", ttl: 10 * time.Minute},
		"capitals and a slash": {body: "WTP://" + strings.ToUpper(hashA) + "/\nTTL=600\nmore", ttl: 10 * time.Minute},
		"TTL below the floor":  {body: "wtp://" + hashA + "\nTTL=0\n", ttl: time.Minute},
		"TTL above the cap":    {body: "wtp://" + hashA + "\nTTL=2000000000\n", ttl: 7 * 24 * time.Hour},
		"TTL that is none":     {body: "wtp://" + hashA + "\nTTL=-5\n", ttl: time.Hour},
		"TTL that is too long": {body: "wtp://" + hashA + "\nTTL=99999999999999999999\n", ttl: time.Hour},
		"empty":                {body: "", miss: true, says: "it is empty"},
		"blank in front":       {body: " wtp://" + hashA, ttl: time.Hour},
		"blanks behind":        {body: "wtp://" + hashA + " \t\u00a0\r\n TTL= 600 \n", ttl: 10 * time.Minute},
		"byte order mark":      {body: "\ufeffwtp://" + hashA + "\r\n", ttl: time.Hour},
		"after an empty line":  {body: "\r\nwtp://" + hashA + "\nTTL=600", ttl: 10 * time.Minute},
		"zero-width space": {
			body: "wtp://" + hashA + "\u200b\n", miss: true,
			says: `41 characters, and character 41 of the value is U+200B, in "wtp://` + hashA + `<U+200B>"`,
		},
		"another scheme": {body: "dat://" + hashA + "\n", miss: true},
		"not hex":        {body: "wtp://95zead31d09e4049fc1f21f137e233dd0589fcbd\n", miss: true},
		"too short":      {body: "wtp://951ead31\n", miss: true},
		"a path":         {body: "wtp://" + hashA + "/page\n", miss: true},
		"on the second line": {
			body: "# here\nwtp://" + hashA + "\n", miss: true,
			says: `character 1 is "#" and not "w", in "# here"`,
		},
		"longer than it may be":  {body: "wtp://" + hashA + "\n" + strings.Repeat("x", maxWellKnown), miss: true},
		"a web page for anybody": {body: "<!doctype html><title>404</title>", miss: true},
	} {
		t.Run(name, func(t *testing.T) {
			var path atomic.Value
			site := newWebsite(t, func(w http.ResponseWriter, r *http.Request) {
				path.Store(r.Method + " " + r.Host + r.URL.String())
				_, _ = w.Write([]byte(c.body))
			})
			r, _ := newResolver(t, Config{Servers: []string{newDoH(t, zone()).url}, WellKnown: site})
			a, err := r.Resolve(t.Context(), host)
			if got := path.Load(); got != "GET "+host+"/.well-known/wtp" {
				t.Errorf("asked for %v", got)
			}
			if c.miss {
				expectMessage(t, err, engine.NotFound, "has no TXT record")
				if len(a.Queried) != 2 || !strings.Contains(a.Queried[1].Error, "first line") ||
					!strings.Contains(a.Queried[1].Error, c.says) {
					t.Errorf("asked: %+v", a.Queried)
				}
				return
			}
			if err != nil || a.Infohash != hashA || a.TTL != c.ttl || a.Source != "https://"+host+"/.well-known/wtp" ||
				len(a.Queried) != 2 {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// The order of the sources: DNS, then the file, then what is remembered.
func TestSourcesHaveAnOrder(t *testing.T) {
	file := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("wtp://" + hashB)) }
	forbidden := func(http.ResponseWriter, *http.Request) { t.Error("the file was asked for") }
	missing := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusNotFound) }
	redirect := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/wtp" {
			t.Errorf("the redirect was followed to %s", r.URL)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}
	down := func(w http.ResponseWriter, _ *dns.Msg) { w.WriteHeader(http.StatusServiceUnavailable) }
	nxdomain := answering(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError })
	old := strings.Repeat("c", 40)
	for name, c := range map[string]struct {
		dns   respond
		web   http.HandlerFunc
		old   bool
		want  string
		stale bool
		kind  engine.Kind
	}{
		"DNS before the file":                     {dns: zone(key("600", hashA)), web: forbidden, old: true, want: hashA},
		"the file before the past":                {dns: zone(), web: file, old: true, want: hashB},
		"the file without DNS":                    {dns: down, web: file, want: hashB},
		"no such name, no such file":              {dns: nxdomain, web: forbidden, kind: engine.NotFound},
		"the past, when DNS is down":              {dns: down, web: missing, old: true, want: old, stale: true},
		"the past, when there is no key any more": {dns: zone(), web: missing, old: true, want: old, stale: true},
		"the past, whatever a redirect says":      {dns: zone(), web: redirect, old: true, want: old, stale: true},
		"nothing":                                 {dns: zone(), web: missing, kind: engine.NotFound},
		"nobody":                                  {dns: down, web: redirect, kind: engine.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			cache := &memoryCache{}
			if c.old {
				_ = cache.PutName(engine.Name{
					Host: host, Infohash: old, At: engine.At(day.Add(-2 * time.Hour)), Expires: engine.At(day.Add(-time.Hour)),
				})
			}
			r, _ := newResolver(t, Config{
				Servers: []string{newDoH(t, c.dns).url}, WellKnown: newWebsite(t, c.web), Cache: cache,
			})
			a, err := r.Resolve(t.Context(), host)
			if a.Infohash != c.want || a.Stale != c.stale || engine.KindOf(err) != c.kind {
				t.Errorf("%+v, %v", a, err)
			}
			if n := a.Name(err); c.stale && (n.Error == "" || !n.Stale || len(n.Warnings) == 0) ||
				(n.Error == "") != (err == nil && !c.stale) {
				t.Errorf("as a name: %+v", n)
			}
		})
	}
}

func FuzzWellKnown(f *testing.F) {
	for _, s := range []string{
		"wtp://" + hashA + "\r\nTTL=600\r\n", "wtp://" + hashA + "/", "WTP://x\nTTL=", "\n\n",
		"wtp://" + hashA + "\nTTL=99999999999",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		infohash, ttl, err := parseWellKnown(body)
		ok := err == nil
		if !ok {
			expectClean(t, err.Error())
		}
		line, _, _ := strings.Cut(trim(string(body)), "\n")
		line = strings.ToLower(strings.TrimSuffix(trim(line), "/"))
		if ok && (!engine.IsInfohash(infohash) || line != "wtp://"+infohash || ttl < 0) || !ok && infohash != "" {
			t.Errorf("%q is %q, %v, %v", body, infohash, ttl, ok)
		}
	})
}
