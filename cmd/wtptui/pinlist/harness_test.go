package pinlist

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// fakeEngine is an engine that has sites of given sizes, and can be made to fail.
type fakeEngine struct {
	sites map[string]engine.Site
	sizes map[string]int64
	fails map[string]error
	calls []string
	seq   uint64
}

func newFakeEngine() *fakeEngine {
	return &fakeEngine{sites: map[string]engine.Site{}, sizes: map[string]int64{}}
}

func (k *fakeEngine) Watch(context.Context) (<-chan engine.Snapshot, error) {
	k.seq++
	ch := make(chan engine.Snapshot, 1)
	ch <- engine.Snapshot{Seq: k.seq, Sites: slices.Collect(maps.Values(k.sites))}
	return ch, nil
}

func (k *fakeEngine) Add(_ context.Context, req engine.AddRequest) (engine.Site, error) {
	addr, err := engine.ParseAddress(req.Address)
	if err == nil {
		err = k.fails[addr.Host]
	}
	if err != nil {
		return engine.Site{}, err
	}
	k.calls = append(k.calls, "add "+addr.Host)
	s, there := k.sites[addr.Host]
	if !there {
		s = engine.Site{Host: addr.Host, State: engine.Metadata, Size: -1}
		if size, known := k.sizes[addr.Host]; known {
			s.Size, s.State = size, engine.Seeding
		}
	}
	s.Pinned = s.Pinned || req.Pin
	k.sites[addr.Host] = s
	return s, nil
}

func (k *fakeEngine) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	host := hosts[0]
	if err := k.fails[host]; err != nil {
		return err
	}
	k.calls = append(k.calls, string(verb)+" "+host)
	s, there := k.sites[host]
	if !there {
		return &engine.Error{Kind: engine.NotFound}
	}
	s.Pinned = verb == engine.Pin
	k.sites[host] = s
	return nil
}

func (k *fakeEngine) pinned() string {
	var hosts []string
	for host, s := range k.sites {
		if s.Pinned {
			hosts = append(hosts, strings.TrimSuffix(host, ".example"))
		}
	}
	slices.Sort(hosts)
	return strings.Join(hosts, " ")
}

func (k *fakeEngine) pin(host string, pinned bool) {
	k.sites[host] = engine.Site{Host: host, Pinned: pinned}
}

// harness is a follower in virtual time.
type harness struct {
	t        *testing.T
	engine   *fakeEngine
	folder   Folder
	follower *Follower
	now      time.Time
	list     string
	writes   int
	log      strings.Builder
	warnings []string
	// counter is nil for lists that are not shared.
	counter Counter
}

func newHarness(t *testing.T) *harness {
	b := &harness{
		t: t, engine: newFakeEngine(), folder: FolderIn(t.TempDir()), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		list: filepath.Join(t.TempDir(), "list.txt"),
	}
	b.restart()
	return b
}

// restart simulates a crash: only the folder and the sites survive.
func (b *harness) restart() {
	b.follower = New(Config{
		Folder: b.folder, Engine: b.engine, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		Warn: func(warnings []string) { b.warnings = warnings }, Counter: b.counter,
	})
}

// writeList writes the list, with a site for each word.
func (b *harness) writeList(names string) {
	b.t.Helper()
	text := ""
	for name := range strings.FieldsSeq(names) {
		text += name + ".example\n"
	}
	b.writeText(text)
}

// writeText writes the list with a unique modification time: two writes may be faster than the file system's clock.
func (b *harness) writeText(text string) {
	b.t.Helper()
	if err := os.WriteFile(b.list, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.writes++
	at := b.now.Add(time.Duration(b.writes) * time.Millisecond)
	if err := os.Chtimes(b.list, at, at); err != nil {
		b.t.Fatal(err)
	}
}

func (b *harness) putOrder(o Order) {
	b.t.Helper()
	o.Source, o.At = b.list, b.now
	if err := b.folder.PutOrder(o); err != nil {
		b.t.Fatal(err)
	}
}

// pollTwice polls twice, since a file that has changed is read once it has stayed the same between two polls.
func (b *harness) pollTwice() {
	for range 2 {
		b.now = b.now.Add(pollInterval)
		b.follower.poll(b.t.Context(), b.now)
	}
}

func (b *harness) state() State {
	b.t.Helper()
	s, err := b.folder.State(b.list)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *harness) expectPinned(pinned string) {
	b.t.Helper()
	if got := b.engine.pinned(); got != pinned {
		b.t.Errorf("pinned are %q, want %q", got, pinned)
	}
}
