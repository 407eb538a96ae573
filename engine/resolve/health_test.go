package resolve

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// healthyExcept answers queries for the root, as every resolver does, and uses names for all others.
func healthyExcept(names respond) respond {
	return func(w http.ResponseWriter, q *dns.Msg) {
		if isForRoot(q) {
			answering(func(*dns.Msg) {})(w, q)
			return
		}
		names(w, q)
	}
}

// waitForHealth returns the state of the servers once it is known of all.
func waitForHealth(t *testing.T, r *Resolver) []engine.Resolver {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		servers := r.Servers()
		if !slices.ContainsFunc(servers, func(s engine.Resolver) bool { return s.Last.IsZero() }) {
			return servers
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited for the health of %+v", servers)
		}
	}
}

// A server that fails for one name is healthy as long as it answers for others, and unhealthy when it answers for
// none.
func TestHealth(t *testing.T) {
	for name, c := range map[string]struct {
		respond respond
		// says is what is wrong with a server that responds so to everything; empty if nothing is.
		says string
	}{
		"SERVFAIL": {answering(func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }), "it answers for no name (SERVFAIL)"},
		"REFUSED":  {answering(func(m *dns.Msg) { m.Rcode = dns.RcodeRefused }), "it answers for no name (REFUSED)"},
		"cut off":  {answering(func(m *dns.Msg) { m.Truncated = true }), "the answer is cut off"},
		"malformed": {
			func(w http.ResponseWriter, _ *dns.Msg) { send(w, []byte("none")) }, "its answer is a malformed DNS message",
		},
		"504": {
			func(w http.ResponseWriter, _ *dns.Msg) { w.WriteHeader(http.StatusGatewayTimeout) },
			"it failed (HTTP 504)",
		},
		"NXDOMAIN": {answering(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }), ""},
		"a circle": {zone(host + `. 600 CNAME ` + host + `.`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			one, every := newDoH(t, healthyExcept(c.respond)), newDoH(t, c.respond)
			r, clock := newResolver(t, Config{Servers: []string{one.url, every.url}})
			_, _ = r.ResolveUncached(t.Context(), host) // It fails, or finds nothing.
			servers := waitForHealth(t, r)
			isFailing := servers[1].Error != ""
			if servers[0].Error != "" || isFailing != (c.says != "") || !strings.Contains(servers[1].Error, c.says) {
				t.Errorf("they are %+v", servers)
			}
			for _, s := range servers {
				if !s.Last.Equal(engine.At(clock.Now())) || s.Took <= 0 {
					t.Errorf("%+v", s)
				}
			}
		})
	}
}

// newSilentServer returns a server that accepts queries and answers none, or only those for the root.
func newSilentServer(t *testing.T, answersRoot bool) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		q := new(dns.Msg)
		if err != nil || q.Unpack(body) != nil {
			t.Errorf("a bad query: %x, %v", body, err)
		}
		if answersRoot && isForRoot(q) {
			answering(func(*dns.Msg) {})(w, q)
			return
		}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A timeout for one name does not make a server unhealthy. Timeouts for all names do.
func TestHealthOfSilentServers(t *testing.T) {
	for name, want := range map[string]string{"one name": "", "all names": "no answer in 1s"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := newResolver(t, Config{Servers: []string{newSilentServer(t, want == "")}})
			r.client.timeout = time.Second
			if a, err := r.ResolveUncached(t.Context(), host); err == nil {
				t.Fatalf("%+v", a)
			}
			if s := waitForHealth(t, r); s[0].Error != want {
				t.Errorf("it is %+v", s)
			}
		})
	}
}

// A server that has answered for another name meanwhile is not sent a query for the root.
func TestHealthWithoutAskingTheRoot(t *testing.T) {
	server := newDoH(t, healthyExcept(zone()))
	r, clock := newResolver(t, Config{Servers: []string{server.url}})
	asked := time.Now()
	r.health.observe(response{server: server.url}, asked)
	clock.advance(time.Minute)
	r.health.observe(response{server: server.url, err: unclearFailuref("no answer")}, asked)
	r.background.Wait()
	if s := r.Servers()[0]; server.queries.Load() != 0 || s.Error != "" || !s.Last.Equal(engine.At(day)) {
		t.Errorf("%d queries, %+v", server.queries.Load(), s)
	}
	r.health.observe(response{server: server.url, err: unclearFailuref("no answer")}, time.Now())
	r.background.Wait()
	if s := r.Servers()[0]; server.queries.Load() != 1 || s.Error != "" || !s.Last.Equal(engine.At(clock.Now())) {
		t.Errorf("%d queries, %+v", server.queries.Load(), s)
	}
}
