package sites

import (
	"context"
	"log/slog"
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

// bench is an engine with everything around it that a test may want to look at or break.
type bench struct {
	*Engine
	t     *testing.T
	cfg   Config
	db    *store.DB
	path  string
	clock *testClock
	world *world
	names *names
}

// names answers for domains.
type names struct {
	mu      sync.Mutex
	answers map[string]resolve.Answer
}

// put lets a domain point to an answer from now on.
func (n *names) put(host string, a resolve.Answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.answers == nil {
		n.answers = map[string]resolve.Answer{}
	}
	n.answers[host] = a
}

func (n *names) Resolve(_ context.Context, host string) (resolve.Answer, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	a, ok := n.answers[host]
	if !ok {
		return a, &engine.Error{Op: "resolve", Host: host, Kind: engine.NotFound, Msg: "no such name: its owner must add a TXT record"}
	}
	return a, nil
}

func (n *names) ResolveUncached(ctx context.Context, host string) (resolve.Answer, error) {
	return n.Resolve(ctx, host)
}

func (n *names) Republish(ctx context.Context, host string) (resolve.Answer, error) {
	return n.Resolve(ctx, host)
}

func (*names) CheckSigner(context.Context, engine.PublicKey, bool) error { return nil }

func (*names) Sign(context.Context, resolve.Signing) (resolve.Answer, error) {
	return resolve.Answer{}, &engine.Error{Op: "resolve", Kind: engine.Unavailable, Msg: "there is no DHT"}
}

func (*names) AcceptKey(string, string) error { return nil }

func (*names) Servers() []engine.Resolver { return nil }

func start(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{
		t: t, clock: newTestClock(), world: newWorld(), path: filepath.Join(t.TempDir(), "wtptui.db"), names: &names{},
	}
	b.cfg = Config{
		Swarm: b.world, Resolver: b.names, Clock: b.clock, LocalRoot: "http://localhost:7780/",
		CacheTTL: 30 * time.Minute, Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&b.cfg)
	}
	b.open()
	t.Cleanup(b.stop)
	return b
}

func (b *bench) open(before ...func(*store.DB) error) {
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

// waitIdle waits until everything that was begun is done and written. Tasks that wait for others than the engine (a
// look-up, a list of files) need not be.
func (b *bench) waitIdle() {
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

// stop ends the engine as a person would; a second call does nothing.
func (b *bench) stop() {
	b.t.Helper()
	if b.db == nil {
		return
	}
	if err := b.Engine.Close(); err != nil {
		b.t.Error(err)
	}
	b.world.cutPower()
	if err := b.db.Close(); err != nil {
		b.t.Error(err)
	}
	b.db = nil
}

func (b *bench) restart() {
	b.t.Helper()
	b.stop()
	b.open()
}

func (b *bench) harness() enginetest.Harness {
	return enginetest.Harness{
		Engine: b.Engine, Fetchable: hashA, Unseeded: hashB, CacheTTL: b.cfg.CacheTTL, Advance: b.clock.Advance, Stop: b.stop,
	}
}

// waitFor waits until the site meets the condition.
func (b *bench) waitFor(host, what string, ok func(engine.Site) bool) engine.Site {
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

func (b *bench) add(address string) engine.Site {
	b.t.Helper()
	s, err := b.Add(b.t.Context(), engine.AddRequest{Address: address})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) do(verb engine.Verb, host string) {
	b.t.Helper()
	if err := b.Do(b.t.Context(), verb, host); err != nil {
		b.t.Fatal(err)
	}
	b.waitIdle()
}

// snapshot is the full state now.
func (b *bench) snapshot() engine.Snapshot {
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
func (b *bench) hosts() string {
	b.t.Helper()
	var hosts []string
	for _, s := range b.snapshot().Sites {
		hosts = append(hosts, s.Host)
	}
	return strings.Join(hosts, " ")
}

func (b *bench) want(what, got, want string) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func seeding(s engine.Site) bool { return s.State == engine.Seeding }

func beingWritten(s engine.Site) bool {
	return s.State == engine.Downloading && s.Completed == s.Size && s.Awaiting == "the disk: all is here and being written down"
}
