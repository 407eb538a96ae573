package sites

import (
	"context"
	"fmt"
	"log/slog"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/engine/watch"
)

// news tells watchers, the sites' logs and the program's log what happens.
type news struct {
	hub   *watch.Hub
	clock Clock
	log   *slog.Logger
	// changed says that something that is shown has changed since the last snapshot.
	changed bool
	// held are events that are not to be told before something is on the disk; see hold.
	holding bool
	held    []event
}

// event is a notable event and the site that it is about; nil for none.
type event struct {
	engine.Event

	site *site
}

// record tells what happened.
func (n *news) record(s *site, level engine.Level, kind engine.EventKind, text string) {
	ev := event{engine.Event{At: engine.At(n.clock.Now()), Level: level, Kind: kind, Text: text}, s}
	if s != nil {
		ev.Host = s.row.Host
	}
	if n.holding {
		n.held = append(n.held, ev)
		return
	}
	n.tell(ev)
}

// hold gives what do records, without telling it yet.
func (n *news) hold(do func()) []event {
	n.holding = true
	do()
	n.holding = false
	held := n.held
	n.held = nil
	return held
}

func (n *news) tell(events ...event) {
	for _, ev := range events {
		told := n.hub.Record(ev.Event)
		if ev.site != nil {
			ev.site.log = remember(ev.site.log, told, keptEvents)
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
