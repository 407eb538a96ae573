package watch_test

import (
	"context"
	"fmt"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// A watcher that is slow skips snapshots, and gets the events of all of them with the next one.
func ExampleHub() {
	var hub watch.Hub
	snapshots, err := hub.Watch(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, kind := range []engine.EventKind{engine.Added, engine.Resolved, engine.Completed} {
		hub.Record(engine.Event{Kind: kind, Host: "docs.example"})
		hub.Publish(engine.Snapshot{})
	}
	hub.Close()
	for s := range snapshots {
		fmt.Println("snapshot", s.Seq)
		for _, e := range s.Events {
			fmt.Println("event", e.Seq, e.Kind)
		}
	}
	// Output:
	// snapshot 3
	// event 1 added
	// event 2 resolved
	// event 3 completed
}
