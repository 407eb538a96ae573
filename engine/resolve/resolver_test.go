package resolve

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"wtptui/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAnswers(t *testing.T) {
	long := strings.Repeat("x", 200)
	for name, c := range map[string]struct {
		records []string
		ttl     time.Duration
		warning string
	}{
		"plain": {records: []string{key("600", hashA)}, ttl: 10 * time.Minute},
		"upper case": {
			records: []string{host + `. 600 TXT "WTPKEY=` + strings.ToUpper(hashA) + `"`},
			ttl:     10 * time.Minute,
		},
		"quotes": {records: []string{host + `. 600 TXT "\"wtpkey=` + hashA + `\""`}, ttl: 10 * time.Minute},
		"several strings": {
			records: []string{host + `. 600 TXT "wtp" "key=951ead31d09e" "4049fc1f21f137e233dd0589fcbd" ""`},
			ttl:     10 * time.Minute,
		},
		"escaped": {records: []string{host + `. 600 TXT "\119tpkey=` + hashA + `"`}, ttl: 10 * time.Minute},
		"among others": {records: []string{
			host + `. 600 TXT "v=spf1 -all"`, host + `. 600 TXT "` + long + `" "` + long + `"`, key("600", hashA),
		}, ttl: 10 * time.Minute},
		"after a bad one": {records: []string{key("600", "123"), key("600", hashA)}, ttl: 10 * time.Minute},
		"same key twice":  {records: []string{key("600", hashA), key("600", strings.ToUpper(hashA))}, ttl: 10 * time.Minute},
		"two keys": {
			records: []string{key("600", hashA), key("600", hashB)}, ttl: 10 * time.Minute,
			warning: "2 different infohashes",
		},
		"short TTL":        {records: []string{key("1", hashA)}, ttl: time.Minute},
		"no TTL":           {records: []string{key("0", hashA)}, ttl: time.Minute},
		"long TTL":         {records: []string{key("2000000", hashA)}, ttl: 7 * 24 * time.Hour},
		"absurd TTL":       {records: []string{key("4294967295", hashA)}, ttl: time.Minute},
		"least TTL":        {records: []string{key("600", hashA), key("300", hashB)}, ttl: 5 * time.Minute, warning: hashB},
		"name in capitals": {records: []string{`DOCS.Example.ORG. 600 TXT "wtpkey=` + hashA + `"`}, ttl: 10 * time.Minute},
		"CNAME": {records: []string{
			`web.example.net. 600 TXT "wtpkey=` + hashA + `"`, `Pages.example.com. 300 CNAME web.example.net.`,
			host + `. 900 CNAME pages.example.com.`, `other.example. 60 TXT "wtpkey=` + hashB + `"`,
		}, ttl: 5 * time.Minute},
		"other classes and types": {records: []string{
			host + `. 600 CH TXT "wtpkey=` + hashB + `"`, host + `. 600 SPF "wtpkey=` + hashB + `"`, key("600", hashA),
		}, ttl: 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			server := newDoH(t, zone(c.records...))
			r, _ := newResolver(t, Config{Servers: []string{server.url}})
			a, err := r.Resolve(t.Context(), host)
			if err != nil {
				t.Fatal(err)
			}
			if c.warning == "" && len(a.Warnings) > 0 || c.warning != "" &&
				!strings.Contains(strings.Join(a.Warnings, ""), c.warning) {
				t.Errorf("the warnings are %q", a.Warnings)
			}
			if len(a.Queried) != 1 || a.Queried[0].URL != server.url || a.Queried[0].Infohash != hashA ||
				a.Queried[0].Took <= 0 || a.Queried[0].Error != "" {
				t.Errorf("asked: %+v", a.Queried)
			}
			a.Warnings, a.Queried = nil, nil
			want := Answer{Host: host, Infohash: hashA, TTL: c.ttl, Lifetime: c.ttl, Source: server.url, At: day}
			if diff := cmp.Diff(want, a); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoKey(t *testing.T) {
	for name, c := range map[string]struct {
		respond respond
		found   []string
		says    []string
	}{
		"no such name": {
			respond: answering(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }),
			says:    []string{"there is no domain " + host, "@ TXT wtpkey="},
		},
		"nothing": {respond: zone(), says: []string{"has no TXT record", "@ TXT wtpkey=", "@ stands for " + host}},
		"CNAME to nobody": {
			respond: zone(host + `. 300 CNAME web.example.net.`),
			says:    []string{"an alias (CNAME) of web.example.net, which has no TXT record"},
		},
		"others": {
			respond: zone(host+`. 600 TXT "v=spf1 -all"`, host+`. 600 TXT "a\027[31m\226\128\174b"`),
			found:   []string{"v=spf1 -all", "a<U+001B>[31m<U+202E>b"},
			says:    []string{`among its TXT records ("v=spf1 -all", "a<U+001B>[31m<U+202E>b")`, "@ TXT wtpkey="},
		},
		"many others": {
			respond: zone(host+`. 1 TXT "1"`, host+`. 1 TXT "2"`, host+`. 1 TXT "3"`, host+`. 1 TXT "4"`, host+`. 1 TXT "5"`),
			found:   []string{"1", "2", "3", "4", "5"},
			says:    []string{`("1", "2", "3", 2 more)`},
		},
		"bad hex": {
			respond: zone(key("600", "95zead31d09e4049fc1f21f137e233dd0589fcbd")),
			found:   []string{"wtpkey=95zead31d09e4049fc1f21f137e233dd0589fcbd"},
			says:    []string{"not 40 hex digits", `character 3 of the value is "z", in "wtpkey=95zead31`},
		},
		"too long": {
			respond: zone(key("600", hashA+"0")), found: []string{"wtpkey=" + hashA + "0"},
			says: []string{"the value has 41 characters, in"},
		},
		"the name that an alias leads to is none": {
			respond: answering(func(m *dns.Msg) {
				m.Rcode = dns.RcodeNameError
				rr, _ := dns.NewRR(host + `. 300 CNAME web.example.net.`) // It is well-formed.
				m.Answer = append(m.Answer, rr)
			}),
			says: []string{host + " is an alias (CNAME) of web.example.net, and there is no such name"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := newDoH(t, c.respond)
			second := newDoH(t, c.respond)
			r, clock := newResolver(t, Config{Servers: []string{server.url, second.url}})
			for range 2 {
				a, err := r.Resolve(t.Context(), host)
				expectMessage(t, err, engine.NotFound, c.says...)
				source := a.Queried[0].URL
				if a.Source != source {
					source = second.url // It was faster.
				}
				a.Queried = nil
				if diff := cmp.Diff(Answer{Host: host, TTL: time.Minute, Source: source, At: day, OtherStrings: c.found},
					a); diff != "" {
					t.Errorf("mismatch (-want +got):\n%s", diff)
				}
			}
			if first, other := server.queries.Load(), second.queries.Load(); first != 1 || other != 1 {
				t.Errorf("%d and %d queries, want 1 each: a miss is an answer that another one confirms, and remembered", first,
					other)
			}
			clock.advance(time.Minute)
			_, _ = r.Resolve(t.Context(), host) // It is the same again.
			if n := server.queries.Load(); n != 2 {
				t.Errorf("%d queries, want 2: a miss is believed for a minute only", n)
			}
		})
	}
}

// TestHostileServers covers threat 24: the cause is reported, and the next server queried.
func TestHostileServers(t *testing.T) {
	for name, c := range map[string]struct {
		respond respond
		handler http.HandlerFunc
		says    string
	}{
		"refused":       {respond: answering(func(m *dns.Msg) { m.Rcode = dns.RcodeRefused }), says: "REFUSED"},
		"unknown RCODE": {respond: answering(func(m *dns.Msg) { m.Rcode = 14 }), says: "RCODE 14"},
		"not an answer": {respond: answering(func(m *dns.Msg) { m.Response = false }), says: "not an answer to the query"},
		"other ID":      {respond: answering(func(m *dns.Msg) { m.Id = 7 }), says: "not an answer to the query"},
		"other opcode": {
			respond: answering(func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }),
			says:    "not an answer to the query",
		},
		"truncated":   {respond: answering(func(m *dns.Msg) { m.Truncated = true }), says: "cut off"},
		"no question": {respond: answering(func(m *dns.Msg) { m.Question = nil }), says: "0 questions"},
		"other question": {
			respond: answering(func(m *dns.Msg) { m.Question[0].Name = "evil.example." }),
			says:    "another question: evil.example. TXT",
		},
		"other type": {
			respond: answering(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeA }),
			says:    "another question",
		},
		"other class": {
			respond: answering(func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }),
			says:    "another question",
		},
		"wrong name": {
			respond: zone(`evil.example. 600 TXT "wtpkey=` + hashB + `"`),
			says:    "about another name, evil.example.",
		},
		"not ready": {respond: answering(func(m *dns.Msg) {
			m.Rcode = dns.RcodeServerFailure
			explain(m, dns.ExtendedErrorCodeNotReady, "")
		}), says: "it is not ready yet (SERVFAIL)"},
		"not for us": {respond: answering(func(m *dns.Msg) {
			m.Rcode = dns.RcodeRefused
			explain(m, dns.ExtendedErrorCodeProhibited, "")
		}), says: "it does not answer to us (REFUSED)"},
		"empty":            {respond: func(w http.ResponseWriter, _ *dns.Msg) { send(w, nil) }, says: "malformed"},
		"half a message":   {respond: truncatedAnswer, says: "malformed"},
		"compression loop": {respond: compressionLoop, says: "malformed"},
		"65,537 bytes": {
			respond: func(w http.ResponseWriter, _ *dns.Msg) { send(w, make([]byte, maxAnswer+1)) },
			says:    "longer than 64 KiB",
		},
		"endless": {respond: endlessAnswer, says: "longer than 64 KiB"},
		"HTML": {
			respond: func(w http.ResponseWriter, _ *dns.Msg) { _, _ = w.Write([]byte("<html>log in")) },
			says:    "a web page instead of DNS",
		},
		"HTML called DNS": {
			respond: func(w http.ResponseWriter, _ *dns.Msg) { send(w, []byte("\n<html><title>log in")) },
			says:    "a web page instead of DNS",
		},
		"JSON": {
			handler: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "application/json") },
			says:    "its answer is not a DNS message",
		},
		"HTTP 400": {respond: status(http.StatusBadRequest), says: "it does not understand the question (HTTP 400)"},
		"HTTP 403": {respond: status(http.StatusForbidden), says: "it does not let us ask (HTTP 403)"},
		"HTTP 429": {
			respond: status(http.StatusTooManyRequests),
			says:    "it is asked too often and takes no questions for 30 s (HTTP 429)",
		},
		"HTTP 500": {respond: status(http.StatusInternalServerError), says: "it failed (HTTP 500)"},
		"HTTP 503": {
			respond: status(http.StatusServiceUnavailable),
			says:    "it is out of service for now and takes no questions for 30 s (HTTP 503)",
		},
		"ends at once": {
			handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			says:    "ends the connection without an answer",
		},
		"redirect": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}, says: "HTTP 307"},
		"huge header": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Flood", strings.Repeat("x", 1<<20))
		}, says: "exceeded"},
		"silent": {handler: func(_ http.ResponseWriter, r *http.Request) { waitForCancel(r) }, says: "no answer in"},
		"slow": {handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			_ = http.NewResponseController(w).Flush() // The client may have gone.
			waitForCancel(r)
		}, says: "no answer in"},
	} {
		t.Run(name, func(t *testing.T) {
			handler := http.Handler(c.handler)
			if c.handler == nil {
				handler = (&doh{}).handler(t, c.respond)
			}
			hostile := httptest.NewServer(handler)
			t.Cleanup(hostile.Close)

			alone, _ := newResolver(t, Config{Servers: []string{hostile.URL}})
			if c.says == "no answer in" {
				alone.client.timeout = 200 * time.Millisecond
			}
			_, err := alone.Resolve(t.Context(), host)
			expectMessage(t, err, engine.Unavailable, c.says, strings.TrimPrefix(hostile.URL, "http://")+": ", "--doh")

			good := newDoH(t, zone(key("600", hashA)))
			both, _ := newResolver(t, Config{Servers: []string{hostile.URL, good.url}})
			both.headStart = 10 * time.Millisecond
			if a, err := both.Resolve(t.Context(), host); err != nil || a.Infohash != hashA || a.Source != good.url {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

func status(code int) respond {
	return func(w http.ResponseWriter, _ *dns.Msg) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(code)
	}
}

// waitForCancel waits for the client to cancel. The server notices that only once it has read the query.
func waitForCancel(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // It does not matter what was asked.
	<-r.Context().Done()
}

func truncatedAnswer(w http.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	rr, _ := dns.NewRR(key("600", hashA)) // It is well-formed.
	m.Answer = []dns.RR{rr}
	wire, _ := m.Pack() // So is this.
	send(w, wire[:len(wire)-10])
}

// compressionLoop answers with a name that points to itself.
func compressionLoop(w http.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	m.Question = nil
	wire, _ := m.Pack() // It is well-formed.
	wire[5] = 1         // one question:
	send(w, append(wire, 0xc0, 12, 0, 16, 0, 1))
}

func endlessAnswer(w http.ResponseWriter, _ *dns.Msg) {
	w.Header().Set("Content-Type", mediaType)
	for page := make([]byte, 4096); ; {
		if _, err := w.Write(page); err != nil {
			return
		}
	}
}

func TestInvalidServers(t *testing.T) {
	for _, server := range []string{
		"http://dns.example/dns-query", "http://192.0.2.1/", "ftp://127.0.0.1/",
		"dns.example", "https://", ":",
	} {
		r, _ := newResolver(t, Config{Servers: []string{server}})
		_, err := r.Resolve(t.Context(), host)
		expectMessage(t, err, engine.Unavailable, "its address is")
	}
	r, _ := newResolver(t, Config{})
	_, err := r.Resolve(t.Context(), host)
	expectMessage(t, err, engine.Unavailable, "no resolver is configured")
}

func TestHTTPS(t *testing.T) {
	d := &doh{}
	server := httptest.NewUnstartedServer(d.handler(t, answering(func(m *dns.Msg) {
		rr, _ := dns.NewRR(key("600", hashA)) // It is well-formed.
		m.Answer, m.AuthenticatedData = []dns.RR{rr}, true
	})))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)

	r, _ := newResolver(t, Config{Servers: []string{server.URL}, HTTPClient: server.Client()})
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA || !a.AD {
		t.Errorf("got %+v, %v", a, err)
	}
	strict, _ := newResolver(t, Config{Servers: []string{server.URL}})
	_, err := strict.Resolve(t.Context(), host)
	expectMessage(t, err, engine.Unavailable, "certificate")
}

func TestOnlyDomainsAreResolved(t *testing.T) {
	r, _ := newResolver(t, Config{})
	for _, bad := range []string{
		"", "example", "Example.org", "example.org.", "127.0.0.1", "a b.example", hashA, "bücher.example",
	} {
		_, err := r.Resolve(t.Context(), bad)
		expectMessage(t, err, engine.Invalid)
	}
}
