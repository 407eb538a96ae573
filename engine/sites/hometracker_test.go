package sites

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

// fakeHomeTracker is the tracker of an engine's homes.
type fakeHomeTracker struct {
	mu  sync.Mutex
	now engine.HomeTracker
}

func (o *fakeHomeTracker) view() engine.HomeTracker {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *fakeHomeTracker) change(f func(*engine.HomeTracker)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(&o.now)
}

// withTracker has the homes run a tracker.
func withTracker(o *fakeHomeTracker) func(*Config) {
	return func(c *Config) { c.HomeTracker = o.view }
}

func newHomeTracker() *fakeHomeTracker {
	return &fakeHomeTracker{now: engine.HomeTracker{URLs: []string{
		"wss://a.example/announce", "udp://a.example:6969/announce", "https://a.example/announce",
	}, Peers: 1}}
}

func TestHomeTrackerIsInSnapshots(t *testing.T) {
	tracker := newHomeTracker()
	b := startFixture(t, withTracker(tracker))
	first := b.readSnapshot()
	if diff := cmp.Diff(tracker.view(), first.Status.HomeTracker); diff != "" {
		t.Errorf("at the start (-want +got):\n%s", diff)
	}
	// Announces come all the time, and a snapshot is not made for each of them.
	for range 40 {
		tracker.change(func(h *engine.HomeTracker) { h.Announces++ })
		b.clock.Advance(tickInterval)
	}
	last := b.readSnapshot()
	if n := last.Seq - first.Seq; n < 5 || n > 12 {
		t.Errorf("%d snapshots in 10s", n)
	}
	if n := last.Status.HomeTracker.Announces; n < 35 {
		t.Errorf("%d announces are shown, of 40", n)
	}
	tracker.change(func(h *engine.HomeTracker) { h.URLs[0] = "wss://b.example/announce" })
	if got := last.Status.HomeTracker.URLs[0]; got != "wss://a.example/announce" {
		t.Errorf("a snapshot that was given has changed: %s", got)
	}
	b.clock.Advance(2 * time.Second)
	if got := b.readSnapshot().Status.HomeTracker.URLs[0]; got != "wss://b.example/announce" {
		t.Errorf("a change is not shown: %s", got)
	}
}

// A person who gets a pinned site from here meets its peers at the homes' tracker. Links to a site that was only read
// here do not name it.
func TestHomeTrackerIsNamedForPinnedSitesOnly(t *testing.T) {
	b := startFixture(t, withTracker(newHomeTracker()))
	b.swarm.seed(hashA, 2)
	b.swarm.trackers = []engine.Tracker{{URL: "udp://other.example:1"}, {URL: "wss://a.example/announce"}}
	names := func(when string, trackers ...string) {
		t.Helper()
		data, err := b.Metainfo(t.Context(), hashA)
		if err != nil {
			t.Fatal(err)
		}
		want := "13:announce-listl"
		for _, u := range trackers {
			want += fmt.Sprintf("l%d:%se", len(u), u)
		}
		if !bytes.Contains(data, []byte(want+"e")) {
			t.Errorf("%s: %q is not in %q", when, want, data)
		}
	}
	b.addSite(hashA)
	b.waitFor(hashA, "whole", isSeeding)
	names("not pinned", "udp://other.example:1", "wss://a.example/announce")
	b.doVerb(engine.Pin, hashA)
	names("pinned", "wss://a.example/announce", "udp://a.example:6969/announce", "https://a.example/announce",
		"udp://other.example:1")

	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir, Name: "example.org"})
	want := []string{
		`example.org. 300 IN TXT "wtpkey=` + p.Infohash + `"`, `www.example.org. 300 IN TXT "wtpkey=` + p.Infohash + `"`,
		`example.org. 300 IN TXT "wtptracker=wss://a.example/announce"`,
		`www.example.org. 300 IN TXT "wtptracker=wss://a.example/announce"`,
		`example.org. 300 IN TXT "wtptracker=udp://a.example:6969/announce"`,
		`www.example.org. 300 IN TXT "wtptracker=udp://a.example:6969/announce"`,
	}
	if diff := cmp.Diff(want, p.Records); diff != "" {
		t.Errorf("the records (-want +got):\n%s", diff)
	}
}
