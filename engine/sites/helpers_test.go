package sites

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/resolve"
	"wtptui/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	hashA = strings.Repeat("a", 40)
	hashB = strings.Repeat("b", 40)
	hashC = strings.Repeat("c", 40)
)

// fixture is an engine with everything around it that a test may want to read or break.
type fixture struct {
	*Engine
	t     *testing.T
	cfg   Config
	db    *store.DB
	path  string
	clock *testClock
	swarm *fakeSwarm
	names *fakeResolver
}

// fakeResolver answers for domains.
type fakeResolver struct {
	mu      sync.Mutex
	answers map[string]resolve.Answer
}

// setAnswer sets what a domain points to from now on.
func (n *fakeResolver) setAnswer(host string, a resolve.Answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.answers == nil {
		n.answers = map[string]resolve.Answer{}
	}
	n.answers[host] = a
}

func (n *fakeResolver) Resolve(_ context.Context, host string) (resolve.Answer, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, ok := n.answers[host]
	if !ok {
		return a, &engine.Error{
			Op: "resolve", Host: host, Kind: engine.NotFound, Msg: "no such name: its owner must add a TXT record",
		}
	}
	return a, nil
}

func (n *fakeResolver) ResolveUncached(ctx context.Context, host string) (resolve.Answer, error) {
	return n.Resolve(ctx, host)
}

func (n *fakeResolver) Republish(ctx context.Context, host string) (resolve.Answer, error) {
	return n.Resolve(ctx, host)
}

func (*fakeResolver) CheckSigner(context.Context, engine.PublicKey, bool) error { return nil }

func (*fakeResolver) Sign(context.Context, resolve.Signing) (resolve.Answer, error) {
	return resolve.Answer{}, &engine.Error{Op: "resolve", Kind: engine.Unavailable, Msg: "there is no DHT"}
}

func (*fakeResolver) AcceptKey(string, string) error { return nil }

func (*fakeResolver) Servers() []engine.Resolver { return nil }

func startFixture(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	b := &fixture{
		t: t, clock: newTestClock(), swarm: newFakeSwarm(), path: filepath.Join(t.TempDir(), "wtptui.db"),
		names: &fakeResolver{},
	}
	b.cfg = Config{
		Swarm: b.swarm, Resolver: b.names, Clock: b.clock, LocalRoot: "http://localhost:7780/",
		CacheTTL: 30 * time.Minute, Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&b.cfg)
	}
	b.openEngine()
	t.Cleanup(b.stop)
	return b
}

func (b *fixture) openEngine(before ...func(*store.DB) error) {
	b.t.Helper()
	db, report, err := store.Open(b.path, b.cfg.Logger)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range before {
		if err := f(db); err != nil {
			b.t.Fatal(err)
		}
	}
	b.db, b.cfg.Store, b.cfg.Unclean = db, db, report.Unclean
	if b.Engine, err = New(b.cfg); err != nil {
		b.t.Fatal(err)
	}
	b.clock.mu.Lock()
	b.clock.rest = b.waitIdle
	b.clock.mu.Unlock()
	b.waitIdle()
}

// waitIdle waits until everything that was begun is done and written, except for tasks that wait for others than the
// engine (a look-up, a list of files).
func (b *fixture) waitIdle() {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		atRest := true
		b.owner.do(func() {
			j := b.state.journal
			atRest = b.owner.pendingReports == 0 && !j.flushDue && !j.writing
		})
		if atRest {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatal("timeout: the engine does not come to rest")
		}
		runtime.Gosched()
	}
}

// stop ends the engine in the orderly way. A second call does nothing.
func (b *fixture) stop() {
	b.t.Helper()
	if b.db == nil {
		return
	}
	if err := b.Engine.Close(); err != nil {
		b.t.Error(err)
	}
	b.swarm.cutPower()
	if err := b.db.Close(); err != nil {
		b.t.Error(err)
	}
	b.db = nil
}

func (b *fixture) restart() {
	b.t.Helper()
	b.stop()
	b.openEngine()
}

func (b *fixture) harness() enginetest.Harness {
	return enginetest.Harness{
		Engine: b.Engine, Fetchable: hashA, Unseeded: hashB, CacheTTL: b.cfg.CacheTTL, Advance: b.clock.Advance, Stop: b.stop,
	}
}

// waitFor waits until the site meets the condition.
func (b *fixture) waitFor(host, what string, ok func(engine.Site) bool) engine.Site {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	ch, err := b.Watch(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	var last engine.Snapshot
	for s := range ch {
		last = s
		for _, site := range s.Sites {
			if site.Host == host && ok(site) {
				return site
			}
		}
	}
	b.t.Fatalf("%s: not seen; last: %+v", what, last.Sites)
	return engine.Site{}
}

func (b *fixture) addSite(address string) engine.Site {
	b.t.Helper()
	s, err := b.Add(b.t.Context(), engine.AddRequest{Address: address})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *fixture) doVerb(verb engine.Verb, host string) {
	b.t.Helper()
	if err := b.Do(b.t.Context(), verb, host); err != nil {
		b.t.Fatal(err)
	}
	b.waitIdle()
}

// readSnapshot returns the current state.
func (b *fixture) readSnapshot() engine.Snapshot {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	ch, err := b.Watch(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	return enginetest.Receive(b.t, ch, "the first snapshot")
}

// hosts returns the hosts of all sites.
func (b *fixture) hosts() string {
	b.t.Helper()
	var hosts []string
	for _, s := range b.readSnapshot().Sites {
		hosts = append(hosts, s.Host)
	}
	return strings.Join(hosts, " ")
}

func (b *fixture) check(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func isSeeding(s engine.Site) bool { return s.State == engine.Seeding }

func isBeingWritten(s engine.Site) bool {
	return s.State == engine.Downloading && s.Completed == s.Size &&
		s.Awaiting == "the disk: all is here and being written down"
}

func copyFolder(t *testing.T, from string) (to string) {
	t.Helper()
	to = t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

func removeFile(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
}
