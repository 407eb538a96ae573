package watch

import (
	"context"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func record(h *Hub, text string) { h.Record(engine.Event{Text: text}) }

func eventTexts(s engine.Snapshot) (out []string) {
	for _, e := range s.Events {
		out = append(out, e.Text)
	}
	return out
}

func receive(t *testing.T, ch <-chan engine.Snapshot) engine.Snapshot {
	t.Helper()
	return enginetest.Receive(t, ch, "the next snapshot")
}

func wantEvents(t *testing.T, s engine.Snapshot, want ...string) {
	t.Helper()
	got := eventTexts(s)
	if len(got) != len(want) {
		t.Fatalf("events %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("events %q, want %q", got, want)
		}
	}
}

func TestSlowWatcherGetsLastSnapshotAndAllEvents(t *testing.T) {
	var h Hub
	defer h.Close()
	record(&h, "before")
	h.Publish(engine.Snapshot{})
	ch, err := h.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantEvents(t, receive(t, ch), "before")
	record(&h, "one")
	h.Publish(engine.Snapshot{})
	record(&h, "two")
	h.Publish(engine.Snapshot{})
	s := receive(t, ch)
	wantEvents(t, s, "one", "two")
	if s.Seq != 3 {
		t.Fatalf("snapshot %d, want the newest, 3", s.Seq)
	}
	h.Publish(engine.Snapshot{})
	wantEvents(t, receive(t, ch))
}

func TestDroppedEventsLeaveAGap(t *testing.T) {
	var h Hub
	defer h.Close()
	ch, err := h.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range MaxRecentEvents + 10 {
		record(&h, "x")
	}
	h.Publish(engine.Snapshot{})
	s := receive(t, ch)
	if len(s.Events) != MaxRecentEvents || s.Events[0].Seq != 11 {
		t.Fatalf("%d events from %d", len(s.Events), s.Events[0].Seq)
	}
}

func TestChannelsAreClosed(t *testing.T) {
	var h Hub
	ctx, cancel := context.WithCancel(t.Context())
	first, err := h.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if enginetest.AwaitClose(t, first, "the channel of a cancelled watcher") > 0 {
		t.Fatal("a cancelled watcher got a snapshot")
	}
	if n := h.WatcherCount(); n != 1 {
		t.Fatalf("%d watchers, want 1", n)
	}
	h.Close()
	if enginetest.AwaitClose(t, second, "the channel of a closed hub") > 0 {
		t.Fatal("a closed hub gave a snapshot")
	}
	if _, err := h.Watch(t.Context()); engine.KindOf(err) != engine.Unavailable {
		t.Fatalf("a closed hub lets watch: %v", err)
	}
	h.Publish(engine.Snapshot{})
}

func BenchmarkPublishToTen(b *testing.B) {
	var h Hub
	defer h.Close()
	for range 10 {
		if _, err := h.Watch(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	s := engine.Snapshot{Sites: make([]engine.Site, 1000)}
	b.ReportAllocs()
	for b.Loop() {
		h.Publish(s)
	}
}
