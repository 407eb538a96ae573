package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/engine/fleet"
)

// readOnlyEngine is an engine that is configured as read-only.
type readOnlyEngine struct{ engine.Engine }

func (readOnlyEngine) Do(context.Context, engine.Verb, ...string) error {
	return &engine.Error{Op: "x", Kind: engine.Refused, Msg: "nothing is changed on vps from here"}
}

// cuttableEngine is an engine whose connection a test can cut.
type cuttableEngine struct {
	engine.Engine

	cut chan string
}

func (l cuttableEngine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	in, err := l.Engine.Watch(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan engine.Snapshot)
	go func() {
		defer close(out)
		var last engine.Snapshot
		for ok := true; ok; {
			var s engine.Snapshot
			select {
			case s, ok = <-in:
				last = s
			case last.Status.Away = <-l.cut:
				s = last
				s.Events = nil
			}
			if ok {
				select {
				case out <- s:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// fleetDriver is a driver of a fleet: nas, whose engine is the driver's, and vps and web.
type fleetDriver struct {
	*driver

	vps, web *fake.Engine
	cut      chan string // cuts web off, with what it says of why; an empty text brings it back
}

// driveFleet starts a dashboard on three machines that have a site in common. vps is read-only.
func driveFleet(t *testing.T, w, h int) *fleetDriver {
	t.Helper()
	common := fake.Script{Host: "docs.example", Title: "Example Docs", Labels: []string{"x"}, Peers: 2, KnownPeers: 3}
	play := func(own string) fake.Options {
		return fake.Options{Seed: 1, Scripts: []fake.Script{common, {Host: own, Title: own}}}
	}
	f := &fleetDriver{vps: fake.New(play("vps.example")), web: fake.New(play("web.example")), cut: make(chan string)}
	t.Cleanup(func() { f.vps.Close(); f.web.Close() })
	f.driver = newStoppedDriver(t, w, h, func(c *Config, o *fake.Options) {
		*o = play("nas.example")
		c.Fleet = map[string]string{"nas": "red", "vps": "", "web": "#ff8800"}
		c.Start = func(context.Context) (engine.Engine, error) {
			e := fleet.New([]fleet.Member{
				{Name: "nas", Engine: f.engine},
				{Name: "vps", Engine: readOnlyEngine{f.vps}, ReadOnly: true},
				{Name: "web", Engine: cuttableEngine{f.web, f.cut}},
			})
			t.Cleanup(func() { e.Close() })
			return e, nil
		}
	})
	f.runCmd(f.m.Init())
	f.awaitCondition("all machines", func() bool { return f.m.screen.list.Total() == 6 })
	return f
}

// awaitCondition receives snapshots until the condition holds.
func (f *fleetDriver) awaitCondition(what string, ok func() bool) {
	f.t.Helper()
	for limit := time.After(2 * time.Minute); !ok(); {
		select {
		case s := <-f.feed:
			f.send(snapshotMsg{s})
		case <-limit:
			f.t.Fatalf("not seen: %s\n%s", what, f.screen())
		}
	}
}

// selectRef selects the site of a Ref.
func (f *fleetDriver) selectRef(ref string) {
	f.t.Helper()
	f.m.screen.list.Reveal(ref)
	f.send(nil)
	if s, _ := f.m.screen.list.Selected(); s.Ref() != ref {
		f.t.Fatalf("%s is not in the list:\n%s", ref, f.screen())
	}
}

// pinned returns the machines on which docs.example is pinned.
func (f *fleetDriver) pinned() (machines []string) {
	f.t.Helper()
	for name, e := range map[string]*fake.Engine{"nas": f.engine, "vps": f.vps, "web": f.web} {
		d, err := e.Detail(f.t.Context(), "docs.example")
		if err != nil {
			f.t.Fatal(err)
		}
		if d.Site.Pinned {
			machines = append(machines, name)
		}
	}
	slices.Sort(machines)
	return machines
}

// row returns the line of the list that has a site.
func (f *fleetDriver) row(host, machine string) string {
	f.t.Helper()
	for _, l := range strings.Split(f.driver.screen(), "\n") {
		if strings.Contains(l, " "+host+" ") && strings.Contains(l, " "+machine+" ") {
			return l
		}
	}
	f.t.Fatalf("there is no row of %s on %s:\n%s", host, machine, f.driver.screen())
	return ""
}

func TestFleetIsShown(t *testing.T) {
	f := driveFleet(t, 120, 36)
	f.mustShow("wtptui on 3 machines", " Machine ", "Example Docs (docs.example) on ")
	f.mustHide("no port", "away")
	for _, machine := range []string{"nas", "vps", "web"} {
		f.row("docs.example", machine)
	}
	nas, other := f.m.screen.theme.ColorStyle("red").Render("nas"), f.m.screen.theme.ColorStyle("#ff8800").Render("web")
	f.selectRef("vps.example@vps") // The selected row may have a look of its own.
	if frame := f.m.display.frame.draw(); !strings.Contains(frame, strings.TrimSuffix(nas, "\x1b[m")) ||
		!strings.Contains(frame, strings.TrimSuffix(other, "\x1b[m")) {
		t.Error("the machines do not have their colours")
	}
	f.selectRef("docs.example@web")
	f.press("enter")
	f.mustShow("Example Docs (docs.example) on web", "Machine    web")
}

// Where it is narrow the machine stays, shorter, and the column is sorted by like any other.
func TestFleetIsNarrow(t *testing.T) {
	f := driveFleet(t, 80, 24)
	f.mustShow(" On ", "wtptui on 3 machines")
	f.press("s", "m")
	var order []string
	for i := range f.m.screen.list.Total() {
		f.press("g")
		for range i {
			f.press("j")
		}
		s, _ := f.m.screen.list.Selected()
		order = append(order, s.Ref())
	}
	want := []string{
		"docs.example@nas", "nas.example@nas", "docs.example@vps", "vps.example@vps", "docs.example@web",
		"web.example@web",
	}
	if !slices.Equal(order, want) {
		t.Errorf("sorted by machine: %q", order)
	}
}

func TestNoColumnWithoutAFleet(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.mustHide("Machine")
	d.press("s")
	d.mustHide("Machine")
	d.press("esc", "c")
	d.mustHide("Machine")
}

func TestFleetFilter(t *testing.T) {
	f := driveFleet(t, 120, 36)
	for filter, want := range map[string]int{
		"machine:na": 2, "machine:web": 2, "machine=we": 0, "machine=WEB": 2, "!machine:nas": 4, "machine:": 6,
		"machine:web docs": 1,
	} {
		f.press("/")
		f.typeText(filter)
		f.press("enter")
		if wrong := f.m.screen.list.FilterProblem(); wrong != "" {
			t.Errorf("%s: %s", filter, wrong)
		}
		f.mustShow(fmt.Sprintf("/%s %d of 6", filter, want))
		f.press("esc")
	}
}

// The palette finds the machines, and each shows only its sites.
func TestFleetInPalette(t *testing.T) {
	f := driveFleet(t, 120, 36)
	f.press(":")
	f.typeText("web")
	f.mustShow("show only its 2 sites")
	f.press("enter")
	f.mustShow("/machine=web 2 of 6")
}

// A verb goes to the machine of the selected row, and is undone there.
func TestFleetVerbsGoToTheirMachine(t *testing.T) {
	f := driveFleet(t, 120, 36)
	f.selectRef("docs.example@web")
	f.press("p")
	f.mustShow("Pinned Example Docs (docs.example) on web")
	if got := f.pinned(); !slices.Equal(got, []string{"web"}) {
		t.Fatalf("pinned on %q", got)
	}
	f.awaitCondition("the pin", func() bool { s, _ := f.m.screen.list.Lookup("docs.example@web"); return s.Pinned })
	f.selectRef("docs.example@nas")
	f.press("u")
	f.mustShow("Undone: pin Example Docs")
	if got := f.pinned(); len(got) != 0 {
		t.Errorf("pinned on %q after undo", got)
	}
}

// Of marked sites the action is done where it is allowed, and the reason is shown for the others.
func TestFleetReadOnly(t *testing.T) {
	f := driveFleet(t, 120, 36)
	for _, ref := range []string{"docs.example@nas", "docs.example@vps", "docs.example@web"} {
		f.selectRef(ref)
		f.press("space")
	}
	f.press("p")
	f.mustShow("nothing is changed on vps from here")
	if got := f.pinned(); !slices.Equal(got, []string{"nas", "web"}) {
		t.Errorf("pinned on %q", got)
	}
}

func TestFleetLimits(t *testing.T) {
	f := driveFleet(t, 120, 36)
	if err := f.vps.SetLimits(t.Context(), engine.Limits{Up: 5 << 10}); err != nil {
		t.Fatal(err)
	}
	f.awaitCondition("the limit", func() bool { m, _ := f.m.conn.snap.Status.FindMachine("vps"); return m.Limits.Up > 0 })
	f.press("L")
	f.mustShow("5.0 KB/s", "read-only")
	f.press("3")
	f.mustShow("Rate limits on web", "Label x")
	f.press("1")
	f.mustShow("Limits of the label x on web")
	f.press("u")
	f.mustShow("Upload limit of the label x on web")
	f.press("ctrl+u")
	f.typeText("2K")
	f.press("enter")
	f.mustShow("Limits of the label x on web: ")
	f.awaitCondition("the limit", func() bool { return f.m.conn.limitsOf("x", "web").Up == 2<<10 })
	if l := f.m.conn.limitsOf("x", "nas"); l.Up != 0 {
		t.Errorf("on nas as well: %+v", l)
	}
	f.press("u")
	f.awaitCondition("the undo", func() bool { return f.m.conn.limitsOf("x", "web").Up == 0 })
}

func TestFleetAdds(t *testing.T) {
	f := driveFleet(t, 120, 36)
	f.selectRef("web.example@web")
	f.press("a")
	f.mustShow("Add a site on which machine?", "1  web", "2  nas")
	f.mustHide("3  vps")
	f.press("1")
	f.mustShow("Add a site on web")
	f.typeText("new.example")
	f.press("enter")
	f.awaitCondition("the site", func() bool { _, ok := f.m.screen.list.Lookup("new.example@web"); return ok })
	if s, _ := f.m.screen.list.Selected(); s.Ref() != "new.example@web" {
		t.Errorf("selected is %s", s.Ref())
	}
	f.press("P")
	f.mustShow("`wtptui attach web` opens the dashboard of web")
}

// A site that is evicted on one machine is brought back there, and the same site elsewhere stays where it is.
func TestFleetBin(t *testing.T) {
	f := driveFleet(t, 120, 36)
	f.selectRef("docs.example@web")
	f.press("d")
	f.awaitCondition("the eviction", func() bool { return f.m.screen.list.Total() == 5 })
	if _, ok := f.m.screen.list.Lookup("docs.example@nas"); !ok {
		t.Fatal("it is gone on nas as well")
	}
	f.press("b")
	f.mustShow("docs.example on web")
	f.press("enter")
	f.awaitCondition("the return", func() bool { _, ok := f.m.screen.list.Lookup("docs.example@web"); return ok })
}

// A machine that is lost stays on the screen as it was, and nothing is requested from it; the others continue.
func TestFleetLosesOne(t *testing.T) {
	f := driveFleet(t, 120, 36)
	f.cut <- "no route to it"
	f.awaitCondition("the loss", func() bool { s, _ := f.m.screen.list.Lookup("docs.example@web"); return s.Away })
	f.mustShow("wtptui on 2 of 3 machines", "web is away: no route to it")
	if row := f.row("docs.example", "web"); !strings.Contains(row, "AWAY") {
		t.Errorf("the row is %q", row)
	}
	if row := f.row("docs.example", "nas"); strings.Contains(row, "AWAY") {
		t.Errorf("the row is %q", row)
	}
	f.selectRef("docs.example@web")
	f.press("space")
	f.selectRef("docs.example@nas")
	f.press("space", "p")
	f.mustShow("web is away")
	if got := f.pinned(); !slices.Equal(got, []string{"nas"}) {
		t.Errorf("pinned on %q", got)
	}
	f.press("esc", "L", "3")
	f.mustShow("web is away: its limits cannot be changed now")
	f.press("esc", "/")
	f.typeText("is:away")
	f.press("enter")
	f.mustShow("/is:away 2 of 6")

	f.cut <- ""
	f.awaitCondition("the return", func() bool { s, _ := f.m.screen.list.Lookup("docs.example@web"); return !s.Away })
	f.mustShow("wtptui on 3 machines")
}
