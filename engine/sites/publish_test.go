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

// testFolder is a folder that a test publishes.
type testFolder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T, files map[string]string) testFolder {
	t.Helper()
	f := testFolder{t, filepath.Join(t.TempDir(), "my-site")}
	for path, content := range files {
		f.write(path, content)
	}
	return f
}

func (f testFolder) write(path, content string) {
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

func (b *fixture) publish(req engine.PublishRequest) engine.Publication {
	b.t.Helper()
	p, err := b.Publish(b.t.Context(), req, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// getFile returns one file of a site.
func (b *fixture) getFile(host, path string) string {
	b.t.Helper()
	c, err := b.Open(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close(engine.Request{})
	return b.readFile(c, path)
}

func (b *fixture) readFile(c engine.Content, path string) string {
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

func (b *fixture) versionHistory(host string) string {
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

// A folder without a name is one site, whose address changes with each version. Former addresses serve what they did.
func TestUnnamedFolderChangesItsAddress(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one", "same": "s"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	if first.Host != first.Infohash || first.Files != 2 || fmt.Sprint(first.Added) != "[index.html same]" ||
		first.Previous != "" {
		t.Errorf("first: %+v", first)
	}
	s := b.waitFor(first.Host, "the site", isSeeding)
	if !s.Pinned || !s.Mine || !s.Own || s.Infohash != first.Infohash {
		t.Errorf("%+v", s)
	}
	reader, err := b.Open(t.Context(), first.Host)
	if err != nil {
		t.Fatal(err)
	}
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	if second.Previous != first.Infohash || fmt.Sprint(second.Changed) != "[index.html]" || second.Same != 1 ||
		len(second.Added)+len(second.Removed) != 0 {
		t.Errorf("second: %+v", second)
	}
	b.check("one row", b.hosts(), second.Host)
	b.check("the new address", b.getFile(second.Host, "index.html"), "two!")
	b.check("the former address", b.getFile(first.Host, "index.html"), "one")
	b.check("a reader of the former version", b.readFile(reader, "index.html"), "one")
	reader.Close(engine.Request{})
	if host, known := b.Host(first.Host); host != first.Host || !known {
		t.Errorf("the former address is %s, %v", host, known)
	}
	b.check("one row still", b.hosts(), second.Host)
	want := second.Infohash[:4] + " current published, " + first.Infohash[:4] + " kept published"
	b.check("versions", b.versionHistory(second.Host), want)

	again := b.publish(engine.PublishRequest{Dir: f.dir})
	if again.Infohash != second.Infohash || again.Same != 2 || again.Previous != "" {
		t.Errorf("again: %+v", again)
	}
	b.restart()
	b.check("after a restart", b.getFile(first.Host, "index.html")+b.getFile(second.Host, "index.html"), "onetwo!")
	b.check("versions after a restart", b.versionHistory(second.Host), want)
	b.clock.Advance(31 * 24 * time.Hour)
	b.check("data of the former version after its time", b.hashesOnDisk(), second.Infohash)
}

// Any version that is kept can be restored.
func TestAnyKeptVersionCanBeRestored(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	if err := b.Switch(t.Context(), second.Host, first.Infohash); err != nil {
		t.Fatal(err)
	}
	b.check("back", b.hosts(), first.Host)
	b.check("its page", b.getFile(first.Host, "index.html"), "one")
	b.check("versions", b.versionHistory(first.Host),
		first.Infohash[:4]+" current published, "+second.Infohash[:4]+" kept published")
	third := b.publish(engine.PublishRequest{Dir: f.dir})
	if third.Infohash != second.Infohash || third.Previous != first.Infohash {
		t.Errorf("published again: %+v", third)
	}
	b.check("forth", b.hosts(), second.Host)
	err := b.Switch(t.Context(), second.Host, hashA)
	if engine.KindOf(err) != engine.NotFound {
		t.Errorf("a version that never was: %v", err)
	}
}

// anyDomain is a resolver with one answer for every name, which can be changed while it is asked.
type anyDomain struct {
	fakeResolver

	mu       sync.Mutex
	infohash string
}

func (d *anyDomain) set(infohash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.infohash = infohash
}

func (d *anyDomain) Resolve(context.Context, string) (resolve.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return resolve.Answer{Infohash: d.infohash, TTL: time.Hour, Source: "dns"}, nil
}

func (d *anyDomain) ResolveUncached(ctx context.Context, host string) (resolve.Answer, error) {
	return d.Resolve(ctx, host)
}

// A folder with a name is the domain's site whether or not DNS agrees, and does not go back while DNS lags.
func TestNamedFolderIsTheDomainsSite(t *testing.T) {
	domain := &anyDomain{}
	b := startFixture(t, func(c *Config) { c.Resolver = domain })
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
	b.check("page", b.getFile("example.org", "index.html"), "two!")
	d, err := b.Detail(t.Context(), "example.org")
	namesSecond := func(warning string) bool { return strings.Contains(warning, second.Infohash) }
	if err != nil || !slices.ContainsFunc(d.Domain.Warnings, namesSecond) {
		t.Errorf("no warning that DNS lags: %v, %v", d.Domain.Warnings, err)
	}
	b.waitForStatus("the domain that lags", func(st engine.Status) bool {
		return st.Names == engine.Names{Disagreeing: 1}
	})
	b.check("one row", b.hosts(), "example.org")

	// What the domain names next was published from somewhere else: the site follows it like any visitor.
	b.swarm.seed(hashA, 2)
	domain.set(hashA)
	b.clock.Advance(2 * time.Hour)
	b.waitFor("example.org", "the version from elsewhere", func(s engine.Site) bool { return s.Infohash == hashA })
}

// A site that gets a name takes over what was a visitor's copy of it.
func TestNamedSiteTakesOverTheVisitorsCopy(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Hour, Source: "dns"})
	b.addSite("wtp://example.org/")
	b.waitFor("example.org", "the visited site", isSeeding)
	f := newFolder(t, map[string]string{"index.html": "one"})
	unnamed := b.publish(engine.PublishRequest{Dir: f.dir})
	named := b.publish(engine.PublishRequest{Dir: f.dir, Name: "example.org"})
	if named.Infohash != unnamed.Infohash {
		t.Errorf("%+v", named)
	}
	b.check("one row", b.hosts(), "example.org")
	b.check("page", b.getFile("example.org", "index.html"), "one")
}

func TestPublishRefusesInvalidRequests(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "x", "id_rsa": "secret"})
	p, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil)
	if engine.KindOf(err) != engine.Refused || len(p.Findings) != 1 || p.Findings[0].Path != "id_rsa" {
		t.Errorf("%+v, %v", p, err)
	}
	b.check("sites", b.hosts(), "")
	b.check("data", b.hashesOnDisk(), "")
	p = b.publish(engine.PublishRequest{Dir: f.dir, LeaveOut: []string{"id_rsa"}, DryRun: true})
	if p.Host != "" || p.Files != 1 || p.Infohash == "" {
		t.Errorf("dry run: %+v", p)
	}
	b.check("sites after a dry run", b.hosts(), "")
	for name, req := range map[string]engine.PublishRequest{
		"relative": {Dir: "x"}, "missing": {Dir: "/no/such/folder"}, "an infohash": {Dir: f.dir, Name: hashA},
		"no name": {Dir: f.dir, Name: "localhost"},
	} {
		if _, err := b.Publish(t.Context(), req, nil); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFailedPublishChangesNothing(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Publish(ctx, engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("cancelled: %v", err)
	}
	b.swarm.room = 1
	if _, err := b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir}, nil); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("no room: %v", err)
	}
	b.check("sites", b.hosts(), first.Host)
	b.check("data", b.hashesOnDisk(), first.Infohash)
}

