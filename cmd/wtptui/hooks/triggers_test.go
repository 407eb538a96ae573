package hooks

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// memoryStore is a Store in memory. It can fail.
type memoryStore struct {
	values map[string][]byte
	err    error
}

func (n *memoryStore) Setting(name string) ([]byte, error) { return n.values[name], n.err }

func (n *memoryStore) PutSetting(name string, value []byte) error {
	if n.err == nil {
		n.values[name] = value
	}
	return n.err
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// snapshotAt returns a snapshot of some sites, so many minutes after start.
func snapshotAt(minutes int, sites ...engine.Site) engine.Snapshot {
	return engine.Snapshot{At: engine.At(start.Add(time.Duration(minutes) * time.Minute)), Sites: sites}
}

// pinnedSite returns a pinned site with so many copies elsewhere; -1 for an unknown number.
func pinnedSite(host string, copies int) engine.Site {
	return engine.Site{Host: host, Pinned: true, Copies: copies, Infohash: strings.Repeat("a", 40), State: engine.Seeding}
}

func describe(found []trigger) (events []string) {
	for _, o := range found {
		events = append(events, strings.TrimSpace(string(o.event)+" "+o.site.Host+" "+o.text+" "+o.previous))
	}
	return events
}

func TestEndangeredSitesAreReportedOnce(t *testing.T) {
	store := &memoryStore{values: map[string][]byte{}}
	d := newDetector(store, slog.New(slog.DiscardHandler))
	expect := func(minutes int, want string, sites ...engine.Site) {
		t.Helper()
		if got := strings.Join(describe(d.handleSnapshot(snapshotAt(minutes, sites...))), "; "); got != want {
			t.Errorf("after %d minutes: %q, want %q", minutes, got, want)
		}
	}
	expect(0, "", pinnedSite("a.example", -1), pinnedSite("b.example", 5))
	expect(1, "", pinnedSite("a.example", 1), pinnedSite("b.example", 5))
	expect(8, "", pinnedSite("a.example", 2), pinnedSite("b.example", 0)) // a was in danger only for a moment.
	expect(9, "", pinnedSite("a.example", 1), pinnedSite("b.example", 0))
	expect(18, "endangered b.example has no copy elsewhere", pinnedSite("a.example", 1), pinnedSite("b.example", 0))
	expect(19, "endangered a.example has 1 copy elsewhere", pinnedSite("a.example", 1), pinnedSite("b.example", -1))
	expect(200, "", pinnedSite("a.example", 0), pinnedSite("b.example", -1)) // It is reported once.

	// After a restart, when copies are unknown at first, nothing is reported again.
	d = newDetector(store, slog.New(slog.DiscardHandler))
	expect(300, "", pinnedSite("a.example", -1), pinnedSite("b.example", -1))
	expect(320, "", pinnedSite("a.example", 1), pinnedSite("b.example", 1))
	expect(340, "", pinnedSite("a.example", 1), pinnedSite("b.example", 1))
	// After it has been out of danger for long enough, it is reported again.
	expect(341, "", pinnedSite("a.example", 7), pinnedSite("b.example", 1))
	expect(352, "", pinnedSite("a.example", 7), pinnedSite("b.example", 1))
	expect(353, "", pinnedSite("a.example", 0), pinnedSite("b.example", 1))
	got := describe(d.endangeredTriggers(start.Add(364 * time.Minute)))
	if fmt.Sprint(got) != "[endangered a.example has no copy elsewhere]" {
		t.Errorf("without a snapshot: %q", got)
	}
	// A site that was removed is forgotten.
	expect(365, "", pinnedSite("b.example", 1))
	if len(d.danger) != 1 || len(d.versions) != 1 {
		t.Errorf("%v and %v are remembered", d.danger, d.versions)
	}
}

// If the store fails, sites may be reported again after a restart; nothing else changes.
func TestEndangeredSitesAreReportedWithoutStore(t *testing.T) {
	for _, store := range []*memoryStore{
		{err: errors.New("disk full")}, {values: map[string][]byte{reportedSetting: []byte("no JSON")}},
	} {
		var log strings.Builder
		d := newDetector(store, slog.New(slog.NewTextHandler(&log, nil)))
		d.handleSnapshot(snapshotAt(0, pinnedSite("a.example", 0)))
		got := describe(d.handleSnapshot(snapshotAt(10, pinnedSite("a.example", 0))))
		if len(got) != 1 || !strings.Contains(log.String(), "level=WARN") {
			t.Errorf("%q, logged\n%s", got, log.String())
		}
	}
}

func TestTriggers(t *testing.T) {
	d := newDetector(&memoryStore{values: map[string][]byte{}}, slog.New(slog.DiscardHandler))
	events := []engine.Event{
		{Kind: engine.Completed, Level: engine.Info, Host: "a.example", Text: "complete"},
		{Kind: engine.Noticed, Level: engine.Problem, Host: "b.example", Text: "no space left"},
		{Kind: engine.Noticed, Level: engine.Warning, Host: "b.example", Text: "slow"},
		{Kind: engine.Pinned, Level: engine.Info, Host: "b.example", Text: "pinned"},
		{Kind: engine.Noticed, Level: engine.Problem, Text: "the disk is broken"},
	}
	first := snapshotAt(0, pinnedSite("a.example", 5), pinnedSite("b.example", 5))
	second := snapshotAt(1, pinnedSite("a.example", 5), pinnedSite("b.example", 5))
	first.Events, second.Events = events, events
	first.Status.Warnings = []string{"port 1 is taken"}
	second.Status.Warnings = []string{"port 1 is taken", "12 MB free: downloads pause"}
	second.Sites[0].Infohash = strings.Repeat("b", 40)
	second.Sites[1].Infohash = "" // Its name is being looked up again.
	if got := describe(d.handleSnapshot(first)); got != nil {
		t.Errorf("what was before counts: %q", got)
	}
	want := []string{
		"changed a.example is at a new version " + strings.Repeat("a", 40),
		"completed a.example complete",
		"error b.example no space left",
		"error  the disk is broken",
		"error  12 MB free: downloads pause",
	}
	if got := describe(d.handleSnapshot(second)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	third := snapshotAt(2, pinnedSite("a.example", 5), pinnedSite("b.example", 5))
	third.Status.Warnings = second.Status.Warnings
	want = []string{"changed a.example is at a new version " + strings.Repeat("b", 40)}
	if got := describe(d.handleSnapshot(third)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A problem that occurs again with each attempt is reported once, until it is solved.
func TestProblemsAreReportedOnce(t *testing.T) {
	d := newDetector(&memoryStore{values: map[string][]byte{}}, slog.New(slog.DiscardHandler))
	d.handleSnapshot(snapshotAt(0))
	for minute, c := range []struct{ text, siteError, want string }{
		{"no such domain", "no such domain", "[error a.example no such domain]"},
		{"no such domain", "no such domain", "[]"},
		{"", "no such domain", "[]"},
		{"no peers", "no peers", "[error a.example no peers]"},
		{"", "", "[]"},
		{"no peers", "no peers", "[error a.example no peers]"},
	} {
		site := pinnedSite("a.example", 5)
		site.Error = c.siteError
		s := snapshotAt(minute+1, site)
		if c.text != "" {
			s.Events = []engine.Event{{Kind: engine.Noticed, Level: engine.Problem, Host: site.Host, Text: c.text}}
		}
		if got := fmt.Sprint(describe(d.handleSnapshot(s))); got != c.want {
			t.Errorf("minute %d: %s, want %s", minute, got, c.want)
		}
	}
	// The trigger of a site that was removed has its host.
	s := snapshotAt(9)
	s.Events = []engine.Event{{Kind: engine.Noticed, Level: engine.Problem, Host: "gone.example", Text: "broken"}}
	if got := fmt.Sprint(describe(d.handleSnapshot(s))); got != "[error gone.example broken]" {
		t.Error(got)
	}
}
