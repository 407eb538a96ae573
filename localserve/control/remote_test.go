package control_test

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

// dialPipe returns a connection to the socket at path through Pipe, as ssh makes one.
func dialPipe(t testing.TB, path string) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer far.Close()
		_ = control.Pipe(ctx, path, far, far) // Why it ended is seen at the other end.
	}()
	t.Cleanup(func() { cancel(); near.Close(); enginetest.Receive(t, done, "Pipe to return") })
	if err := control.AwaitGreeting(near); err != nil {
		t.Fatal(err)
	}
	return near
}

func dialOver(t testing.TB, conn net.Conn) *control.Client {
	t.Helper()
	c, err := control.DialOver(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestConformanceOverPipe(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	fetchable := strings.Repeat("a1", 20)
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL})
		t.Cleanup(func() { eng.Close() })
		enginetest.StepWhileFetching(t, eng, fetchable)
		path, _ := serve(t, eng)
		return enginetest.Harness{
			Engine:    dialOver(t, dialPipe(t, path)),
			Fetchable: fetchable,
			Unseeded:  strings.Repeat("b2", 20),
			CacheTTL:  cacheTTL,
			Advance:   eng.Step,
			Stop:      func() { eng.Close() },
		}
	})
}

// TestConnectionLoss promises that requests fail when a remote connection is lost, and are not repeated.
func TestConnectionLoss(t *testing.T) {
	eng := fake.New(fake.Options{})
	defer eng.Close()
	path, _ := serve(t, eng)
	conn := dialPipe(t, path)
	c := dialOver(t, conn)
	ch, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Receive(t, ch, "the first snapshot")
	conn.Close()
	enginetest.AwaitClose(t, ch, "the watch over a line that broke")
	if err := c.Do(t.Context(), engine.Pin, "a.b"); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
}

// TestAwaitGreeting promises that the output of a login shell is skipped.
func TestAwaitGreeting(t *testing.T) {
	r := strings.NewReader("Welcome!\nwtptui contro\n\n" + control.Greeting + "rest")
	if err := control.AwaitGreeting(r); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "rest" {
		t.Errorf("after it comes %q", rest)
	}
	for _, text := range []string{"", "no\n", strings.Repeat("x", 1<<20)} {
		if err := control.AwaitGreeting(strings.NewReader(text)); err == nil {
			t.Errorf("%.10q was taken for the greeting", text)
		}
	}
}

func TestPipeWithoutEngine(t *testing.T) {
	var out strings.Builder
	err := control.Pipe(t.Context(), socketPath(t), strings.NewReader(""), &out)
	if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), "wtptui serve") ||
		out.Len() > 0 {
		t.Errorf("got %v, and wrote %q", err, out.String())
	}
}

// TestDetailIsCachedOverPipe promises that a remote client returns a large Detail again while it would exceed its
// rate, but not after a change.
func TestDetailIsCachedOverPipe(t *testing.T) {
	if testing.Short() {
		t.Skip("megabytes of text: skipped by -short")
	}
	var calls atomic.Int32
	eng := &script{
		detail: func(host string) (engine.Detail, error) {
			d := engine.Detail{Name: host}
			for range 20_000 { // Nothing that compresses: minutes' worth of a narrow line.
				d.Files = append(d.Files, engine.File{Path: rand.Text() + rand.Text(), Size: 1})
			}
			calls.Add(1)
			return d, nil
		},
		do: func(engine.Verb, string) error { return nil },
	}
	path, _ := serve(t, eng)
	c := dialOver(t, dialPipe(t, path))
	steps := []struct {
		host string
		want int32
	}{{"a.example", 1}, {"a.example", 1}, {"b.example", 2}, {"b.example", 2}, {"a.example", 3}}
	for i, step := range steps {
		d, err := c.Detail(t.Context(), step.host)
		if err != nil || d.Name != step.host || calls.Load() != step.want {
			t.Errorf("step %d: %q, %v, asked %d times, want %d", i, d.Name, err, calls.Load(), step.want)
		}
	}
	if err := c.Do(t.Context(), engine.Pin, "a.example"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Detail(t.Context(), "a.example"); err != nil || calls.Load() != 4 {
		t.Errorf("after a verb: %v, asked %d times, want 4", err, calls.Load())
	}
}
