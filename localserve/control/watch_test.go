package control_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestWatchSendsStateThenChanges(t *testing.T) {
	eng := &script{}
	eng.hub.Record(engine.Event{Kind: engine.Added, Host: "a.b"})
	eng.hub.Publish(engine.Snapshot{Sites: []engine.Site{{Host: "a.b"}}})
	path, _ := serve(t, eng)
	ch, err := dial(t, path).Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := enginetest.Receive(t, ch, "the first snapshot")
	if first.Seq != 1 || len(first.Sites) != 1 || len(first.Events) != 1 || first.Events[0].Seq != 1 {
		t.Errorf("first snapshot %+v", first)
	}
	eng.hub.Publish(engine.Snapshot{Sites: []engine.Site{{Host: "a.b"}, {Host: "c.d"}}})
	second := enginetest.Receive(t, ch, "the second snapshot")
	if second.Seq != 2 || len(second.Sites) != 2 || len(second.Events) != 0 {
		t.Errorf("second snapshot %+v", second)
	}
}

func TestWatchEnds(t *testing.T) {
	t.Run("with its context", func(t *testing.T) {
		eng := &script{}
		path, _ := serve(t, eng)
		ctx, cancel := context.WithCancel(t.Context())
		ch, err := dial(t, path).Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		enginetest.AwaitClose(t, ch, "the channel")
	})
	t.Run("with the engine", func(t *testing.T) {
		eng := &script{}
		path, _ := serve(t, eng)
		c := dial(t, path)
		ch, err := c.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		eng.hub.Close()
		enginetest.AwaitClose(t, ch, "the channel")
		if _, err := c.Watch(t.Context()); engine.KindOf(err) != engine.Unavailable {
			t.Errorf("Watch of a closed engine: %v, want Unavailable", err)
		}
	})
	t.Run("with the client", func(t *testing.T) {
		eng := &script{}
		path, _ := serve(t, eng)
		c := dial(t, path)
		ch, err := c.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		enginetest.AwaitClose(t, ch, "the channel")
	})
}

// TestSlowWatcherSkipsSnapshots publishes far more than socket buffers hold before it reads anything. The engine does
// not block, and the watch has the newest state and all events that are kept.
func TestSlowWatcherSkipsSnapshots(t *testing.T) {
	eng := &script{}
	eng.hub.Publish(engine.Snapshot{})
	path, _ := serve(t, eng)
	ch, err := dial(t, path).Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const n = 200
	sites := []engine.Site{{Host: "a.b", Title: strings.Repeat("x", 64<<10)}}
	for i := range n {
		eng.hub.Record(engine.Event{Kind: engine.Noticed, Text: fmt.Sprint(i + 1)})
		eng.hub.Publish(engine.Snapshot{Sites: sites})
	}
	var seen uint64
	for seen < n {
		select {
		case s, open := <-ch:
			if !open {
				t.Fatalf("closed after event %d", seen)
			}
			for _, e := range s.Events {
				if e.Seq != seen+1 {
					t.Fatalf("event %d follows event %d", e.Seq, seen)
				}
				seen = e.Seq
			}
		case <-time.After(time.Minute):
			t.Fatalf("the newest snapshot did not come; last event %d", seen)
		}
	}
}
