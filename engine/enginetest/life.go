package enginetest

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

func addShowsTheSiteAtOnce(t *testing.T, h Harness) {
	got := add(t, h, "wtp://"+strings.ToUpper(h.Unseeded)+"/some/page?x=1")
	if got.Host != h.Unseeded || got.Infohash != h.Unseeded || got.URL != "wtp://"+h.Unseeded+"/" {
		t.Fatalf("Add gave %+v", got)
	}
	if got.State != engine.Metadata || got.Size != -1 || got.Pinned || got.ExpiresAt.IsZero() {
		t.Fatalf("a new site is %+v", got)
	}
	waitForSite(t, h, h.Unseeded, "the new site", func(s engine.Site) bool { return s.State == engine.Metadata })
}

func addCompletes(t *testing.T, h Harness) {
	add(t, h, h.Fetchable)
	s := waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	if s.Size <= 0 || s.Completed != s.Size || s.Files == 0 || s.Done() != 1 || s.Error != "" {
		t.Fatalf("a complete site is %+v", s)
	}
}

func addTakesEveryForm(t *testing.T, h Harness) {
	for _, form := range []string{
		h.Unseeded,
		strings.ToUpper(h.Unseeded),
		"WTP://" + h.Unseeded,
		"  wtp://" + h.Unseeded + "/a/b#c ",
		"magnet:?xt=urn:btih:" + h.Unseeded + "&dn=x",
		"http://" + h.Unseeded + ".localhost:7780/x",
	} {
		if got := add(t, h, form); got.Host != h.Unseeded {
			t.Errorf("Add(%q) opened %q", form, got.Host)
		}
	}
	s := waitForSnapshot(t, h, "one site", func(s engine.Snapshot) bool { return len(s.Sites) > 0 })
	if len(s.Sites) != 1 {
		t.Fatalf("the forms of one address made %d sites", len(s.Sites))
	}
}

func addRefusesInvalidAddresses(t *testing.T, h Harness) {
	for _, bad := range []string{
		"", "nonsense", "wtp://", "https://example.org/", "wtp://10.0.0.1/", "magnet:?dn=x",
		"wtp://a.b/\nx",
	} {
		_, err := h.Engine.Add(t.Context(), engine.AddRequest{Address: bad})
		wantKind(t, err, engine.Invalid)
	}
	_, err := h.Engine.Add(t.Context(), engine.AddRequest{Metainfo: []byte("no torrent")})
	wantKind(t, err, engine.Invalid)
}

func addAgainOpensAgain(t *testing.T, h Harness) {
	first := add(t, h, h.Unseeded)
	h.Advance(h.CacheTTL / 2)
	second := add(t, h, h.Unseeded)
	if !first.ExpiresAt.Before(second.ExpiresAt) || !second.AddedAt.Equal(first.AddedAt) {
		t.Fatalf("opened at first %+v, again %+v", first, second)
	}
}

func verbsNeedAKnownHost(t *testing.T, h Harness) {
	for _, verb := range engine.Verbs() {
		wantKind(t, h.Engine.Do(t.Context(), verb, h.Unseeded), engine.NotFound)
	}
	_, err := h.Engine.Detail(t.Context(), h.Unseeded)
	wantKind(t, err, engine.NotFound)
	add(t, h, h.Unseeded)
	wantKind(t, h.Engine.Do(t.Context(), engine.Verb("dance"), h.Unseeded), engine.Invalid)
}

func pinnedSiteDoesNotExpire(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	do(t, h, engine.Pin, h.Unseeded)
	do(t, h, engine.Pin, h.Unseeded)
	waitForSite(t, h, h.Unseeded, "pinned", func(s engine.Site) bool { return s.Pinned && s.ExpiresAt.IsZero() })
	h.Advance(3 * h.CacheTTL)
	waitForSite(t, h, h.Unseeded, "still there", func(s engine.Site) bool { return s.Pinned })
	do(t, h, engine.Unpin, h.Unseeded)
	s := waitForSite(t, h, h.Unseeded, "unpinned", func(s engine.Site) bool { return !s.Pinned && !s.ExpiresAt.IsZero() })
	now := waitForSnapshot(t, h, "now", func(engine.Snapshot) bool { return true }).At
	if left := s.ExpiresAt.Sub(now); left < h.CacheTTL-time.Minute || left > h.CacheTTL {
		t.Fatalf("%v are left after unpinning, want %v", left, h.CacheTTL)
	}
}

func touchStartsThePeriodOver(t *testing.T, h Harness) {
	before := add(t, h, h.Unseeded)
	h.Advance(h.CacheTTL * 3 / 4)
	do(t, h, engine.Touch, h.Unseeded)
	waitForSite(t, h, h.Unseeded, "a later expiry", func(s engine.Site) bool {
		return before.ExpiresAt.Before(s.ExpiresAt)
	})
	h.Advance(h.CacheTTL / 2)
	waitForSite(t, h, h.Unseeded, "still there", func(engine.Site) bool { return true })
}

func sitesExpire(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	h.Advance(h.CacheTTL + time.Second)
	waitUntilGone(t, h, h.Unseeded)
	waitForSnapshot(t, h, "the event", func(s engine.Snapshot) bool { return count(s.Events, engine.Expired) == 1 })
	wantKind(t, h.Engine.Do(t.Context(), engine.Undo, h.Unseeded), engine.NotFound)
}

func evictCanBeUndone(t *testing.T, h Harness) {
	add(t, h, h.Fetchable)
	waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	do(t, h, engine.Pin, h.Fetchable)
	do(t, h, engine.Evict, h.Fetchable)
	waitUntilGone(t, h, h.Fetchable)
	wantKind(t, h.Engine.Do(t.Context(), engine.Pin, h.Fetchable), engine.NotFound)
	h.Advance(engine.UndoPeriod / 2)
	do(t, h, engine.Undo, h.Fetchable)
	s := waitForSite(t, h, h.Fetchable, "seeding again", func(s engine.Site) bool { return s.State == engine.Seeding })
	if !s.Pinned {
		t.Fatalf("the site came back as %+v", s)
	}
	wantKind(t, h.Engine.Do(t.Context(), engine.Undo, h.Fetchable), engine.NotFound)
}

func pauseAndResume(t *testing.T, h Harness) {
	add(t, h, h.Fetchable)
	waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	do(t, h, engine.Pause, h.Fetchable)
	waitForSite(t, h, h.Fetchable, "paused", func(s engine.Site) bool { return s.State == engine.Paused })
	do(t, h, engine.Resume, h.Fetchable)
	waitForSite(t, h, h.Fetchable, "seeding again", func(s engine.Site) bool { return s.State == engine.Seeding })
}

func flagsAreSwitches(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	none := engine.Flags{}
	for _, verb := range engine.Verbs() {
		set := none.Apply(verb)
		if set == none {
			continue
		}
		for _, step := range []struct {
			verb engine.Verb
			want engine.Flags
		}{{verb, set}, {verb, set}, {verb.Inverse(), none}} {
			do(t, h, step.verb, h.Unseeded)
			waitForSite(t, h, h.Unseeded, string(step.verb), func(s engine.Site) bool { return s.Flags == step.want })
		}
	}
}
