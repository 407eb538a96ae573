package pinlist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"wtptui/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFollowPinsAndUnpins(t *testing.T) {
	b := newHarness(t)
	b.engine.pin("mine.example", true)
	b.engine.pin("cached.example", false)
	b.writeList("one two mine cached four")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.expectPinned("cached four mine one two")
	if s := b.state(); !s.Applied || s.Pinned != 5 || s.Sites != 5 ||
		s.Marks["mine.example"] != Theirs || s.Marks["one.example"] != Ours {
		t.Errorf("%+v", s)
	}
	b.writeList("two three four")
	b.pollTwice()
	// What the person had pinned stays; the rest of what has left goes.
	b.expectPinned("four mine three two")
	b.engine.calls = nil
	b.pollTwice()
	if len(b.engine.calls) > 0 {
		t.Errorf("nothing has changed, and the engine is asked %q", b.engine.calls)
	}
	// What a person unpins stays unpinned, and what is pinned by hand is not the list's.
	b.engine.pin("two.example", false)
	b.pollTwice()
	b.restart()
	b.pollTwice()
	b.expectPinned("four mine three")

	if err := b.folder.Cancel(b.list); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.expectPinned("mine")
	if names, _ := os.ReadDir(string(b.folder)); len(names) != 0 {
		t.Errorf("left over: %v", names)
	}
	if err := b.folder.Cancel(b.list); engine.KindOf(err) != engine.NotFound {
		t.Errorf("cancelled twice: %v", err)
	}
}

func TestOrderWithoutFollowIsAppliedOnce(t *testing.T) {
	b := newHarness(t)
	b.writeList("one two")
	b.putOrder(Order{})
	b.pollTwice()
	b.writeList("two three")
	b.pollTwice()
	b.expectPinned("one two")
	if orders, err := b.folder.Orders(); err != nil || len(orders) != 0 {
		t.Errorf("%v, %v", orders, err)
	}
	if s := b.state(); !s.Applied || s.Pinned != 2 {
		t.Errorf("whoever gave the order finds %+v", s)
	}
	b.now = b.now.Add(doneStateTTL)
	b.pollTwice()
	b.expectPinned("one two")
	if names, _ := os.ReadDir(string(b.folder)); len(names) != 0 {
		t.Errorf("left over: %v", names)
	}
}

func TestLimitsLeaveSitesOut(t *testing.T) {
	b := newHarness(t)
	b.engine.sizes = map[string]int64{"a.example": 60, "b.example": 50, "c.example": 40, "d.example": 1}
	b.writeList("a b c d e")
	b.putOrder(Order{Follow: true, MaxSites: 3, MaxSize: 100})
	b.pollTwice() // The sizes are known when the sites have been looked at.
	b.pollTwice()
	b.pollTwice()
	b.expectPinned("a c e")
	if s := b.state(); s.LeftOut != 2 ||
		!strings.Contains(s.Error, "2 sites are left out: over the limit of 3 sites or 100 bytes") {
		t.Errorf("%+v", s)
	}
	// What was found too large is remembered when it is gone.
	delete(b.engine.sites, "b.example")
	b.restart()
	b.pollTwice()
	b.expectPinned("a c e")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.expectPinned("a b c d e")
}

// TestFollowerSurvivesCrashes ends the follower after each thing that it asks of the engine.
func TestFollowerSurvivesCrashes(t *testing.T) {
	b := newHarness(t)
	b.writeList("one two three four")
	b.putOrder(Order{Follow: true})
	for i := range 30 {
		ctx, crash := context.WithCancel(t.Context())
		b.follower = New(Config{Folder: b.folder, Engine: &crashingEngine{fakeEngine: b.engine, crash: crash}})
		b.follower.poll(ctx, b.now)
		crash()
		if i == 10 {
			b.expectPinned("four one three two")
			b.writeList("three four five")
		}
	}
	b.restart()
	b.pollTwice()
	b.expectPinned("five four three")
	if s := b.state(); !s.Applied || len(s.Marks) != 3 {
		t.Errorf("%+v", s)
	}
}

// crashing does one thing, and then the process is gone.
type crashingEngine struct {
	*fakeEngine
	crash func()
}

func (c *crashingEngine) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	defer c.crash()
	return c.fakeEngine.Add(ctx, req)
}

func (c *crashingEngine) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	host := hosts[0]
	defer c.crash()
	return c.fakeEngine.Do(ctx, verb, host)
}

