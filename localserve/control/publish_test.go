package control_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

// TestPublishWritesOneHeader promises that the reply to a publication, which has many lines, writes its header once.
func TestPublishWritesOneHeader(t *testing.T) {
	eng := fake.New(fake.Options{})
	t.Cleanup(func() { eng.Close() })
	path := socketPath(t)
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer // slog's handlers write one record at a time; it is read once the server has ended
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- control.Serve(ctx, ln, eng, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	}()
	if _, err := dial(t, path).Publish(t.Context(), engine.PublishRequest{Dir: "/home/me/plain"}, nil); err != nil {
		t.Error(err)
	}
	cancel()
	if err := enginetest.Receive(t, done, "Serve to return"); err != nil {
		t.Error(err)
	}
	if strings.Contains(log.String(), "WriteHeader") {
		t.Error(log.String())
	}
}
