package fake

import (
	"context"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// settled makes the suite's folders ones that never change: see Engine.Publish.
type settled struct{ steppingEngine }

func (s settled) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	req.Dir += "-still"
	return s.steppingEngine.Publish(ctx, req, progress)
}

func TestKeysConformance(t *testing.T) {
	enginetest.RunKeys(t, func(t *testing.T) enginetest.Harness {
		e := New(Options{UnseededHosts: []string{unseeded}})
		t.Cleanup(func() { _ = e.Close() })
		return enginetest.Harness{
			Engine: settled{steppingEngine{e}}, Fetchable: fetchable, Unseeded: unseeded, CacheTTL: 30 * time.Minute,
			Advance: e.Step, Stop: func() { _ = e.Close() },
		}
	})
}

// TestTakeOver: what somebody else signed with a key is replaced only if that is wanted.
func TestTakeOver(t *testing.T) {
	e := New(Options{})
	req := engine.PublishRequest{Dir: "/home/me/conflict-site", Key: "blog", Name: "blog.example"}
	_, err := e.Publish(t.Context(), req, nil)
	if engine.KindOf(err) != engine.Conflict || !strings.Contains(engine.Message(err), "--take-over") {
		t.Fatal(err)
	}
	if keys, err := e.Keys(t.Context()); err != nil || len(keys) != 0 {
		t.Fatalf("a refused publication left %+v, %v", keys, err)
	}
	req.TakeOver = true
	p, err := e.Publish(t.Context(), req, nil)
	if err != nil || p.Host != "blog.example" || p.Key.Host != demoKey("blog").Host {
		t.Fatalf("%+v, %v", p, err)
	}
	if !strings.Contains(strings.Join(p.Records, "\n"), `"wtppub=`+p.Key.Host+`"`) {
		t.Fatalf("the records are %q", p.Records)
	}
}

// TestAcceptKey: the key that a domain names now decides once a person has accepted it.
func TestAcceptKey(t *testing.T) {
	old, next := demoKey("old").Host, demoKey("new").Host
	e := New(Options{Scripts: []Script{
		{Host: "a.example", Pinned: true, DomainKey: old, NextKey: next, SignedAgo: time.Hour},
	}})
	n, err := e.Resolve(t.Context(), "a.example")
	if err != nil || n.Key != old || n.NextKey != next {
		t.Fatalf("before: %+v, %v", n, err)
	}
	if err := e.Do(t.Context(), engine.AcceptKey, "a.example"); err != nil {
		t.Fatal(err)
	}
	if n, err = e.Resolve(t.Context(), "a.example"); err != nil || n.Key != next || n.NextKey != "" {
		t.Fatalf("after: %+v, %v", n, err)
	}
}

// TestKeysOfAClosedEngine: Keys of a closed engine returns an error.
func TestKeysOfAClosedEngine(t *testing.T) {
	e := New(Options{})
	_ = e.Close()
	if _, err := e.Keys(t.Context()); engine.KindOf(err) != engine.Unavailable {
		t.Fatal(err)
	}
}
