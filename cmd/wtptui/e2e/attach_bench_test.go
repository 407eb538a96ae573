package e2e_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

// BenchmarkLs measures `wtptui ls` with 1,000 sites, from the start of the process to its end.
func BenchmarkLs(b *testing.B) {
	w := peers.NewWtptui(b, binaryPath(b))
	eng := fake.New(fake.Options{Scripts: fake.ManySites(1000)})
	defer eng.Close()
	ln, err := control.Listen(filepath.Join(w.DataDir, "control.sock"))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, ln, eng, slog.New(slog.DiscardHandler)) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}()
	for b.Loop() {
		if out := w.Run(b, "ls"); len(out) < 1000*100 {
			b.Fatalf("%d bytes", len(out))
		}
	}
}
