package sites

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// folder is a folder that a test publishes.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T, files map[string]string) folder {
	t.Helper()
	f := folder{t, filepath.Join(t.TempDir(), "my-site")}
	for path, content := range files {
		f.write(path, content)
	}
	return f
}

func (f folder) write(path, content string) {
	f.t.Helper()
	full := filepath.Join(f.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
	// The time of the last change is set, since the engine's clock is not the file system's.
	old := time.Date(2029, 1, 1, 0, 0, len(content), len(content), time.UTC)
	if err := os.Chtimes(full, old, old); err != nil {
		f.t.Fatal(err)
	}
}

func (b *bench) publish(req engine.PublishRequest) engine.Publication {
	b.t.Helper()
	p, err := b.Publish(b.t.Context(), req, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// get reads one file of a site.
func (b *bench) get(host, path string) string {
	b.t.Helper()
	c, err := b.Open(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close(engine.Request{})
	return b.read(c, path)
}

func (b *bench) read(c engine.Content, path string) string {
	b.t.Helper()
	entry, ok := c.Lookup(path)
	if !ok {
		return "(none)"
	}
	r, err := c.Open(b.t.Context(), entry, engine.UrgencyDocument)
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(content)
}

func (b *bench) versions(host string) string {
	b.t.Helper()
	d, err := b.Detail(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, v := range d.Versions {
		out = append(out, v.Infohash[:4]+" "+string(v.State)+" "+v.Source)
	}
	return strings.Join(out, ", ")
}

// A folder without a name is one site, whose address changes with each version; former addresses show what they did.
func TestPublishUnnamed(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one", "same": "s"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	if first.Host != first.Infohash || first.Files != 2 || fmt.Sprint(first.Added) != "[index.html same]" || first.Previous != "" {
		t.Errorf("first: %+v", first)
	}
	s := b.waitFor(first.Host, "the site", seeding)
	if !s.Pinned || !s.Mine || !s.Own || s.Infohash != first.Infohash {
		t.Errorf("%+v", s)
	}
	reader, err := b.Open(t.Context(), first.Host)
	if err != nil {
		t.Fatal(err)
	}
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	if second.Previous != first.Infohash || fmt.Sprint(second.Changed) != "[index.html]" || second.Same != 1 || len(second.Added)+len(second.Removed) != 0 {
		t.Errorf("second: %+v", second)
	}
	b.want("one row", b.hosts(), second.Host)
	b.want("the new address", b.get(second.Host, "index.html"), "two!")
	b.want("the former address", b.get(first.Host, "index.html"), "one")
	b.want("a reader of the former version", b.read(reader, "index.html"), "one")
	reader.Close(engine.Request{})
	if host, known := b.Host(first.Host); host != first.Host || !known {
		t.Errorf("the former address is %s, %v", host, known)
	}
	b.want("one row still", b.hosts(), second.Host)
	want := second.Infohash[:4] + " current published, " + first.Infohash[:4] + " kept published"
	b.want("versions", b.versions(second.Host), want)

	again := b.publish(engine.PublishRequest{Dir: f.dir})
	if again.Infohash != second.Infohash || again.Same != 2 || again.Previous != "" {
		t.Errorf("again: %+v", again)
	}
	b.restart()
	b.want("after a restart", b.get(first.Host, "index.html")+b.get(second.Host, "index.html"), "onetwo!")
	b.want("versions after a restart", b.versions(second.Host), want)
	b.clock.Advance(31 * 24 * time.Hour)
	b.want("data of the former version after its time", b.onDisk(), second.Infohash)
}

// Any version that is kept can be had back.
func TestPublishRestore(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	if err := b.Switch(t.Context(), second.Host, first.Infohash); err != nil {
		t.Fatal(err)
	}
	b.want("back", b.hosts(), first.Host)
	b.want("its page", b.get(first.Host, "index.html"), "one")
	b.want("versions", b.versions(first.Host), first.Infohash[:4]+" current published, "+second.Infohash[:4]+" kept published")
	third := b.publish(engine.PublishRequest{Dir: f.dir})
	if third.Infohash != second.Infohash || third.Previous != first.Infohash {
		t.Errorf("published again: %+v", third)
	}
	b.want("forth", b.hosts(), second.Host)
	err := b.Switch(t.Context(), second.Host, hashA)
	if engine.KindOf(err) != engine.NotFound {
		t.Errorf("a version that never was: %v", err)
	}
}

// oneDomain is the one that answers for every name, and can be changed while it is asked.
type oneDomain struct {
	names

	mu       sync.Mutex
	infohash string
}

func (d *oneDomain) set(infohash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.infohash = infohash
}

func (d *oneDomain) Resolve(context.Context, string) (resolve.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return resolve.Answer{Infohash: d.infohash, TTL: time.Hour, Source: "dns"}, nil
}

func (d *oneDomain) ResolveUncached(ctx context.Context, host string) (resolve.Answer, error) {
	return d.Resolve(ctx, host)
}

// A folder with a name is the domain's site whether or not DNS agrees, and does not go back while DNS lags.
func TestPublishNamed(t *testing.T) {
	domain := &oneDomain{}
	b := start(t, func(c *Config) { c.Resolver = domain })
	f := newFolder(t, map[string]string{"index.html": "one"})
	rehearsed := b.publish(engine.PublishRequest{Dir: f.dir, DryRun: true})
	domain.set(rehearsed.Infohash)
	first := b.publish(engine.PublishRequest{Dir: f.dir, Name: "Example.org."})
	if first.Host != "example.org" || first.URL != "wtp://example.org/" || fmt.Sprint(first.Records) !=
		fmt.Sprintf(`[example.org. 300 IN TXT "wtpkey=%[1]s" www.example.org. 300 IN TXT "wtpkey=%[1]s"]`, first.Infohash) {
		t.Errorf("%+v", first)
	}
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir}) // It has its name already.
	if second.Host != "example.org" || second.Previous != first.Infohash {
		t.Errorf("%+v", second)
	}
	b.clock.Advance(2 * time.Hour) // The domain is asked again, and still says what it said.
	b.waitForLookup("example.org")
	b.waitFor("example.org", "the new version", func(s engine.Site) bool {
		return s.Infohash == second.Infohash && s.NextInfohash == ""
	})
	b.want("page", b.get("example.org", "index.html"), "two!")
	d, err := b.Detail(t.Context(), "example.org")
	if err != nil || !slices.ContainsFunc(d.Domain.Warnings, func(w string) bool { return strings.Contains(w, second.Infohash) }) {
		t.Errorf("no warning that DNS lags: %v, %v", d.Domain.Warnings, err)
	}
	b.waitForStatus("the domain that lags", func(st engine.Status) bool {
		return st.Names == engine.Names{Disagreeing: 1}
	})
	b.want("one row", b.hosts(), "example.org")

	// What the domain names next was published from somewhere else: the site follows it like any visitor.
	b.world.seed(hashA, 2)
	domain.set(hashA)
	b.clock.Advance(2 * time.Hour)
	b.waitFor("example.org", "the version from elsewhere", func(s engine.Site) bool { return s.Infohash == hashA })
}

// A site gets a name, and takes over what was a visitor's copy of it.
func TestPublishGetsAName(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	b.names.put("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour, Source: "dns"})
	b.add("wtp://example.org/")
	b.waitFor("example.org", "the visited site", seeding)
	f := newFolder(t, map[string]string{"index.html": "one"})
	unnamed := b.publish(engine.PublishRequest{Dir: f.dir})
	named := b.publish(engine.PublishRequest{Dir: f.dir, Name: "example.org"})
	if named.Infohash != unnamed.Infohash {
		t.Errorf("%+v", named)
	}
	b.want("one row", b.hosts(), "example.org")
	b.want("page", b.get("example.org", "index.html"), "one")
}

func TestPublishRefused(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "x", "id_rsa": "secret"})
	p, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil)
	if engine.KindOf(err) != engine.Refused || len(p.Findings) != 1 || p.Findings[0].Path != "id_rsa" {
		t.Errorf("%+v, %v", p, err)
	}
	b.want("sites", b.hosts(), "")
	b.want("data", b.onDisk(), "")
	p = b.publish(engine.PublishRequest{Dir: f.dir, LeaveOut: []string{"id_rsa"}, DryRun: true})
	if p.Host != "" || p.Files != 1 || p.Infohash == "" {
		t.Errorf("dry run: %+v", p)
	}
	b.want("sites after a dry run", b.hosts(), "")
	for name, req := range map[string]engine.PublishRequest{
		"relative": {Dir: "x"}, "missing": {Dir: "/no/such/folder"}, "an infohash": {Dir: f.dir, Name: hashA}, "no name": {Dir: f.dir, Name: "localhost"},
	} {
		if _, err := b.Publish(t.Context(), req, nil); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPublishLeavesEverythingAsItWas(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Publish(ctx, engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("cancelled: %v", err)
	}
	b.world.room = 1
	if _, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("no room: %v", err)
	}
	b.want("sites", b.hosts(), first.Host)
	b.want("data", b.onDisk(), first.Infohash)
}

// What a build writes anew without a change is compared and neither hashed nor stored again.
func TestPublishTakesOver(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one", "a": "aaa", "b": "bbb"})
	b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	now := time.Date(2029, 2, 2, 0, 0, 0, 5, time.UTC)
	if err := os.Chtimes(filepath.Join(f.dir, "a"), now, now); err != nil {
		t.Fatal(err)
	}
	b.publish(engine.PublishRequest{Dir: f.dir})
	if b.world.compared != 1 || b.world.linked != 2 {
		t.Errorf("%d files compared, %d taken over, want 1 and 2", b.world.compared, b.world.linked)
	}
	b.publish(engine.PublishRequest{Dir: f.dir, Paranoid: true})
	if b.world.compared != 4 {
		t.Errorf("a paranoid one: %d files compared", b.world.compared)
	}
}

func TestKeptVersionsAreBounded(t *testing.T) {
	b := start(t, func(c *Config) { c.KeepVersions = 2 })
	f := newFolder(t, nil)
	var all []string
	for i := range 5 {
		f.write("index.html", strings.Repeat("x", i+1))
		all = append(all, b.publish(engine.PublishRequest{Dir: f.dir}).Infohash)
	}
	b.clock.Advance(time.Second)
	want := slices.Sorted(slices.Values(all[2:]))
	b.want("data", b.onDisk(), strings.Join(want, " "))
}

// A publisher's copy is not evicted like a visitor's: it may be the last one.
func TestOwnSiteIsNotEvicted(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir})
	for _, verb := range []engine.Verb{engine.Evict, engine.Unpin} {
		if err := b.Do(t.Context(), verb, p.Host); engine.KindOf(err) != engine.Conflict || !strings.Contains(engine.Message(err), "emove") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	f.write("index.html", "two!")
	p = b.publish(engine.PublishRequest{Dir: f.dir})
	b.do(engine.Remove, p.Host)
	b.want("data after its removal", b.onDisk(), "")
	b.want("sites", b.hosts(), "")
	if p := b.publish(engine.PublishRequest{Dir: f.dir}); p.Previous != "" {
		t.Errorf("published anew: %+v", p)
	}
}

func TestDescribeCopies(t *testing.T) {
	for want, peers := range map[string][]engine.Peer{
		"nobody else who is connected now has a complete copy": {{Done: 0.5, Via: engine.TCP}},
		"of those connected now, 1 with a complete copy can be reached by browsers, and 2 by torrent clients only": {
			{Done: 1, Via: engine.WebRTC}, {Done: 1, Via: engine.TCP}, {Done: 1, Via: engine.UTP},
		},
	} {
		if got := describeCopies(peers); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The site that comes with the program is nobody's last copy.
func TestShippedSiteMayGo(t *testing.T) {
	b := start(t)
	s, err := b.Ship(t.Context(), fstest.MapFS{"index.html": {Data: []byte("hi")}}, "Welcome")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Mine || s.Own || !s.Pinned || s.Title != "Welcome" {
		t.Errorf("%+v", s)
	}
	b.do(engine.Unpin, s.Host)
	b.do(engine.Evict, s.Host)
}
