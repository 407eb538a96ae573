package control_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

func attach(t testing.TB, path string, onStatus func(*engine.Status)) *control.Attachment {
	t.Helper()
	a, err := control.Attach(t.Context(), control.AttachConfig{
		Dial:       func(ctx context.Context) (*control.Client, error) { return control.Dial(ctx, path) },
		OnStatus:   onStatus,
		MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// awaitSnapshot reads snapshots until ok returns true for one.
func awaitSnapshot(
	t testing.TB, ch <-chan engine.Snapshot, what string, ok func(engine.Snapshot) bool,
) engine.Snapshot {
	t.Helper()
	for limit := time.After(2 * time.Minute); ; {
		select {
		case s, open := <-ch:
			if !open {
				t.Fatalf("the channel was closed before %s", what)
			}
			if ok(s) {
				return s
			}
		case <-limit:
			t.Fatalf("no snapshot shows %s", what)
		}
	}
}

func isReconnecting(s engine.Snapshot) bool {
	return len(s.Status.Warnings) > 0 && strings.HasPrefix(s.Status.Warnings[0], "reconnecting: ")
}

func TestAttachmentConformance(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	fetchable := strings.Repeat("a1", 20)
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL})
		t.Cleanup(func() { eng.Close() })
		enginetest.StepWhileFetching(t, eng, fetchable)
		path, _ := serve(t, eng)
		a := attach(t, path, nil)
		return enginetest.Harness{
			Engine:    a,
			Fetchable: fetchable,
			Unseeded:  strings.Repeat("b2", 20),
			CacheTTL:  cacheTTL,
			Advance:   eng.Step,
			// Watches end only with the attachment, not with the engine.
			Stop: func() { eng.Close(); a.Close() },
		}
	})
}

// newScriptedEngine returns an engine with one site and one event that started at a Unix time in seconds.
func newScriptedEngine(t *testing.T, second int64, host string) *script {
	t.Helper()
	eng := &script{do: func(engine.Verb, string) error { return nil }}
	eng.hub.Record(engine.Event{Kind: engine.Added, Host: host, Text: host})
	eng.hub.Publish(engine.Snapshot{Sites: []engine.Site{{Host: host}}, Status: newStatus(second)})
	return eng
}

func newStatus(second int64) engine.Status {
	return engine.Status{Online: true, UpRate: 5, StartedAt: engine.At(time.Unix(second, 0)), Warnings: []string{"own"}}
}

// TestAttachmentReconnects promises that a watch continues when another engine replaces the first: meanwhile it has
// the last snapshot, and it has each event once.
func TestAttachmentReconnects(t *testing.T) {
	first := newScriptedEngine(t, 1, "a.example")
	path, stop := serve(t, first)
	a := attach(t, path, nil)
	ch, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var events []engine.Event
	var last uint64
	awaitNext := func(what string, ok func(engine.Snapshot) bool) engine.Snapshot {
		return awaitSnapshot(t, ch, what, func(s engine.Snapshot) bool {
			if s.Seq <= last {
				t.Errorf("snapshot %d after %d", s.Seq, last)
			}
			last = s.Seq
			events = append(events, s.Events...)
			return ok(s)
		})
	}
	awaitNext("the site", func(s engine.Snapshot) bool { return len(s.Sites) == 1 })
	stop()
	s := awaitNext("the loss of the engine", isReconnecting)
	if len(s.Sites) != 1 || s.Status.Online || s.Status.UpRate != 0 || len(s.Status.Warnings) != 2 ||
		s.Status.Warnings[1] != "own" {
		t.Errorf("meanwhile: %+v", s)
	}
	awaitNext("how to start an engine", func(s engine.Snapshot) bool {
		return isReconnecting(s) && strings.Contains(s.Status.Warnings[0], "wtptui serve")
	})
	err = a.Do(t.Context(), engine.Pin, "a.example")
	if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), "trying again") {
		t.Errorf("a verb meanwhile: %v", err)
	}

	second := newScriptedEngine(t, 2, "b.example")
	serveAt(t, path, second)
	s = awaitNext("the second engine", func(s engine.Snapshot) bool { return !isReconnecting(s) })
	if len(s.Sites) != 1 || s.Sites[0].Host != "b.example" || !s.Status.Online {
		t.Errorf("afterwards: %+v", s)
	}
	if err := a.Do(t.Context(), engine.Pin, "b.example"); err != nil {
		t.Errorf("a verb afterwards: %v", err)
	}
	second.hub.Record(engine.Event{Text: "more"})
	second.hub.Publish(engine.Snapshot{Status: newStatus(2)})
	awaitNext("what the second engine publishes", func(s engine.Snapshot) bool { return len(s.Sites) == 0 })
	var texts []string
	for i, e := range events {
		texts = append(texts, e.Text)
		if e.Seq != uint64(i)+1 {
			t.Errorf("event %d has the number %d", i+1, e.Seq)
		}
	}
	if got := strings.Join(texts, " "); got != "a.example b.example more" {
		t.Errorf("events %q", got)
	}
}

// TestAttachmentRepeatsNoEvent promises that reconnecting to the same engine repeats no event.
func TestAttachmentRepeatsNoEvent(t *testing.T) {
	eng := newScriptedEngine(t, 1, "a.example")
	path, stop := serve(t, eng)
	a := attach(t, path, nil)
	ch, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	awaitSnapshot(t, ch, "the event", func(s engine.Snapshot) bool { return len(s.Events) == 1 })
	stop()
	awaitSnapshot(t, ch, "the loss of the engine", isReconnecting)
	serveAt(t, path, eng)
	s := awaitSnapshot(t, ch, "the engine again", func(s engine.Snapshot) bool { return !isReconnecting(s) })
	if len(s.Events) != 0 {
		t.Errorf("told again: %+v", s.Events)
	}
}

// TestAttachmentReportsOtherVersion promises that a watch says what to upgrade if the new engine has another version.
func TestAttachmentReportsOtherVersion(t *testing.T) {
	path, stop := serve(t, newScriptedEngine(t, 1, "a.example"))
	a := attach(t, path, nil)
	ch, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	awaitSnapshot(t, ch, "the loss of the engine", isReconnecting)
	serveOtherVersion(t, path, control.Protocol+1)
	awaitSnapshot(t, ch, "what to upgrade", func(s engine.Snapshot) bool {
		return isReconnecting(s) && strings.Contains(s.Status.Warnings[0], "upgrade this one")
	})
}

func TestAttachmentCallsOnStatus(t *testing.T) {
	path, _ := serve(t, newScriptedEngine(t, 1, "a.example"))
	a := attach(t, path, func(s *engine.Status) { s.Warnings = append([]string{"seen"}, s.Warnings...) })
	ch, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := enginetest.Receive(t, ch, "the first snapshot")
	if len(s.Status.Warnings) != 2 || s.Status.Warnings[0] != "seen" {
		t.Errorf("warnings %q", s.Status.Warnings)
	}
	a.Close()
	enginetest.AwaitClose(t, ch, "the watch of a closed attachment")
	if _, err := a.Watch(t.Context()); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("after Close: %v", err)
	}
}
