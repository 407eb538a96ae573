package enginetest

import (
	"testing"
	"time"

	"wtptui/engine"
)

// binPeriod returns for how long a site stays in the engine's bin.
func binPeriod(t *testing.T, h Harness) time.Duration {
	t.Helper()
	s := waitForSnapshot(t, h, "the bin", func(s engine.Snapshot) bool { return s.Status.Bin.Period > 0 })
	return time.Duration(s.Status.Bin.Period) * time.Second
}

// wantBin returns the sites in the bin. It fails the test unless they are these hosts, in this order.
func wantBin(t *testing.T, h Harness, hosts ...string) []engine.Binned {
	t.Helper()
	binned, err := h.Engine.Bin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(binned) != len(hosts) {
		t.Fatalf("in the bin: %+v, want %v", binned, hosts)
	}
	for i, b := range binned {
		if b.Host != hosts[i] || b.URL == "" || b.Since.IsZero() || !b.Since.Before(b.Until) {
			t.Fatalf("in the bin at %d: %+v, want %s", i, b, hosts[i])
		}
	}
	waitForSnapshot(t, h, "the bin in the status", func(s engine.Snapshot) bool {
		return s.Status.Bin.Sites == len(hosts)
	})
	return binned
}

func evictAndRemoveCanBeUndone(t *testing.T, h Harness) {
	period := binPeriod(t, h)
	wantBin(t, h)
	add(t, h, h.Fetchable)
	before := waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	add(t, h, h.Unseeded)
	do(t, h, engine.Pin, h.Fetchable, h.Unseeded)
	do(t, h, engine.NoClearnet, h.Fetchable)
	do(t, h, engine.Remove, h.Fetchable)
	h.Advance(time.Second)
	do(t, h, engine.Evict, h.Unseeded)
	waitUntilGone(t, h, h.Unseeded)
	binned := wantBin(t, h, h.Unseeded, h.Fetchable)
	if binned[0].Removed || !binned[1].Removed || !binned[1].Pinned || binned[1].Infohash != before.Infohash {
		t.Fatalf("in the bin: %+v", binned)
	}
	if binned[0].Bytes != 0 || binned[1].Bytes != before.Size {
		t.Fatalf("the bin has %d and %d bytes, want 0 and %d", binned[0].Bytes, binned[1].Bytes, before.Size)
	}
	bin := waitForSnapshot(t, h, "its size", func(engine.Snapshot) bool { return true }).Status.Bin
	if bin.Bytes != before.Size {
		t.Fatalf("the bin is %+v, want %d bytes", bin, before.Size)
	}
	_, err := h.Engine.Detail(t.Context(), h.Fetchable)
	wantKind(t, err, engine.NotFound)

	h.Advance(period - time.Minute)
	do(t, h, engine.Undo, h.Unseeded, h.Fetchable)
	s := waitForSite(t, h, h.Fetchable, "seeding again", func(s engine.Site) bool { return s.State == engine.Seeding })
	if !s.Pinned || !s.NoClearnet || !s.AddedAt.Equal(before.AddedAt) || s.Title != before.Title {
		t.Fatalf("%+v came back as %+v", before, s)
	}
	wantBin(t, h)
	h.Advance(2 * time.Minute)
	waitForSite(t, h, h.Fetchable, "there to stay", func(s engine.Site) bool { return s.State == engine.Seeding })
}

func binEntriesExpire(t *testing.T, h Harness) {
	period := binPeriod(t, h)
	add(t, h, h.Unseeded)
	add(t, h, h.Fetchable)
	do(t, h, engine.Evict, h.Unseeded)
	do(t, h, engine.Remove, h.Fetchable)
	h.Advance(period + time.Second)
	wantBin(t, h)
	for _, host := range []string{h.Unseeded, h.Fetchable} {
		wantKind(t, h.Engine.Do(t.Context(), engine.Undo, host), engine.NotFound)
	}
}

func verbsInTheBin(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	do(t, h, engine.Evict, hosts...)
	for _, verb := range engine.Verbs() {
		err := h.Engine.Do(t.Context(), verb, hosts[0])
		switch verb {
		case engine.Evict, engine.Remove:
			wantKind(t, err, engine.None)
		case engine.Undo:
			wantKind(t, err, engine.None)
			do(t, h, engine.Remove, hosts[0])
		case engine.RemoveNow:
			wantKind(t, err, engine.None)
			wantKind(t, h.Engine.Do(t.Context(), engine.Undo, hosts[0]), engine.NotFound)
		default:
			wantKind(t, err, engine.NotFound)
		}
	}
	do(t, h, engine.Remove, hosts[1]) // Now its history goes, too.
	binned, err := h.Engine.Bin(t.Context())
	if err != nil || len(binned) != 2 || binned[0].Removed == binned[1].Removed {
		t.Fatalf("in the bin: %+v, %v", binned, err)
	}
	do(t, h, engine.Undo, hosts[1], hosts[2])
}

func removeNowIsFinal(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	do(t, h, engine.Pin, h.Unseeded)
	do(t, h, engine.RemoveNow, h.Unseeded)
	waitUntilGone(t, h, h.Unseeded)
	wantBin(t, h)
	wantKind(t, h.Engine.Do(t.Context(), engine.Undo, h.Unseeded), engine.NotFound)
	wantKind(t, h.Engine.Do(t.Context(), engine.RemoveNow, h.Unseeded), engine.NotFound)
	if s := add(t, h, h.Unseeded); s.Pinned {
		t.Fatalf("a removed site came back pinned: %+v", s)
	}
}

// addRestoresFromBin: adding a site that is in the bin restores it. One that was removed is then neither pinned nor
// paused.
func addRestoresFromBin(t *testing.T, h Harness) {
	for verb, pinned := range map[engine.Verb]bool{engine.Evict: true, engine.Remove: false} {
		first := add(t, h, h.Unseeded)
		do(t, h, engine.Pin, h.Unseeded)
		do(t, h, engine.Pause, h.Unseeded)
		do(t, h, verb, h.Unseeded)
		h.Advance(time.Hour)
		if again := add(t, h, h.Unseeded); !again.AddedAt.Equal(first.AddedAt) || again.Pinned != pinned {
			t.Fatalf("%s: %+v came back as %+v", verb, first, again)
		}
		waitForSite(t, h, h.Unseeded, "its time", func(s engine.Site) bool {
			return (s.Pinned || !s.ExpiresAt.IsZero()) && (s.State == engine.Paused) == pinned
		})
		wantBin(t, h)
		do(t, h, engine.RemoveNow, h.Unseeded)
	}
}
