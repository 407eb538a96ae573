package sites

import (
	"fmt"
	"log/slog"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// record tells watchers, the site's log and the program's log what happened. s may be nil. mu must be held.
func (e *Engine) record(s *site, level engine.Level, kind engine.EventKind, text string) {
	ev := engine.Event{At: engine.At(e.cfg.Clock.Now()), Level: level, Kind: kind, Text: text}
	if s != nil {
		ev.Host = s.row.Host
	}
	ev = e.hub.Record(ev)
	if s != nil {
		s.log = remember(s.log, ev, keptEvents)
	}
	e.changed = true
	e.cfg.Logger.Log(e.ctx, logLevels[level], "sites: "+string(kind), "host", ev.Host, "text", text)
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
