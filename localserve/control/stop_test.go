package control_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/control"
)

// serveStopHandler serves an engine whose program has a StopHandler.
func serveStopHandler(t *testing.T, stop control.StopHandler) (path string) {
	t.Helper()
	return serveProgram(t, control.Program{StopHandler: stop})
}

// serveProgram serves an engine with a Program.
func serveProgram(t *testing.T, program control.Program) (path string) {
	t.Helper()
	path = socketPath(t)
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.ServeProgram(ctx, ln, &script{}, slog.New(slog.DiscardHandler), program) }()
	t.Cleanup(func() {
		cancel()
		if err := enginetest.Receive(t, done, "ServeProgram to return"); err != nil {
			t.Error(err)
		}
	})
	return path
}

func TestStop(t *testing.T) {
	t.Parallel()
	answers := make(chan error, 1)
	path := serveStopHandler(t, control.StopHandler{
		AsksPerson: true, Stop: func(context.Context) error { return <-answers },
	})
	c := dial(t, path)
	if !c.AsksBeforeStop() {
		t.Error("the client does not know that a person is asked")
	}
	answers <- &engine.Error{Op: "stop", Kind: engine.Refused, Msg: "it goes on"}
	if err := c.Stop(t.Context()); engine.KindOf(err) != engine.Refused || engine.Message(err) != "it goes on" {
		t.Errorf("refused: %v", err)
	}
	answers <- nil
	if err := c.Stop(t.Context()); err != nil {
		t.Errorf("granted: %v", err)
	}
}

// TestStopEndsWithItsContext promises that the StopHandler's context ends when the client goes away.
func TestStopEndsWithItsContext(t *testing.T) {
	t.Parallel()
	asked, ended := make(chan struct{}), make(chan error, 1)
	path := serveStopHandler(t, control.StopHandler{Stop: func(ctx context.Context) error {
		close(asked)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}})
	c := dial(t, path)
	if c.AsksBeforeStop() {
		t.Error("a person would be asked")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		<-asked
		cancel()
	}()
	if err := c.Stop(ctx); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("cancelled: %v", err)
	}
	if enginetest.Receive(t, ended, "the end of the question") == nil {
		t.Error("the question has no end")
	}
}

func TestStopWithoutHandler(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, &script{})
	if err := dial(t, path).Stop(t.Context()); engine.KindOf(err) != engine.Refused {
		t.Errorf("%v", err)
	}
}
