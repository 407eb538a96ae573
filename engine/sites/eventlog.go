package sites

import (
	"context"
	"fmt"
	"log/slog"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/engine/watch"
)

// eventLog passes events to the watchers, the sites' logs and the program's log.
type eventLog struct {
	hub   *watch.Hub
	clock Clock
	log   *slog.Logger
	// changed reports whether something that is shown has changed since the last snapshot.
	changed bool
	// collected are the events recorded while collecting is true: they must not be published before something is on the
	// disk; see collect.
	collecting bool
	collected  []event
}

// event is a notable event and its site, which may be nil.
type event struct {
	engine.Event

	site *site
}

// record records an event, with the time of now.
func (n *eventLog) record(s *site, level engine.Level, kind engine.EventKind, text string) {
	ev := event{engine.Event{At: engine.At(n.clock.Now()), Level: level, Kind: kind, Text: text}, s}
	if s != nil {
		ev.Host = s.row.Host
	}
	if n.collecting {
		n.collected = append(n.collected, ev)
		return
	}
	n.emit(ev)
}

// collect runs do and returns the events that it records, without publishing them.
func (n *eventLog) collect(do func()) []event {
	n.collecting = true
	do()
	n.collecting = false
	held := n.collected
	n.collected = nil
	return held
}

func (n *eventLog) emit(events ...event) {
	for _, ev := range events {
		told := n.hub.Record(ev.Event)
		if ev.site != nil {
			ev.site.log = appendBounded(ev.site.log, told, keptEvents)
		}
		n.log.Log(context.Background(), logLevels[ev.Level], "sites: "+string(ev.Kind), "host", ev.Host, "text", ev.Text)
	}
	n.changed = n.changed || len(events) > 0
}

var logLevels = map[engine.Level]slog.Level{
	engine.Info:    slog.LevelInfo,
	engine.Warning: slog.LevelWarn,
	engine.Problem: slog.LevelError,
}

func describeInfo(info *swarm.Info) string {
	return fmt.Sprintf("%s, %s", countFiles(len(info.Files)), engine.Bytes(info.Size))
}

func countFiles(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}
