package control_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// TestAttachOffline promises that Attach with AllowOffline succeeds without an engine, and that the snapshots say why
// there is none.
func TestAttachOffline(t *testing.T) {
	path := socketPath(t)
	cfg := control.AttachConfig{
		Dial:       func(ctx context.Context) (*control.Client, error) { return control.Dial(ctx, path) },
		MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	}
	if _, err := control.Attach(t.Context(), cfg); engine.KindOf(err) != engine.Unavailable {
		t.Fatalf("who is not patient: %v", err)
	}
	cfg.AllowOffline = true
	a, err := control.Attach(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	ch, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := awaitSnapshot(t, ch, "that nothing is there", isReconnecting)
	if !strings.Contains(s.Status.Away, "wtptui serve") {
		t.Errorf("away: %q", s.Status.Away)
	}
	serveAt(t, path, newScriptedEngine(t, 1, "a.example"))
	s = awaitSnapshot(t, ch, "the engine", func(s engine.Snapshot) bool { return !isReconnecting(s) })
	if len(s.Sites) != 1 || s.Status.Away != "" {
		t.Errorf("then: %+v", s)
	}
}
