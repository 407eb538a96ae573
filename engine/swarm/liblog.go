package swarm

import (
	"context"
	"log/slog"
)

// libraryLog takes the library's log. It talks a lot, and calls many things errors that are daily life among strangers
// (a peer that lies, a connection that breaks): what it says is lowered by one level, and left out below that.
type libraryLog struct{ slog.Handler }

const levelStep = slog.LevelWarn - slog.LevelInfo

// Enabled implements slog.Handler.
func (l libraryLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level-levelStep)
}

// Handle implements slog.Handler.
func (l libraryLog) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	r.Level -= levelStep
	return l.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (l libraryLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return libraryLog{l.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (l libraryLog) WithGroup(name string) slog.Handler { return libraryLog{l.Handler.WithGroup(name)} }
