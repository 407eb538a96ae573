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

// notebook is a Memory. It can be full.
type notebook struct {
	values map[string][]byte
	err    error
}

func (n *notebook) Setting(name string) ([]byte, error) { return n.values[name], n.err }

func (n *notebook) PutSetting(name string, value []byte) error {
	if n.err == nil {
		n.values[name] = value
	}
	return n.err
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// after is a snapshot of some sites at so many minutes.
func after(minutes int, sites ...engine.Site) engine.Snapshot {
	return engine.Snapshot{At: engine.At(start.Add(time.Duration(minutes) * time.Minute)), Sites: sites}
}

// pinned is a site that somebody cares for, with so many copies elsewhere; -1 for an unknown number.
func pinned(host string, copies int) engine.Site {
	return engine.Site{Host: host, Pinned: true, Copies: copies, Infohash: strings.Repeat("a", 40), State: engine.Seeding}
}

func told(found []occasion) (events []string) {
	for _, o := range found {
		events = append(events, strings.TrimSpace(string(o.event)+" "+o.site.Host+" "+o.text+" "+o.previous))
	}
	return events
}

func TestEndangered(t *testing.T) {
	n := &notebook{values: map[string][]byte{}}
	w := newWatched(n, slog.New(slog.DiscardHandler))
	see := func(minutes int, want string, sites ...engine.Site) {
		t.Helper()
		if got := strings.Join(told(w.see(after(minutes, sites...))), "; "); got != want {
			t.Errorf("after %d minutes: %q, want %q", minutes, got, want)
		}
	}
	see(0, "", pinned("a.example", -1), pinned("b.example", 5))
	see(1, "", pinned("a.example", 1), pinned("b.example", 5))
	see(8, "", pinned("a.example", 2), pinned("b.example", 0)) // a was in danger for a moment.
	see(9, "", pinned("a.example", 1), pinned("b.example", 0))
	see(18, "endangered b.example has no copy elsewhere", pinned("a.example", 1), pinned("b.example", 0))
	see(19, "endangered a.example has 1 copy elsewhere", pinned("a.example", 1), pinned("b.example", -1))
	see(200, "", pinned("a.example", 0), pinned("b.example", -1)) // Once is enough.

	// A new start, on which copies are not known at first, says nothing again.
	w = newWatched(n, slog.New(slog.DiscardHandler))
	see(300, "", pinned("a.example", -1), pinned("b.example", -1))
	see(320, "", pinned("a.example", 1), pinned("b.example", 1))
	see(340, "", pinned("a.example", 1), pinned("b.example", 1))
	// Out of danger for long enough, it counts anew.
	see(341, "", pinned("a.example", 7), pinned("b.example", 1))
	see(352, "", pinned("a.example", 7), pinned("b.example", 1))
	see(353, "", pinned("a.example", 0), pinned("b.example", 1))
	if got := told(w.steady(start.Add(364 * time.Minute))); fmt.Sprint(got) != "[endangered a.example has no copy elsewhere]" {
		t.Errorf("without a snapshot: %q", got)
	}
	// One that is gone is forgotten.
	see(365, "", pinned("b.example", 1))
	if len(w.danger) != 1 || len(w.versions) != 1 {
		t.Errorf("%v and %v are remembered", w.danger, w.versions)
	}
}

// A memory that does not work costs repetitions, and nothing else.
func TestEndangeredWithoutMemory(t *testing.T) {
	for _, n := range []*notebook{
		{err: errors.New("disk full")}, {values: map[string][]byte{toldName: []byte("no JSON")}},
	} {
		var log strings.Builder
		w := newWatched(n, slog.New(slog.NewTextHandler(&log, nil)))
		w.see(after(0, pinned("a.example", 0)))
		if got := told(w.see(after(10, pinned("a.example", 0)))); len(got) != 1 || !strings.Contains(log.String(), "level=WARN") {
			t.Errorf("%q, logged\n%s", got, log.String())
		}
	}
}

func TestOccasions(t *testing.T) {
	w := newWatched(&notebook{values: map[string][]byte{}}, slog.New(slog.DiscardHandler))
	events := []engine.Event{
		{Kind: engine.Completed, Level: engine.Info, Host: "a.example", Text: "complete"},
		{Kind: engine.Noticed, Level: engine.Problem, Host: "b.example", Text: "no space left"},
		{Kind: engine.Noticed, Level: engine.Warning, Host: "b.example", Text: "slow"},
		{Kind: engine.Pinned, Level: engine.Info, Host: "b.example", Text: "pinned"},
		{Kind: engine.Noticed, Level: engine.Problem, Text: "the disk is broken"},
	}
	first, second := after(0, pinned("a.example", 5), pinned("b.example", 5)), after(1, pinned("a.example", 5), pinned("b.example", 5))
	first.Events, second.Events = events, events
	first.Status.Warnings, second.Status.Warnings = []string{"port 1 is taken"}, []string{"port 1 is taken", "12 MB free: downloads pause"}
	second.Sites[0].Infohash = strings.Repeat("b", 40)
	second.Sites[1].Infohash = "" // It is being looked up again.
	if got := told(w.see(first)); got != nil {
		t.Errorf("what was before counts: %q", got)
	}
	want := []string{
		"changed a.example is at a new version " + strings.Repeat("a", 40), "completed a.example complete", "error b.example no space left",
		"error  the disk is broken", "error  12 MB free: downloads pause",
	}
	if got := told(w.see(second)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	third := after(2, pinned("a.example", 5), pinned("b.example", 5))
	third.Status.Warnings = second.Status.Warnings
	if got := told(w.see(third)); !slices.Equal(got, []string{"changed a.example is at a new version " + strings.Repeat("b", 40)}) {
		t.Errorf("got %q", got)
	}
}

// What is tried again and again, and fails each time, is told once, until it was well.
func TestProblemsAreToldOnce(t *testing.T) {
	w := newWatched(&notebook{values: map[string][]byte{}}, slog.New(slog.DiscardHandler))
	w.see(after(0))
	for minute, c := range []struct{ text, siteError, want string }{
		{"no such domain", "no such domain", "[error a.example no such domain]"},
		{"no such domain", "no such domain", "[]"},
		{"", "no such domain", "[]"},
		{"no peers", "no peers", "[error a.example no peers]"},
		{"", "", "[]"},
		{"no peers", "no peers", "[error a.example no peers]"},
	} {
		site := pinned("a.example", 5)
		site.Error = c.siteError
		s := after(minute+1, site)
		if c.text != "" {
			s.Events = []engine.Event{{Kind: engine.Noticed, Level: engine.Problem, Host: site.Host, Text: c.text}}
		}
		if got := fmt.Sprint(told(w.see(s))); got != c.want {
			t.Errorf("minute %d: %s, want %s", minute, got, c.want)
		}
	}
	// A site that is gone has its host all the same.
	s := after(9)
	s.Events = []engine.Event{{Kind: engine.Noticed, Level: engine.Problem, Host: "gone.example", Text: "broken"}}
	if got := fmt.Sprint(told(w.see(s))); got != "[error gone.example broken]" {
		t.Error(got)
	}
}
