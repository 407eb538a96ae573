package control_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
)

// longHosts returns n hosts of the maximum length of a domain.
func longHosts(n int) []string {
	hosts := make([]string, n)
	for i := range hosts {
		label := strings.Repeat("x", 59)
		hosts[i] = fmt.Sprintf("%05d.%s.%s.%s.%s.example", i, label, label, label, label)
	}
	return hosts
}

// TestDoSendsOneRequest also promises that the errors of all hosts arrive unchanged, over the socket and over a pipe,
// and that an attachment adds none.
func TestDoSendsOneRequest(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1000
	}
	hosts := longHosts(n)
	want := &engine.Failures{Asked: len(hosts)}
	for i, host := range hosts {
		kind := engine.NotFound
		if i%2 == 1 {
			kind = engine.Conflict
		}
		want.Each = append(want.Each, &engine.Error{
			Op: "sites: pin", Host: host, Kind: kind,
			Msg: "there is no such site here: add it first",
		})
	}
	requests := 0
	path, _ := serve(t, &script{doAll: func(_ context.Context, _ engine.Verb, got []string) error {
		requests++
		if !slices.Equal(hosts, got) {
			t.Errorf("the engine was asked for %d other hosts", len(got))
		}
		return want
	}})
	for name, client := range map[string]engine.Engine{
		"socket": dial(t, path), "line": dialOver(t, dialPipe(t, path)), "attachment": attach(t, path, nil),
	} {
		requests = 0
		err := client.Do(t.Context(), engine.Pin, hosts...)
		var got *engine.Failures
		if !errors.As(err, &got) {
			t.Fatalf("%s: got %T %.200v, want failures", name, err, err)
		}
		same := func(a, b *engine.Error) bool { return *a == *b }
		if got.Asked != want.Asked || !slices.EqualFunc(want.Each, got.Each, same) {
			t.Errorf("%s: the %d failures have changed on the way, as %v", name, len(got.Each), got)
		}
		if requests != 1 {
			t.Errorf("%s: %d requests, want 1", name, requests)
		}
	}
}

// TestFailuresHaveCleanMessages promises that control characters are removed from the errors of each site.
func TestFailuresHaveCleanMessages(t *testing.T) {
	path, _ := serve(t, &script{do: func(_ engine.Verb, host string) error {
		if host == "a.example" {
			return nil
		}
		return &engine.Error{Op: "sites: pin", Host: host, Kind: engine.Damaged, Err: errors.New("bad \x1b[31mrow")}
	}})
	err := dial(t, path).Do(t.Context(), engine.Pin, "a.example", "b.example", "c.example")
	want := &engine.Failures{Asked: 3, Each: []*engine.Error{
		{Op: "sites: pin", Host: "b.example", Kind: engine.Damaged, Msg: "sites: pin: b.example: bad [31mrow"},
		{Op: "sites: pin", Host: "c.example", Kind: engine.Damaged, Msg: "sites: pin: c.example: bad [31mrow"},
	}}
	var got *engine.Failures
	if !errors.As(err, &got) {
		t.Fatalf("got %#v, want failures", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestErrorOfManyHostsNamesNone promises that the error of a request that failed as a whole names no host if it had
// several.
func TestErrorOfManyHostsNamesNone(t *testing.T) {
	path, stop := serve(t, &script{})
	c, a := dial(t, path), attach(t, path, nil)
	ch, err := a.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()
	awaitSnapshot(t, ch, "the loss of the engine", isReconnecting)
	for _, client := range []engine.Engine{c, a} {
		for hosts, want := range map[string]string{"a.example": "a.example", "a.example b.example": ""} {
			err := client.Do(t.Context(), engine.Pin, strings.Fields(hosts)...)
			var known *engine.Error
			if !errors.As(err, &known) || known.Kind != engine.Unavailable || known.Host != want {
				t.Errorf("%T, %s: got %#v, want it about %q", client, hosts, err, want)
			}
		}
	}
}

// TestDoEndsWithItsContext promises that the end of the caller's context ends the engine's as well.
func TestDoEndsWithItsContext(t *testing.T) {
	ended := make(chan error, 1)
	started := make(chan struct{}, 1)
	path, _ := serve(t, &script{doAll: func(ctx context.Context, _ engine.Verb, _ []string) error {
		started <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}})
	for name, client := range map[string]engine.Engine{
		"socket": dial(t, path), "line": dialOver(t, dialPipe(t, path)), "attachment": attach(t, path, nil),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { failed <- client.Do(ctx, engine.Pin, "a.example", "b.example") }()
		enginetest.Receive(t, started, "the request")
		cancel()
		if err := enginetest.Receive(t, failed, "the caller to be let go"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled in its chain", name, err)
		}
		if err := enginetest.Receive(t, ended, "the engine to be told"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: the engine's context ended with %v", name, err)
		}
	}
}

// BenchmarkDo pins and unpins 5,000 sites, each in one request, while there is a watch.
func BenchmarkDo(b *testing.B) {
	eng := fake.New(fake.Options{Scripts: fake.ManySites(5000)})
	defer eng.Close()
	path, _ := serve(b, eng)
	for name, connect := range map[string]func() *control.Client{
		"Socket": func() *control.Client { return dial(b, path) },
		"Line":   func() *control.Client { return dialOver(b, dialPipe(b, path)) },
	} {
		b.Run(name, func(b *testing.B) {
			c := connect()
			ch, err := c.Watch(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			var hosts []string
			for _, s := range enginetest.Receive(b, ch, "the first snapshot").Sites {
				if !s.Mine {
					hosts = append(hosts, s.Host)
				}
			}
			for b.Loop() {
				for _, verb := range []engine.Verb{engine.Pin, engine.Unpin} {
					if err := c.Do(b.Context(), verb, hosts...); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(2*b.N)/float64(time.Millisecond), "ms/request")
		})
	}
}
