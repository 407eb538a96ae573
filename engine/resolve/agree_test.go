package resolve

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

var (
	nobody  = answering(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError })
	failing = status(http.StatusInternalServerError)
)

// A negative answer or a changed one of one server counts only if a second server agrees or no other server answers.
func TestNewAnswerIsConfirmedByOtherServers(t *testing.T) {
	none, a, b, c := answerInTurn(""), answerInTurn(hashA), answerInTurn(hashB), answerInTurn(hashC)
	for name, c := range map[string]struct {
		servers []respond
		known   bool // that it is hashA
		want    string
		stale   bool
		says    string // in the error, or in the warnings
	}{
		"no such name, and a key":       {servers: []respond{nobody, b}, want: hashB, says: "finds no key"},
		"no record, and a key":          {servers: []respond{none, b}, want: hashB, says: "finds no key"},
		"a failure, a no and a key":     {servers: []respond{failing, none, b}, want: hashB, says: "finds no key"},
		"two say no":                    {servers: []respond{none, none}, says: "has no TXT record"},
		"two know no such name":         {servers: []respond{nobody, nobody}, says: "there is no domain"},
		"two say no in two ways":        {servers: []respond{nobody, none}, says: "has no TXT record"},
		"a no, and nobody else answers": {servers: []respond{nobody, failing, failing}, says: "there is no domain"},
		"a no of the only server":       {servers: []respond{none}, says: "has no TXT record"},
		"a key for a new name":          {servers: []respond{b, none}, want: hashB},
		"known, and one says no":        {servers: []respond{nobody, a}, known: true, want: hashA, says: "finds no key"},
		"known, and all say no": {
			servers: []respond{nobody, none}, known: true, want: hashA, stale: true,
			says: "has no TXT record",
		},
		"new, and the others know the old": {
			servers: []respond{b, a, a}, known: true, want: hashA, says: "which counts, but",
		},
		"new, and a second one agrees": {
			servers: []respond{b, a, b}, known: true, want: hashB,
			says: "which counts, but",
		},
		"new, and one says no": {
			servers: []respond{b, none}, known: true, want: hashA, stale: true,
			says: "resolvers disagree about",
		},
		"no, and one says new": {
			servers: []respond{none, b}, known: true, want: hashA, stale: true,
			says: "resolvers disagree about",
		},
		"no twice, and one says new": {
			servers: []respond{none, b, none}, known: true, want: hashA, stale: true,
			says: "has no TXT record",
		},
		"two that are new": {
			servers: []respond{b, c}, known: true, want: hashA, stale: true,
			says: "resolvers disagree about",
		},
		"new, and nobody else answers": {servers: []respond{b, failing}, known: true, want: hashB},
		"new, from the only server":    {servers: []respond{b}, known: true, want: hashB},
		"the old one is enough":        {servers: []respond{a, b}, known: true, want: hashA},
	} {
		t.Run(name, func(t *testing.T) {
			cache := &memoryCache{}
			if c.known {
				_ = cache.PutName(engine.Name{
					Host: host, Infohash: hashA, At: engine.At(day.Add(-time.Hour)), Expires: engine.At(day.Add(-time.Minute)),
				})
			}
			var servers []string
			for _, s := range c.servers {
				servers = append(servers, newDoH(t, s).url)
			}
			r, _ := newResolver(t, Config{Servers: servers, Cache: cache})
			got, err := r.Resolve(t.Context(), host)
			if got.Infohash != c.want || got.Stale != c.stale || (err == nil) != (c.want != "") {
				t.Errorf("%+v, %v; want %q", got, err, c.want)
			}
			said := strings.Join(got.Warnings, "; ")
			if c.want == "" {
				said = engine.Message(err)
			}
			if !strings.Contains(said, c.says) || c.says == "" && said != "" {
				t.Errorf("it says %q, want %q", said, c.says)
			}
		})
	}
}

// The first answer is enough if it is the known one, or the key of a new name. Other servers are not waited for.
func TestKnownAnswerNeedsNoConfirmation(t *testing.T) {
	for name, known := range map[string]bool{"known": true, "new": false} {
		t.Run(name, func(t *testing.T) {
			cache := &memoryCache{}
			if known {
				_ = cache.PutName(engine.Name{
					Host: host, Infohash: hashA, At: engine.At(day.Add(-time.Hour)), Expires: engine.At(day),
				})
			}
			other := newDoH(t, answerInTurn(hashB))
			servers := []string{newDoH(t, answerInTurn(hashA)).url, other.url, newDeadServer(t)}
			r, _ := newResolver(t, Config{Servers: servers, Cache: cache})
			if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA || len(a.Queried) != 1 ||
				other.queries.Load() != 0 {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// Two negative answers are enough, and a slow third server is not waited for. A slow answer with a key is still used.
func TestMissWaitsForSecondServer(t *testing.T) {
	slow, asked, gone := newSlowServer(t)
	second := newDoH(t, afterQuery(asked, answerInTurn("")))
	r, _ := newResolver(t, Config{Servers: []string{newDoH(t, answerInTurn("")).url, slow, second.url}})
	_, err := r.Resolve(t.Context(), host)
	expectMessage(t, err, engine.NotFound, "has no TXT record")
	enginetest.Receive(t, gone, "the slow server's request to be cancelled")

	answered := make(chan struct{})
	late := newDoH(t, afterQuery(answered, answerInTurn(hashA)))
	quick := newDoH(t, func(w http.ResponseWriter, q *dns.Msg) {
		answerInTurn("")(w, q)
		close(answered)
	})
	r, _ = newResolver(t, Config{Servers: []string{late.url, quick.url}})
	r.headStart = time.Millisecond
	if a, err := r.Resolve(t.Context(), host); err != nil || a.Infohash != hashA {
		t.Errorf("%+v, %v", a, err)
	}
}
