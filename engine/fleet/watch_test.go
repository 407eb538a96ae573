package fleet_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/engine/fleet"
)

// TestOneIsLostAndComesBack: the sites of a lost machine stay and are marked; other machines are not affected.
func TestOneIsLostAndComesBack(t *testing.T) {
	nas, vps := &script{}, &script{}
	nas.say(engine.Status{Online: true, DownRate: 3}, "a.example")
	vps.say(engine.Status{Online: true, DownRate: 4}, "a.example")
	f := start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps})
	ch := watching(t, f)
	until(t, ch, "both", func(s engine.Snapshot) bool { return s.Status.DownRate == 7 })

	nas.say(engine.Status{Away: "no route to it"}, "a.example")
	s := until(t, ch, "the loss", func(s engine.Snapshot) bool { return s.Status.Machines[0].Away != "" })
	if refs(s) != "a.example@nas a.example@vps" || !s.Sites[0].Away || s.Sites[1].Away || s.Sites[0].DownRate != 0 ||
		s.Sites[1].DownRate != 3 {
		t.Errorf("meanwhile: %+v", s.Sites)
	}
	if s.Status.DownRate != 4 || !s.Status.Online || !slices.Equal(s.Status.Warnings,
		[]string{"nas is away: no route to it"}) {
		t.Errorf("meanwhile: %+v", s.Status)
	}
	err := f.Do(t.Context(), engine.Pin, "a.example@nas", "a.example@vps")
	one := engine.FailureForHost(err, "a.example@nas")
	if engine.KindOf(one) != engine.Unavailable || !strings.Contains(engine.Message(one), "nas is away") ||
		engine.FailureForHost(err, "a.example@vps") != nil {
		t.Errorf("a verb meanwhile: %v", err)
	}
	if got := append(nas.all(), vps.all()...); !slices.Equal(got, []string{"pin a.example"}) {
		t.Errorf("asked for %q", got)
	}

	nas.say(engine.Status{DownRate: 5}, "a.example", "b.example")
	s = until(t, ch, "the return", func(s engine.Snapshot) bool { return s.Status.Machines[0].Away == "" })
	if refs(s) != "a.example@nas a.example@vps b.example@nas" || s.Sites[0].Away || s.Status.DownRate != 9 ||
		len(s.Status.Warnings) != 0 {
		t.Errorf("afterwards: %+v", s)
	}
	if err := f.Do(t.Context(), engine.Pin, "a.example@nas"); err != nil {
		t.Errorf("a verb afterwards: %v", err)
	}
}

// An engine that ends its watch is away, and is watched again.
func TestAnEngineThatEnds(t *testing.T) {
	nas, vps := &script{}, fake.New(fake.Options{})
	nas.say(engine.Status{})
	ch := watching(t, start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps}))
	vps.Close()
	s := until(t, ch, "the end", func(s engine.Snapshot) bool { return s.Status.Machines[1].Away != "" })
	if s.Status.Machines[0].Away != "" || !strings.Contains(s.Status.Machines[1].Away, "stopped") {
		t.Errorf("machines %+v", s.Status.Machines)
	}
}

// TestOneIsLate: a machine without a snapshot does not delay the first snapshot for long, and its old events are not
// published when it connects.
func TestOneIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nas, vps := &script{}, &script{}
		nas.hub.Record(engine.Event{Text: "old", At: engine.At(time.Now().Add(-time.Hour))})
		nas.say(engine.Status{})
		f := fleet.New([]fleet.Member{{Name: "nas", Engine: nas}, {Name: "vps", Engine: vps}})
		defer f.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		begun := time.Now()
		ch, err := f.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s := <-ch
		if waited := time.Since(begun); waited != time.Second {
			t.Errorf("the first snapshot came after %s", waited)
		}
		if s.Status.Machines[0].Away != "" || !strings.Contains(s.Status.Machines[1].Away, "not answered") ||
			len(s.Events) != 1 {
			t.Errorf("at first: %+v", s)
		}
		vps.hub.Record(engine.Event{Text: "old", At: engine.At(time.Now().Add(-time.Hour))})
		vps.hub.Record(engine.Event{Text: "new", At: engine.At(time.Now())})
		vps.say(engine.Status{})
		s = <-ch
		if len(s.Events) != 1 || s.Events[0].Text != "vps: new" || s.Events[0].Seq != 2 || s.Status.Machines[1].Away != "" {
			t.Errorf("then: %+v", s)
		}
	})
}

// Events of all machines have one count without gaps, come at once, and name their machines.
func TestEvents(t *testing.T) {
	nas, vps := &script{}, &script{}
	nas.say(engine.Status{}, "a.example")
	vps.say(engine.Status{}, "a.example")
	ch := watching(t, start(t, fleet.Member{Name: "nas", Engine: nas}, fleet.Member{Name: "vps", Engine: vps}))
	const each = 100
	go func() {
		for range each {
			nas.hub.Record(engine.Event{Host: "a.example", Kind: engine.Pinned})
			nas.say(engine.Status{}, "a.example")
			vps.hub.Record(engine.Event{Host: "a.example", Kind: engine.Pinned})
			vps.say(engine.Status{}, "a.example")
		}
	}()
	count := map[string]int{}
	var seq uint64
	until(t, ch, "all events", func(s engine.Snapshot) bool {
		for _, ev := range s.Events {
			if ev.Seq != seq+1 {
				t.Errorf("event %d after %d", ev.Seq, seq)
			}
			seq = ev.Seq
			count[ev.Host]++
		}
		return count["a.example@nas"] == each && count["a.example@vps"] == each
	})
}

// Without an event there are four snapshots a second, however much the machines say.
func TestSnapshotsKeepTheirPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nas := &script{}
		nas.say(engine.Status{})
		f := fleet.New([]fleet.Member{{Name: "nas", Engine: nas}})
		defer f.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ch, err := f.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		<-ch
		seen := 0
		for i := range 100 {
			nas.say(engine.Status{DownRate: int64(i)})
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			select {
			case <-ch:
				seen++
			default:
			}
		}
		if seen != 4 {
			t.Errorf("%d snapshots in a second, want 4", seen)
		}
	})
}

func TestClose(t *testing.T) {
	nas := &script{}
	nas.say(engine.Status{})
	f := fleet.New([]fleet.Member{{Name: "nas", Engine: nas}})
	ch := watching(t, f)
	f.Close()
	enginetest.AwaitClose(t, ch, "the watch of a closed fleet")
	if _, err := f.Watch(t.Context()); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("after Close: %v", err)
	}
}
