package ui

import (
	"context"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/undo"
)

// doRecorder is an engine that records what it is asked to do, and refuses it if err is set.
type doRecorder struct {
	*fake.Engine
	hosts [][]string
	err   error
}

func (a *doRecorder) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	a.hosts = append(a.hosts, hosts)
	if a.err != nil {
		return a.err
	}
	return a.Engine.Do(ctx, verb, hosts...)
}

// newRecordingDriver starts a dashboard on such an engine.
func newRecordingDriver(t *testing.T, opts ...option) (*driver, *doRecorder) {
	t.Helper()
	a := &doRecorder{}
	d := newStoppedDriver(t, 120, 36, append(opts, func(c *Config, _ *fake.Options) {
		c.Start = func(context.Context) (engine.Engine, error) { return a, nil }
	})...)
	a.Engine = d.engine
	d.runCmd(d.m.Init())
	d.drainSnapshots()
	return d, a
}

func TestOneRequestForManySites(t *testing.T) {
	d, a := newRecordingDriver(t, withSites(5000))
	d.press("A", "p", "y")
	d.mustShow("Pinned 3,000 sites")
	if len(a.hosts) != 1 || len(a.hosts[0]) != 3000 {
		t.Fatalf("asked %d times", len(a.hosts))
	}
	if n := d.countSites(func(s engine.Site) bool { return s.Pinned }); n != 5000 {
		t.Errorf("%d are pinned", n)
	}
}

// The command is delayed here, so that it takes long.
func TestSlowJobsAreShown(t *testing.T) {
	var waits []time.Duration
	d := newDriver(t, 120, 36, withSites(300), func(c *Config, _ *fake.Options) {
		c.tick = func(d time.Duration, _ func() tea.Msg) tea.Cmd {
			waits = append(waits, d)
			return nil
		}
	})
	d.press("A", "p")
	d.mustShow("Pin 180 sites?")
	_, pin := d.m.Update(keyPress(t, "y"))
	d.mustHide("◌")
	if !slices.Contains(waits, slowAfter) {
		t.Errorf("nothing is to be said after %v: %v", slowAfter, waits)
	}
	slow := slowMsg{d.m.commands.jobs.running[0]}
	d.send(slow)
	d.mustShow("◌ Pinning 180 sites…")
	// Meanwhile one can do something else.
	d.press("A", "A", "esc", "x")
	d.mustShow("◌ Pinning 180 sites…")
	if n := d.countSites(func(s engine.Site) bool { return s.State == engine.Paused }); n != 1 {
		t.Errorf("%d sites are paused", n)
	}
	d.runCmd(pin)
	d.drainSnapshots()
	d.mustShow("Pinned 180 sites")
	d.send(slow)
	d.mustHide("◌")
	if n := d.countSites(func(s engine.Site) bool { return s.Pinned }); n != 300 {
		t.Errorf("%d are pinned", n)
	}
}

func TestFailuresAreShown(t *testing.T) {
	whole := &engine.Error{Op: "control: pin", Kind: engine.Unavailable, Msg: "the engine has gone away"}
	for _, tc := range []struct {
		name  string
		sites int
		err   error
		want  string
	}{
		{"one", 1, whole, "✗ Could not pin Example Docs (docs.example): the engine has gone away"},
		{"all, for a reason that is not theirs", 2, whole, "✗ Could not pin 2 sites: the engine has gone away"},
		{
			"some", 2, &engine.Failures{
				Asked: 2, Each: []*engine.Error{{Host: "news.example", Kind: engine.Conflict, Msg: "it is busy"}},
			},
			"✗ Could not pin 1 of 2 sites. The Daily Example (news.example): it is busy",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, a := newRecordingDriver(t)
			a.err = tc.err
			for _, host := range []string{"docs.example", "news.example"}[:tc.sites] {
				d.selectSite(host)
				d.press("space")
			}
			d.press("p")
			d.mustShow(tc.want)
		})
	}
	// What an engine knows nothing of any more.
	d := newDriver(t, 120, 36, withoutBin)
	d.press("space", "space", "d")
	d.advance(11 * time.Second)
	d.press("u")
	d.mustShow("nothing to undo")
	d.m.commands.undoHistory.stack.Push(evictionOf("gone.example", "lost.example"))
	d.press("u")
	d.mustShow("Could not bring back 2 of 2 sites. gone.example:")
	d.press("u")
	d.mustShow("nothing to undo")
}

// evictionOf returns an eviction that the engine does not know.
func evictionOf(hosts ...string) undo.Entry {
	sites := make([]engine.Site, len(hosts))
	for i, h := range hosts {
		sites[i].Host = h
	}
	e, _ := undo.NewEntry(undo.Change{Verb: engine.Evict, Hosts: hosts}, sites, "2 sites")
	return e
}

// An undo under way is not started again, and one that may succeed later is offered again.
func TestUndoOfManyIsTakenUpOnce(t *testing.T) {
	d, a := newRecordingDriver(t)
	d.press("space", "space", "space", "d")
	d.mustShow("Evicted 3 sites", "u: bring back")
	_, undo := d.m.Update(keyPress(t, "u"))
	d.press("u")
	d.mustShow("nothing more to undo")
	a.err = &engine.Error{Op: "control: undo", Kind: engine.Unavailable, Msg: "not connected, and trying again"}
	d.runCmd(undo)
	d.mustShow("Could not bring back 3 sites: not connected, and trying again", "u undo, 1d")
	a.err = nil
	d.press("u")
	d.mustShow("Brought back 3 sites", "[1 All 14]")
}

// A site that has come back in another way is not requested again.
func TestUndoLeavesOutWhatIsBack(t *testing.T) {
	d, a := newRecordingDriver(t)
	d.press("space", "space", "space", "d")
	evicted := a.hosts[0]
	if err := d.engine.Do(t.Context(), engine.Undo, evicted[1]); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	d.press("u")
	d.mustShow("Brought back 2 sites", "[1 All 14]")
	if want := []string{evicted[0], evicted[2]}; !slices.Equal(a.hosts[1], want) {
		t.Errorf("asked to undo %v, want %v", a.hosts[1], want)
	}
}
