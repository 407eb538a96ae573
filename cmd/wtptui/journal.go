package main

import (
	"context"
	"io"
	"log/slog"
	"os"
)

// journalHandler formats log lines for the journal of systemd. The journal takes the priority of a line from the number
// in front of it (sd-daemon(3)).
type journalHandler struct {
	// handlers are for the levels debug, info, warn and error. Each writes the number of its priority.
	handlers [4]slog.Handler
}

// journalPriorities are the priorities of syslog(3), in the order of journalHandler.handlers.
var journalPriorities = [...]string{"<7>", "<6>", "<4>", "<3>"}

func newJournalHandler(to io.Writer, format func(io.Writer) slog.Handler) *journalHandler {
	h := &journalHandler{}
	for i, priority := range journalPriorities {
		h.handlers[i] = format(prefixWriter{to, priority})
	}
	return h
}

// handler returns the handler for a level.
func (h *journalHandler) handler(level slog.Level) slog.Handler {
	switch {
	case level < slog.LevelInfo:
		return h.handlers[0]
	case level < slog.LevelWarn:
		return h.handlers[1]
	case level < slog.LevelError:
		return h.handlers[2]
	}
	return h.handlers[3]
}

// Enabled implements slog.Handler.
func (h *journalHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.handler(level).Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.handler(r.Level).Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.mapHandlers(func(f slog.Handler) slog.Handler { return f.WithAttrs(attrs) })
}

// WithGroup implements slog.Handler.
func (h *journalHandler) WithGroup(name string) slog.Handler {
	return h.mapHandlers(func(f slog.Handler) slog.Handler { return f.WithGroup(name) })
}

func (h *journalHandler) mapHandlers(with func(slog.Handler) slog.Handler) *journalHandler {
	changed := &journalHandler{}
	for i, f := range h.handlers {
		changed.handlers[i] = with(f)
	}
	return changed
}

// prefixWriter writes a prefix before each line. A slog.Handler writes one line at a time.
type prefixWriter struct {
	io.Writer
	prefix string
}

// Write implements io.Writer.
func (p prefixWriter) Write(line []byte) (int, error) {
	n, err := p.Writer.Write(append([]byte(p.prefix), line...))
	return max(0, n-len(p.prefix)), err
}

// isJournal reports whether a file is a stream to the journal, which systemd names in JOURNAL_STREAM (systemd.exec(5)).
func isJournal(f *os.File, getenv func(string) string) bool {
	stream := getenv("JOURNAL_STREAM")
	return stream != "" && deviceAndInode(f) == stream
}
