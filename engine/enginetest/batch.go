package enginetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

// addThree adds three sites that have no peers.
func addThree(t *testing.T, h Harness) (hosts []string) {
	t.Helper()
	for _, digit := range []string{"7", "8", "9"} {
		hosts = append(hosts, add(t, h, strings.Repeat(digit, 40)).Host)
	}
	return hosts
}

// countSites returns how many of the hosts a snapshot has, and how many of those are pinned.
func countSites(s engine.Snapshot, hosts []string) (there, pinned int) {
	for _, site := range s.Sites {
		if slices.Contains(hosts, site.Host) {
			there++
			if site.Pinned {
				pinned++
			}
		}
	}
	return there, pinned
}

// wantFailures fails the test unless err reports that of asked hosts exactly these failed, in this order, with this
// kind.
func wantFailures(t *testing.T, err error, asked int, kind engine.Kind, hosts ...string) {
	t.Helper()
	var some *engine.Failures
	if !errors.As(err, &some) || some.Asked != asked || len(some.Each) != len(hosts) {
		t.Fatalf("got %#v, want %d failures of %d", err, len(hosts), asked)
	}
	for i, host := range hosts {
		wantKind(t, some.Each[i], kind)
		if some.Each[i].Host != host {
			t.Fatalf("failure %d is about %q, want %q", i, some.Each[i].Host, host)
		}
	}
	if msg := engine.Message(err); msg == "" || engine.Clean(msg) != msg {
		t.Fatalf("the failures have %q to say", msg)
	}
}

func failedHostsDoNotStopOthers(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	pinned := func(s engine.Snapshot) bool { _, n := countSites(s, hosts); return n == 3 }
	err := h.Engine.Do(t.Context(), engine.Pin, hosts[0], h.Unseeded, hosts[1], "missing.example", hosts[2])
	wantFailures(t, err, 5, engine.NotFound, h.Unseeded, "missing.example")
	waitForSnapshot(t, h, "three pins", pinned)
	err = h.Engine.Do(t.Context(), engine.Pin, h.Unseeded, "missing.example")
	wantFailures(t, err, 2, engine.NotFound, h.Unseeded, "missing.example")
	err = h.Engine.Do(t.Context(), engine.Evict, append(hosts, h.Unseeded)...)
	wantFailures(t, err, 4, engine.NotFound, h.Unseeded)
	waitForSnapshot(t, h, "no site", func(s engine.Snapshot) bool { return len(s.Sites) == 0 })
	err = h.Engine.Do(t.Context(), engine.Undo, append([]string{h.Unseeded}, hosts...)...)
	wantFailures(t, err, 4, engine.NotFound, h.Unseeded)
	waitForSnapshot(t, h, "three pins again", pinned)
}

func duplicateHostsAreIgnored(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	for _, verb := range []engine.Verb{engine.Evict, engine.Undo, engine.Remove} {
		do(t, h, verb, hosts[0], hosts[1], hosts[0], hosts[1], hosts[1])
	}
	s := waitForSnapshot(t, h, "two removals", func(s engine.Snapshot) bool {
		n, _ := countSites(s, hosts)
		return n == 1
	})
	if n := count(s.Events, engine.Removed); n != 2 {
		t.Fatalf("%d removals were told: %+v", n, s.Events)
	}
	err := h.Engine.Do(t.Context(), engine.Pin, hosts[0], hosts[2], hosts[0])
	wantFailures(t, err, 2, engine.NotFound, hosts[0])
}

func doWithoutHosts(t *testing.T, h Harness) {
	addThree(t, h)
	for _, verb := range engine.Verbs() {
		do(t, h, verb)
	}
	if s := waitForSnapshot(t, h, "the sites", func(engine.Snapshot) bool { return true }); len(s.Sites) != 3 {
		t.Fatalf("of three sites there are %d", len(s.Sites))
	}
}

func unknownVerbIsInvalid(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	err := h.Engine.Do(t.Context(), engine.Verb("dance"), append([]string{h.Unseeded}, hosts...)...)
	wantKind(t, err, engine.Invalid)
	var some *engine.Failures
	if errors.As(err, &some) {
		t.Fatalf("an unknown verb is blamed on the sites: %+v", some)
	}
}

