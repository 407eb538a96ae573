package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/engine/fleet"
	"wtptui/engine/watch"
)

// script is an engine that publishes what a test passes to say, and records calls.
type script struct {
	engine.Engine // the methods that no test calls

	hub watch.Hub

	mu    sync.Mutex
	asked []string
	fail  func(host string) error
}

func (s *script) Watch(ctx context.Context) (<-chan engine.Snapshot, error) { return s.hub.Watch(ctx) }

func (s *script) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, string(verb)+" "+strings.Join(hosts, " "))
	if s.fail == nil {
		return nil
	}
	return engine.ForEachHost(hosts, s.fail)
}

func (s *script) SetLimits(_ context.Context, l engine.Limits) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, fmt.Sprintf("limits %+v", l))
	return nil
}

func (s *script) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// say publishes sites, which are sorted, with a status.
func (s *script) say(st engine.Status, hosts ...string) {
	snap := engine.Snapshot{At: engine.At(time.Now()), Status: st}
	for _, h := range hosts {
		snap.Sites = append(snap.Sites, engine.Site{Host: h, DownRate: 3, Peers: 1})
	}
	s.hub.Publish(snap)
}

// start makes a fleet that ends with the test.
func start(t *testing.T, members ...fleet.Member) *fleet.Engine {
	t.Helper()
	f := fleet.New(members)
	t.Cleanup(func() { f.Close() })
	return f
}

func watching(t *testing.T, f *fleet.Engine) <-chan engine.Snapshot {
	t.Helper()
	ch, err := f.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// until reads snapshots until one is as it should be.
func until(t *testing.T, ch <-chan engine.Snapshot, what string, ok func(engine.Snapshot) bool) engine.Snapshot {
	t.Helper()
	for {
		s := enginetest.Receive(t, ch, what)
		if ok(s) {
			return s
		}
	}
}

func refs(s engine.Snapshot) string {
	var all []string
	for i := range s.Sites {
		all = append(all, s.Sites[i].Ref())
	}
	return strings.Join(all, " ")
}

func TestMerges(t *testing.T) {
	nas, vps := &script{}, &script{}
	nas.say(engine.Status{
		DownRate: 1, Peers: 2, DHTNodes: 5, CacheLimit: 10, Limits: engine.Limits{Down: 7, Up: 1}, Warnings: []string{"full"},
		Homes: []engine.Home{{Name: "x.example", Host: "b.example"}},
	}, "b.example", "d.example")
	vps.say(engine.Status{
		Online: true, DownRate: 10, Peers: 20, DHTNodes: -1, CacheLimit: 30, Limits: engine.Limits{Down: 2},
		Homes: []engine.Home{{Name: "x.example", Host: "b.example"}},
	}, "a.example", "b.example", "c.example")
	f := start(t, fleet.Member{Name: "nas", Engine: nas, ReadOnly: true}, fleet.Member{Name: "vps", Engine: vps})
	s := enginetest.Receive(t, watching(t, f), "the first snapshot")
	if got := refs(s); got != "a.example@vps b.example@nas b.example@vps c.example@vps d.example@nas" {
		t.Errorf("sites %s", got)
	}
	st := s.Status
	if st.DownRate != 11 || st.Peers != 22 || st.DHTNodes != 5 || !st.Online || st.CacheLimit != 40 {
		t.Errorf("the sums are %+v", st)
	}
	if want := (engine.Limits{Down: 9}); st.Limits != want {
		t.Errorf("limits of all %+v, want %+v: one has none for uploads", st.Limits, want)
	}
	if !slices.Equal(st.Warnings, []string{"nas: full"}) {
		t.Errorf("warnings %q", st.Warnings)
	}
	if len(st.Machines) != 2 || !st.Machines[0].ReadOnly || st.Machines[1].ReadOnly || st.Machines[1].Sites != 3 ||
		st.Machines[0].Limits.Down != 7 {
		t.Errorf("machines %+v", st.Machines)
	}
	for _, ref := range []string{"b.example@nas", "b.example@vps"} {
		if h, ok := st.HomeForSite(ref); !ok || h.SiteRef() != ref || h.Ref() != "x.example@"+h.Machine {
			t.Errorf("the home of %s is %+v", ref, h)
		}
	}
}

// TestSitesAreNotCopiedForNothing: unchanged sites are in the same slice again.
func TestSitesAreNotCopiedForNothing(t *testing.T) {
	nas, vps := &script{}, &script{}
	nas.say(engine.Status{}, "a.example")
	sites := []engine.Site{{Host: "b.example"}}
	vps.hub.Publish(engine.Snapshot{Sites: sites})
	ch := watching(t, start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps}))
	first := enginetest.Receive(t, ch, "the first snapshot")
	vps.hub.Publish(engine.Snapshot{Sites: sites, Status: engine.Status{DownRate: 5}})
	next := until(t, ch, "the rate", func(s engine.Snapshot) bool { return s.Status.DownRate == 5 })
	if &first.Sites[0] != &next.Sites[0] {
		t.Error("the sites were copied although none has changed")
	}
	vps.say(engine.Status{}, "c.example")
	last := until(t, ch, "another site", func(s engine.Snapshot) bool {
		return strings.Contains(refs(s),
			"c.example@vps")
	})
	if refs(first) != "a.example@nas b.example@vps" || refs(last) != "a.example@nas c.example@vps" {
		t.Errorf("first %s, last %s", refs(first), refs(last))
	}
}

