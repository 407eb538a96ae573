package enginetest

import (
	"context"
	"testing"

	"wtptui/engine"
)

func firstSnapshotIsFullState(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	ch, err := h.Engine.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := Receive(t, ch, "the first snapshot")
	if _, ok := findSite(first, h.Unseeded); !ok {
		t.Fatalf("the first snapshot lacks the site: %+v", first)
	}
	if first.Seq == 0 || first.At.IsZero() {
		t.Fatalf("the first snapshot has no number or time: %+v", first)
	}
}

// watchSkipsStatesButNotEvents: a slow watcher gets the last state, and the events of all skipped ones.
func watchSkipsStatesButNotEvents(t *testing.T, h Harness) {
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	ch, err := h.Engine.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first := Receive(t, ch, "the first snapshot")
	add(t, h, h.Unseeded)
	for range 3 {
		do(t, h, engine.Pin, h.Unseeded)
		do(t, h, engine.Unpin, h.Unseeded)
	}
	var events []engine.Event
	last := first
	for count(events, engine.Unpinned) < 3 {
		s, ok := <-ch
		if !ok {
			t.Fatalf("the channel closed with the events %+v", events)
		}
		if s.Seq <= last.Seq {
			t.Fatalf("snapshot %d came after %d", s.Seq, last.Seq)
		}
		events, last = append(events, s.Events...), s
	}
	for i := 1; i < len(events); i++ {
		if events[i].Seq != events[i-1].Seq+1 {
			t.Fatalf("event %d follows %d", events[i].Seq, events[i-1].Seq)
		}
	}
	if n := count(events, engine.Pinned); n != 3 {
		t.Fatalf("%d pins were told, want 3: %+v", n, events)
	}
}

func count(events []engine.Event, kind engine.EventKind) (n int) {
	for _, e := range events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func watchEndsWithItsContext(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	ch, err := h.Engine.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	AwaitClose(t, ch, "the watcher's channel")
}

func watchEndsWithTheEngine(t *testing.T, h Harness) {
	ch, err := h.Engine.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.Stop()
	AwaitClose(t, ch, "the watcher's channel")
	_, err = h.Engine.Add(t.Context(), engine.AddRequest{Address: h.Unseeded})
	wantKind(t, err, engine.Unavailable)
}

// snapshotsAreIndependent: changing a received snapshot changes no other.
func snapshotsAreIndependent(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	s := waitForSnapshot(t, h, "the site", func(s engine.Snapshot) bool { _, ok := findSite(s, h.Unseeded); return ok })
	for i := range s.Events {
		s.Events[i].Text = "scribbled"
	}
	again := waitForSnapshot(t, h, "the site", func(s engine.Snapshot) bool {
		_, ok := findSite(s, h.Unseeded)
		return ok
	})
	for _, e := range again.Events {
		if e.Text == "scribbled" {
			t.Fatal("another watcher sees what one wrote into its events")
		}
	}
}
