package sites

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/resolve"
)

const domain = enginetest.Domain

// fakeZone answers for domains, other things at other times, and caches as a resolver does.
type fakeZone struct {
	*fakeResolver // for records of keys, of which there are none

	fixture *fixture
	late    chan struct{} // look-ups, except those that a person asks for, take until it is closed; nil for no time
	mu      sync.Mutex
	said    map[string]resolve.Answer
	asked   int
}

func withZone(t *testing.T, change ...func(*Config)) (*fixture, *fakeZone) {
	t.Helper()
	z := &fakeZone{fakeResolver: &fakeResolver{}, said: map[string]resolve.Answer{}}
	b := startFixture(t, append(change, func(c *Config) { c.Resolver = z })...)
	z.mu.Lock()
	defer z.mu.Unlock()
	z.fixture = b
	return b, z
}

// pointTo points the domain to an infohash, for ten minutes.
func (z *fakeZone) pointTo(infohash string) { z.setAnswer(resolve.Answer{Infohash: infohash}) }

func (z *fakeZone) setAnswer(a resolve.Answer) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.said[domain] = a
}

func (z *fakeZone) Resolve(ctx context.Context, host string) (resolve.Answer, error) {
	z.mu.Lock()
	late := z.late
	z.mu.Unlock()
	a, err := z.ResolveUncached(ctx, host)
	if late != nil {
		<-late
	}
	return a, err
}

func (z *fakeZone) ResolveUncached(_ context.Context, host string) (resolve.Answer, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked++
	a, ok := z.said[host]
	if !ok && host != domain {
		return a, &engine.Error{
			Op: "resolve", Host: host, Kind: engine.NotFound, Msg: "there is no such domain: check its spelling",
		}
	}
	if !ok {
		return a, &engine.Error{Op: "resolve", Host: host, Kind: engine.Unavailable, Msg: "nobody answers: check the network"}
	}
	a.Host, a.At, a.Source, a.TTL, a.Lifetime = host, z.fixture.clock.Now(), "https://dns.example/", ttl, ttl
	return a, z.fixture.db.PutName(a.Name(nil))
}

func (z *fakeZone) Servers() []engine.Resolver {
	return []engine.Resolver{{URL: "https://dns.example/"}}
}

const ttl = 10 * time.Minute

// expireName lets the answer expire, however much the next look-up is delayed. It first waits for a running look-up,
// since the lifetime of its answer begins later.
func (b *fixture) expireName() {
	b.t.Helper()
	b.waitSiteState("no look-up is due or under way", func(s *site) bool {
		return s == nil || !s.name.running && (s.nextCheck().IsZero() || b.clock.Now().Before(s.name.due))
	})
	b.clock.Advance(ttl + ttl/10)
}

// waitWithoutTime waits, while time stands still, for something that no snapshot shows.
func (b *fixture) waitWithoutTime(what string, ok func() bool) {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); b.clock.Advance(0) {
		if time.Now().After(deadline) {
			b.t.Fatalf("timeout: %s", what)
		}
	}
}

func (b *fixture) waitSiteState(what string, ok func(*site) bool) {
	b.t.Helper()
	b.waitWithoutTime(what, func() bool {
		met := false
		b.owner.do(func() { met = ok(b.state.roster.here[domain]) })
		return met
	})
}

// waitForLookup waits until a look-up that is due has ended.
func (b *fixture) waitForLookup(host string) {
	b.t.Helper()
	b.waitWithoutTime(host+" to have been looked up", func() bool {
		ended := false
		b.owner.do(func() {
			l := b.state.roster.here[host].name
			ended = !l.running && b.clock.Now().Before(l.due)
		})
		return ended
	})
}

// waitNextComplete waits until the next version is complete and only readers of the current one delay the move.
func (b *fixture) waitNextComplete() {
	b.t.Helper()
	b.waitSiteState("the next version is complete", func(s *site) bool { return !s.next.completeSince.IsZero() })
}

// isServing returns a condition: the site serves the infohash completely.
func isServing(infohash string) func(engine.Site) bool {
	return func(s engine.Site) bool { return s.Infohash == infohash && s.NextInfohash == "" && isSeeding(s) }
}

// versionStates returns the state of each version, "A current B gone", newest first.
func (b *fixture) versionStates() string {
	b.t.Helper()
	d, err := b.Detail(b.t.Context(), domain)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, v := range d.Versions {
		out = append(out, strings.ToUpper(v.Infohash[:1])+" "+string(v.State))
	}
	return strings.Join(out, " ")
}

func (b *fixture) openDomain() engine.Content {
	b.t.Helper()
	c, err := b.Open(b.t.Context(), domain)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func startMoving(t *testing.T) (*fixture, *fakeZone) {
	t.Helper()
	b, z := withZone(t)
	b.swarm.seed(hashA, 3)
	b.swarm.seed(hashB, 4)
	z.pointTo(hashA)
	b.addSite(domain)
	b.doVerb(engine.Pin, domain)
	b.waitFor(domain, "the first version", isServing(hashA))
	return b, z
}
