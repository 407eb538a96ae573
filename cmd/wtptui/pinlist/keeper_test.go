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

// keeper is an engine that has sites of given sizes, and can be made to fail.
type keeper struct {
	sites map[string]engine.Site
	sizes map[string]int64
	fails map[string]error
	asked []string
	seq   uint64
}

func newKeeper() *keeper { return &keeper{sites: map[string]engine.Site{}, sizes: map[string]int64{}} }

func (k *keeper) Watch(context.Context) (<-chan engine.Snapshot, error) {
	k.seq++
	ch := make(chan engine.Snapshot, 1)
	ch <- engine.Snapshot{Seq: k.seq, Sites: slices.Collect(maps.Values(k.sites))}
	return ch, nil
}

func (k *keeper) Add(_ context.Context, req engine.AddRequest) (engine.Site, error) {
	addr, err := engine.ParseAddress(req.Address)
	if err == nil {
		err = k.fails[addr.Host]
	}
	if err != nil {
		return engine.Site{}, err
	}
	k.asked = append(k.asked, "add "+addr.Host)
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

func (k *keeper) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	host := hosts[0]
	if err := k.fails[host]; err != nil {
		return err
	}
	k.asked = append(k.asked, string(verb)+" "+host)
	s, there := k.sites[host]
	if !there {
		return &engine.Error{Kind: engine.NotFound}
	}
	s.Pinned = verb == engine.Pin
	k.sites[host] = s
	return nil
}

func (k *keeper) pinned() string {
	var hosts []string
	for host, s := range k.sites {
		if s.Pinned {
			hosts = append(hosts, strings.TrimSuffix(host, ".example"))
		}
	}
	slices.Sort(hosts)
	return strings.Join(hosts, " ")
}

func (k *keeper) pin(host string, pinned bool) {
	k.sites[host] = engine.Site{Host: host, Pinned: pinned}
}

// bench is a follower whose time a test lets pass.
type bench struct {
	t      *testing.T
	k      *keeper
	folder Folder
	f      *Follower
	now    time.Time
	list   string
	writes int
	log    strings.Builder
	warned []string
	// counter is nil for lists that are not shared.
	counter Counter
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, k: newKeeper(), folder: In(t.TempDir()), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), list: filepath.Join(t.TempDir(), "list.txt")}
	b.restart()
	return b
}

// restart is a crash: nothing but the folder and the sites is left.
func (b *bench) restart() {
	b.f = New(Config{
		Folder: b.folder, Engine: b.k, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		Warn: func(warnings []string) { b.warned = warnings }, Counter: b.counter,
	})
}

// write writes the list, a name a word.
func (b *bench) write(names string) {
	b.t.Helper()
	text := ""
	for name := range strings.FieldsSeq(names) {
		text += name + ".example\n"
	}
	b.writeText(text)
}

// writeText writes the list at a time of its own: the file system's clock may not tell two writes apart.
func (b *bench) writeText(text string) {
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

func (b *bench) order(o Order) {
	b.t.Helper()
	o.Source, o.At = b.list, b.now
	if err := b.folder.PutOrder(o); err != nil {
		b.t.Fatal(err)
	}
}

// look lets two looks pass, since a file that has changed is read when it has stayed the same since the last.
func (b *bench) look() {
	for range 2 {
		b.now = b.now.Add(lookEvery)
		b.f.look(b.t.Context(), b.now)
	}
}

func (b *bench) state() State {
	b.t.Helper()
	s, err := b.folder.State(b.list)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) expect(pinned string) {
	b.t.Helper()
	if got := b.k.pinned(); got != pinned {
		b.t.Errorf("pinned are %q, want %q", got, pinned)
	}
}