// Files that a build has written again without a change are compared, and neither hashed nor stored again.
func TestPublishReusesUnchangedFiles(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one", "a": "aaa", "b": "bbb"})
	b.publish(engine.PublishRequest{Dir: f.dir})
	f.write("index.html", "two!")
	now := time.Date(2029, 2, 2, 0, 0, 0, 5, time.UTC)
	if err := os.Chtimes(filepath.Join(f.dir, "a"), now, now); err != nil {
		t.Fatal(err)
	}
	b.publish(engine.PublishRequest{Dir: f.dir})
	if b.swarm.compared != 1 || b.swarm.linked != 2 {
		t.Errorf("%d files compared, %d taken over, want 1 and 2", b.swarm.compared, b.swarm.linked)
	}
	b.publish(engine.PublishRequest{Dir: f.dir, Paranoid: true})
	if b.swarm.compared != 4 {
		t.Errorf("a paranoid one: %d files compared", b.swarm.compared)
	}
}

func TestKeptVersionsAreBounded(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.KeepVersions = 2 })
	f := newFolder(t, nil)
	var all []string
	for i := range 5 {
		f.write("index.html", strings.Repeat("x", i+1))
		all = append(all, b.publish(engine.PublishRequest{Dir: f.dir}).Infohash)
	}
	b.clock.Advance(time.Second)
	want := slices.Sorted(slices.Values(all[2:]))
	b.check("data", b.hashesOnDisk(), strings.Join(want, " "))
}

// A publisher's copy is not evicted like a visitor's, since it may be the last one.
func TestOwnSiteIsNotEvicted(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir})
	for _, verb := range []engine.Verb{engine.Evict, engine.Unpin} {
		if err := b.Do(t.Context(), verb, p.Host); engine.KindOf(err) != engine.Conflict ||
			!strings.Contains(engine.Message(err), "emove") {
			t.Errorf("%s: %v", verb, err)
		}
	}
	f.write("index.html", "two!")
	p = b.publish(engine.PublishRequest{Dir: f.dir})
	b.doVerb(engine.Remove, p.Host)
	b.check("data after its removal", b.hashesOnDisk(), "")
	b.check("sites", b.hosts(), "")
	if p := b.publish(engine.PublishRequest{Dir: f.dir}); p.Previous != "" {
		t.Errorf("published anew: %+v", p)
	}
}

func TestCopiesAreDescribed(t *testing.T) {
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

// The site that comes with the program is not treated as a last copy.
func TestWelcomeSiteMayGo(t *testing.T) {
	b := startFixture(t)
	s, err := b.Ship(t.Context(), fstest.MapFS{"index.html": {Data: []byte("hi")}}, "Welcome")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Mine || s.Own || !s.Pinned || s.Title != "Welcome" {
		t.Errorf("%+v", s)
	}
	b.doVerb(engine.Unpin, s.Host)
	b.doVerb(engine.Evict, s.Host)
}
