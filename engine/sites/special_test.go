package sites

import (
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/store"
)

// A site of an older version whose name is not in the DNS keeps its files and its origin. New ones are refused.
func TestSpecialUseNamesKeepOldSitesOnly(t *testing.T) {
	const old = "nas.internal"
	b := startFixture(t)
	b.swarm.seed(hashA, 3)
	b.stop()
	b.openEngine(func(db *store.DB) error {
		return db.PutSites(store.Site{
			Host: old, Infohash: hashA, Pinned: true, AddedAt: b.clock.Now(), LastOpen: b.clock.Now(),
		})
	})
	b.waitFor(old, "seeding", isSeeding)
	b.clock.Advance(maxLookupRetry)
	b.waitFor(old, "not looked up again", func(s engine.Site) bool {
		return isSeeding(s) && s.Infohash == hashA && s.NextCheck.IsZero()
	})
	if host, known := b.Host(engine.OriginLabel(old)); host != old || !known {
		t.Errorf("its origin is of %q, %v", host, known)
	}
	if c, err := b.Open(t.Context(), old); err != nil {
		t.Error(err)
	} else {
		c.Close(engine.Request{})
	}
	if err := b.Do(t.Context(), engine.Unpin, old); err != nil {
		t.Error(err)
	}

	for _, host := range []string{"printer.local", "shop.onion"} {
		if got, known := b.Host(engine.OriginLabel(host)); got != "" || known {
			t.Errorf("an origin for %q, %v", got, known)
		}
		_, added := b.Add(t.Context(), engine.AddRequest{Address: "wtp://" + host + "/"})
		_, resolved := b.Resolve(t.Context(), host)
		_, published := b.Publish(t.Context(), engine.PublishRequest{Dir: t.TempDir(), Name: host}, nil)
		for what, err := range map[string]error{"add": added, "resolve": resolved, "publish": published} {
			if engine.KindOf(err) != engine.Invalid || !strings.Contains(engine.Message(err), host+" cannot be looked up") {
				t.Errorf("%s %s: %v", what, host, err)
			}
		}
	}
	b.check("sites", b.hosts(), old)
}
