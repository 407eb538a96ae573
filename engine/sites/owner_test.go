package sites

import (
	"context"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// While the deletion of one site's data hangs, other sites are opened, added and pinned at once, time goes on, and a
// request for the deleted site is served when the deletion has ended.
func TestDeletionDelaysNothingElse(t *testing.T) {
	b := startFixture(t)
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 1)
	}
	b.addSite(hashA)
	b.addSite(hashB)
	b.waitFor(hashA, "seeding", isSeeding)
	b.waitFor(hashB, "seeding", isSeeding)
	b.swarm.mu.Lock()
	b.swarm.slow = make(chan struct{})
	b.swarm.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := b.Do(ctx, engine.Remove, hashA); err != nil {
		t.Fatal(err)
	}
	c, err := b.Open(ctx, hashB)
	if err != nil {
		t.Fatal(err)
	}
	c.Close(engine.Request{})
	if _, err := b.Add(ctx, engine.AddRequest{Address: hashC, Pin: true}); err != nil {
		t.Fatal(err)
	}
	beats := b.Beats()
	b.clock.Pass(time.Second)
	if b.Beats() == beats {
		t.Error("time stands still")
	}
	b.waitFor(hashC, "seeding meanwhile", isSeeding)
	b.clock.Pass(29 * time.Minute)
	b.clock.Pass(time.Minute)
	b.check("sites after half an hour", b.hosts(), hashC)

	if _, err := b.Add(ctx, engine.AddRequest{Address: hashA}); err != nil {
		t.Fatal(err)
	}
	b.waitFor(hashA, "waiting", func(s engine.Site) bool { return s.Completed == 0 })
	close(b.swarm.slow)
	b.waitIdle()
	b.waitFor(hashA, "fetched again", isSeeding)
}

// A request ends with its context, however long the database takes. What was requested is done all the same.
func TestRequestsEndWithTheirContext(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	blocked, release := make(chan struct{}), make(chan struct{})
	b.owner.do(func() {
		b.state.journal.enqueue(storeChange{apply: func(*store.Tx) error {
			close(blocked)
			<-release
			return nil
		}})
	})
	<-blocked
	for name, ask := range map[string]func(context.Context) error{
		"Do":  func(ctx context.Context) error { return b.Do(ctx, engine.Pin, hashA) },
		"Add": func(ctx context.Context) error { _, err := b.Add(ctx, engine.AddRequest{Address: hashB}); return err },
		"Open": func(ctx context.Context) error {
			_, err := b.Open(ctx, hashC)
			return err
		},
		"SetLimits": func(ctx context.Context) error { return b.SetLimits(ctx, engine.Limits{Up: 1}) },
		"Switch":    func(ctx context.Context) error { return b.Switch(ctx, hashA, hashA) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := ask(ctx); err == nil {
			t.Errorf("%s did not wait for the disk", name)
		}
		cancel()
	}
	if s := b.waitFor(hashA, "not pinned on the disk", func(engine.Site) bool { return true }); s.Pinned {
		t.Error("a pin is shown that is not on the disk")
	}
	close(release)
	b.waitIdle()
	b.waitFor(hashA, "pinned", func(s engine.Site) bool { return s.Pinned })
}