func TestRoutes(t *testing.T) {
	nas, vps := &script{}, &script{}
	nas.say(engine.Status{})
	vps.say(engine.Status{})
	f := start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps})
	watching(t, f)
	if err := f.Do(t.Context(), engine.Pin, "b.example@vps", "a.example@nas", "c.example@vps",
		"b.example@vps"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetLimits(t.Context(), engine.Limits{Down: 4, Machine: "nas"}); err != nil {
		t.Fatal(err)
	}
	if got := nas.all(); !slices.Equal(got, []string{"pin a.example", "limits {Label: Down:4 Up:0 Machine:}"}) {
		t.Errorf("nas was asked for %q", got)
	}
	if got := vps.all(); !slices.Equal(got, []string{"pin b.example c.example"}) {
		t.Errorf("vps was asked for %q", got)
	}
	for _, machine := range []string{"", "other"} {
		err := f.SetLimits(t.Context(), engine.Limits{Machine: machine})
		if engine.KindOf(err) != engine.Invalid || !strings.Contains(engine.Message(err), "nas, vps") {
			t.Errorf("on the machine %q: %v", machine, err)
		}
	}
}

// Each machine fails for its own sites, by their Refs and in the order that was asked for.
func TestFailuresAreMerged(t *testing.T) {
	refuse := func(host string) error {
		return &engine.Error{Op: "x", Host: host, Kind: engine.Conflict, Msg: "not " + host}
	}
	nas, vps, web := &script{}, &script{}, &script{}
	nas.fail = func(host string) error {
		if host == "a.example" {
			return refuse(host)
		}
		return nil
	}
	vps.fail = func(string) error {
		return &engine.Error{Op: "x", Kind: engine.Refused, Msg: "nothing is changed on vps"}
	}
	for _, s := range []*script{nas, vps, web} {
		s.say(engine.Status{})
	}
	f := start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps},
		fleet.Member{Name: "web", Engine: web})
	watching(t, f)
	err := f.Do(t.Context(), engine.Pin, "a.example@vps", "a.example@web", "a.example@nas", "b.example@nas",
		"b.example@vps")
	var some *engine.Failures
	if !errors.As(err, &some) || some.Asked != 5 {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, e := range some.Each {
		got = append(got, e.Host+": "+e.Msg)
	}
	want := []string{
		"a.example@vps: nothing is changed on vps", "a.example@nas: not a.example",
		"b.example@vps: nothing is changed on vps",
	}
	if !slices.Equal(got, want) {
		t.Errorf("failures %q, want %q", got, want)
	}
	if engine.FailureForHost(err, "a.example@web") != nil || engine.FailureForHost(err, "a.example@nas") == nil {
		t.Error("the failures are not those of their Refs")
	}
	err = f.Do(t.Context(), engine.Pin, "a.example@nas")
	var one *engine.Error
	if !errors.As(err, &one) || one.Host != "a.example@nas" || one.Kind != engine.Conflict {
		t.Errorf("of one site: %v", err)
	}
}