func TestTwoListsShareASite(t *testing.T) {
	b := newHarness(t)
	b.writeList("shared alone")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, []byte("shared.example"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.folder.PutOrder(Order{Source: other, Follow: true, At: b.now}); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.restart()
	if err := b.folder.Cancel(b.list); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.expectPinned("shared")
	if err := b.folder.Cancel(other); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.expectPinned("")
}

func TestFailuresAreRetried(t *testing.T) {
	b := newHarness(t)
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	if s := b.state(); s.Failures != 1 || !strings.Contains(s.Error, "cannot read "+b.list) {
		t.Errorf("%+v", s)
	}
	b.writeList("one two")
	b.engine.fails = map[string]error{"one.example": &engine.Error{Kind: engine.Unavailable, Msg: "no room"}}
	b.now = b.now.Add(minRetryDelay)
	b.pollTwice()
	b.expectPinned("two")
	if s := b.state(); s.Applied || s.Error != "cannot pin one.example: no room" {
		t.Errorf("%+v", s)
	}
	b.engine.fails = nil
	b.now = b.now.Add(maxRetryDelay)
	b.pollTwice()
	b.expectPinned("one two")
	if s := b.state(); !s.Applied || s.Error != "" || s.Failures != 0 {
		t.Errorf("%+v", s)
	}
	// A list that goes away unpins nothing, and one that is half written is left alone.
	if err := os.Remove(b.list); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.expectPinned("one two")
	b.writeList("one")
	b.now = b.now.Add(maxRetryDelay)
	b.follower.poll(t.Context(), b.now)
	b.expectPinned("one two")
	b.writeList("one two three")
	b.pollTwice()
	b.expectPinned("one three two")
	// Foreign files in the folder do no harm.
	for name, text := range map[string]string{"x.order.json": "{", "y.state.json": `{"order":{"source":"/y"}}`, "z": ""} {
		if err := os.WriteFile(filepath.Join(string(b.folder), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.pollTwice()
	b.expectPinned("one three two")
}

// TestListInASite follows a list that is a file of a site.
func TestListInASite(t *testing.T) {
	text, status := "one.example\nrubbish\nthree.example\nlists.example\n", http.StatusServiceUnavailable
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "" || r.URL.RequestURI() != "/sets/a.txt?x=1" {
			t.Errorf("asked %s %s", r.Host, r.URL.RequestURI())
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	defer pages.Close()
	b := newHarness(t)
	var err error
	if b.list, err = ParseSource("WTP://Lists.example/sets/a.txt?x=1"); err != nil {
		t.Fatal(err)
	}
	b.putOrder(Order{Follow: true, MaxSites: 3})
	b.pollTwice()
	if s := b.state(); !strings.Contains(s.Error, "waits for lists.example") {
		t.Errorf("%+v", s)
	}
	site := b.engine.sites["lists.example"]
	site.State, site.Infohash, site.LocalURL = engine.Seeding, strings.Repeat("1", 40),
		strings.Replace(pages.URL, "127.0.0.1", "lists-example.localhost", 1)+"/"
	b.engine.sites[site.Host] = site
	b.pollTwice()
	if s := b.state(); s.Failures == 0 || !strings.Contains(s.Error, "503") {
		t.Errorf("%+v", s)
	}
	status = http.StatusOK
	b.now = b.now.Add(maxRetryDelay)
	b.pollTwice()
	b.expectPinned("lists one three")
	if s := b.state(); !s.Applied || s.Skipped != 1 || s.BadLines[0].Line != 2 {
		t.Errorf("%+v", s)
	}
	// The same version is not read again; the next one is.
	text = "two.example\nthree.example"
	b.pollTwice()
	b.expectPinned("lists one three")
	site = b.engine.sites["lists.example"]
	site.Infohash = strings.Repeat("2", 40)
	b.engine.sites[site.Host] = site
	b.pollTwice()
	b.expectPinned("lists three two")
}

func TestThousandSites(t *testing.T) {
	b := newHarness(t)
	names := func(from, to int) string {
		s := ""
		for i := from; i < to; i++ {
			s += fmt.Sprintf("s%04d ", i)
		}
		return s
	}
	b.writeList(names(0, 1000))
	b.putOrder(Order{Follow: true, MaxSites: 1000})
	b.pollTwice()
	b.writeList(names(10, 1010))
	b.pollTwice()
	b.expectPinned(strings.TrimSpace(names(10, 1010)))
}

func TestParseSource(t *testing.T) {
	for _, bad := range []string{"", "wtp://--config=x", "wtp:\n", "https://lists.example/a.txt"} {
		if s, err := ParseSource(bad); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%q is the source %q, %v", bad, s, err)
		}
	}
	if _, err := ParseSource("https://lists.example/a.txt"); !strings.HasSuffix(engine.Message(err),
		"or give wtp://lists.example/a.txt") {
		t.Errorf("a web address: %v", err)
	}
	if s, err := ParseSource("x.txt"); err != nil || !filepath.IsAbs(s) {
		t.Errorf("%q, %v", s, err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	b := newHarness(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.follower.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