// verbsForTwo: every verb is applied to each of two sites.
func verbsForTwo(t *testing.T, h Harness) {
	hosts := []string{h.Fetchable, Domain}
	for _, host := range hosts {
		add(t, h, host)
		waitForSite(t, h, host, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	}
	all := func(ok func(engine.Site) bool) func(engine.Snapshot) bool {
		return func(s engine.Snapshot) bool {
			n := 0
			for _, site := range s.Sites {
				if slices.Contains(hosts, site.Host) && ok(site) {
					n++
				}
			}
			return n == len(hosts)
		}
	}
	gone := func(s engine.Snapshot) bool { return len(s.Sites) == 0 }
	shows := map[engine.Verb]func(engine.Snapshot) bool{
		engine.Pin:       all(func(s engine.Site) bool { return s.Pinned }),
		engine.Unpin:     all(func(s engine.Site) bool { return !s.Pinned && !s.ExpiresAt.IsZero() }),
		engine.Pause:     all(func(s engine.Site) bool { return s.State == engine.Paused }),
		engine.Resume:    all(func(s engine.Site) bool { return s.State == engine.Seeding }),
		engine.Evict:     gone,
		engine.Remove:    gone,
		engine.RemoveNow: gone,
	}
	for _, verb := range engine.Verbs() {
		do(t, h, verb, hosts...)
		ok := shows[verb]
		if ok == nil {
			ok = all(func(s engine.Site) bool { return s.Flags.Apply(verb) == s.Flags })
		}
		waitForSnapshot(t, h, string(verb), ok)
	}
	err := h.Engine.Do(t.Context(), engine.Undo, hosts...)
	wantFailures(t, err, 2, engine.NotFound, hosts...)
}

// batchIsOneSnapshot: no snapshot shows a part of a batch.
func batchIsOneSnapshot(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	ch, err := h.Engine.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for range 20 {
			for _, verb := range []engine.Verb{engine.Pin, engine.Unpin, engine.Evict, engine.Undo, engine.Pin} {
				if err := h.Engine.Do(ctx, verb, hosts...); err != nil {
					done <- err
					return
				}
			}
		}
		done <- nil
	}()
	for {
		select {
		case s, open := <-ch:
			if !open {
				t.Fatal("the watch has ended")
			}
			if there, pinned := countSites(s, hosts); there%3 != 0 || pinned%3 != 0 {
				t.Fatalf("of a batch of 3 a snapshot shows %d, %d of them pinned", there, pinned)
			}
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			waitForSnapshot(t, h, "three pins", func(s engine.Snapshot) bool { _, n := countSites(s, hosts); return n == 3 })
			return
		}
	}
}

// cancelledBatchIsWhole: a batch whose context ends is applied to all of its sites, or to none.
func cancelledBatchIsWhole(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	whole := func() {
		t.Helper()
		s := waitForSnapshot(t, h, "the sites", func(engine.Snapshot) bool { return true })
		if there, pinned := countSites(s, hosts); there != 3 || pinned%3 != 0 {
			t.Fatalf("of 3 sites %d are there and %d are pinned", there, pinned)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Engine.Do(ctx, engine.Pin, hosts...); err == nil {
		t.Fatal("it was done for somebody who had left")
	}
	whole()
	for range 20 { // Now it is cancelled at any moment.
		ctx, cancel := context.WithCancel(t.Context())
		cancelled := make(chan struct{})
		go func() { defer close(cancelled); cancel() }()
		err := h.Engine.Do(ctx, engine.Pin, hosts...)
		Receive(t, cancelled, "the context to end")
		do(t, h, engine.Touch, hosts...) // What was under way is over.
		whole()
		if err == nil {
			waitForSnapshot(t, h, "three pins", func(s engine.Snapshot) bool { _, n := countSites(s, hosts); return n == 3 })
		}
		do(t, h, engine.Unpin, hosts...)
	}
}