// Two engines that play have all that a fleet asks for, each by its own Ref.
func TestVerbsOfTwo(t *testing.T) {
	nas, vps := fake.New(fake.Options{}), fake.New(fake.Options{})
	defer nas.Close()
	defer vps.Close()
	f := start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps})
	ctx := t.Context()
	var added []string
	for _, machine := range []string{"nas", "vps"} {
		s, err := f.Add(ctx, engine.AddRequest{Address: "docs.example", Machine: machine})
		if err != nil {
			t.Fatal(err)
		}
		added = append(added, s.Ref())
	}
	if !slices.Equal(added, []string{"docs.example@nas", "docs.example@vps"}) {
		t.Fatalf("added %q", added)
	}
	if _, err := f.Add(ctx, engine.AddRequest{Address: "docs.example"}); engine.KindOf(err) != engine.Invalid {
		t.Errorf("added to no machine: %v", err)
	}
	d, err := f.Detail(ctx, "docs.example@vps")
	if err != nil || d.Site.Ref() != "docs.example@vps" || len(d.Log) == 0 || d.Log[0].Host != "docs.example@vps" {
		t.Errorf("detail %+v, %v", d, err)
	}
	if err := f.Assign(ctx, engine.Assignment{Label: []string{"x"}}, "docs.example@nas"); err != nil {
		t.Error(err)
	}
	if err := f.Do(ctx, engine.Evict, "docs.example@vps"); err != nil {
		t.Error(err)
	}
	s := enginetest.Receive(t, watching(t, f), "a snapshot")
	if refs(s) != "docs.example@nas" || !slices.Equal(s.Sites[0].Labels, []string{"x"}) || s.Status.Bin.Sites != 1 {
		t.Errorf("sites %+v, bin %+v", s.Sites, s.Status.Bin)
	}
	binned, err := f.Bin(ctx)
	if err != nil || len(binned) != 1 || binned[0].Ref() != "docs.example@vps" {
		t.Errorf("the bin: %+v, %v", binned, err)
	}
	for _, err := range []error{
		f.Switch(ctx, "none.example@nas", ""), f.Export(ctx, "none.example@nas", engine.ExportRequest{Dir: t.TempDir()}),
		f.Do(ctx, engine.Pin, "none.example@nas"),
	} {
		var known *engine.Error
		if !errors.As(err, &known) || known.Host != "none.example@nas" || known.Kind != engine.NotFound {
			t.Errorf("of a site that is not there: %v", err)
		}
	}
}

func TestKeepOpenEnds(t *testing.T) {
	nas, vps := fake.New(fake.Options{}), fake.New(fake.Options{})
	defer nas.Close()
	defer vps.Close()
	f := start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.KeepOpen(ctx, "a.example@nas", "b.example@vps") }()
	cancel()
	if err := enginetest.Receive(t, done, "the end of KeepOpen"); err != nil {
		t.Error(err)
	}
}

func BenchmarkMerge(b *testing.B) {
	var members []fleet.Member
	var all []*script
	for i := range 3 {
		s := &script{}
		all = append(all, s)
		members = append(members, fleet.Member{Name: fmt.Sprint("m", i), Engine: s})
	}
	hosts := make([]string, 1000)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("site%04d.example", i)
	}
	for _, s := range all {
		s.say(engine.Status{}, hosts...)
	}
	f := fleet.New(members)
	defer f.Close()
	ch, err := f.Watch(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	<-ch
	b.ReportAllocs()
	for b.Loop() {
		all[0].hub.Record(engine.Event{})
		all[0].say(engine.Status{}, hosts...)
		<-ch
	}
}
