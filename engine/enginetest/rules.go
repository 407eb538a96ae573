package enginetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wtptui/engine"
)

// refusals are the kinds of errors of the verbs that are refused. Verbs that are not in it are applied.
type refusals map[engine.Verb]engine.Kind

// refuseAllBut returns refusals of all verbs but some.
func refuseAllBut(kind engine.Kind, but ...engine.Verb) refusals {
	r := refusals{}
	for _, verb := range engine.Verbs() {
		r[verb] = kind
	}
	for _, verb := range but {
		delete(r, verb)
	}
	return r
}

// check applies each verb to a site with this context. newHost makes that site, and another one after each verb that
// was applied.
func (r refusals) check(t *testing.T, h Harness, verbContext engine.VerbContext, newHost func() (host string)) {
	t.Helper()
	host := newHost()
	if verbContext.Here {
		wantVerbContext(t, h, host, verbContext)
	}
	for _, verb := range engine.Verbs() {
		want := r[verb]
		err := h.Engine.Do(t.Context(), verb, host)
		if engine.KindOf(err) != want {
			t.Errorf("%s: %v, want kind %q", verb, err, want)
		}
		rule := engine.CheckVerb("", verb, host, verbContext)
		if engine.KindOf(rule) != want {
			t.Errorf("%s: the rule says %v, want kind %q", verb, rule, want)
		}
		// The message of an engine describes the copies of an own site, which the rule does not know.
		if msg := engine.Message(err); msg != engine.Message(rule) && !(verbContext.Own && verb == engine.Evict) {
			t.Errorf("%s: %q, want %q", verb, msg, engine.Message(rule))
		}
		if want == engine.None {
			host = newHost()
		}
	}
}

// wantVerbContext fails the test unless the snapshot shows what decides which verbs are refused.
func wantVerbContext(t *testing.T, h Harness, host string, verbContext engine.VerbContext) {
	t.Helper()
	waitForSite(t, h, host, fmt.Sprintf("%s as %+v", host, verbContext), func(s engine.Site) bool {
		return s.VerbContext() == verbContext
	})
}

// verbsAreRefusedByOneRule: every engine refuses the same verbs for the same sites, with the same message: see
// engine.CheckVerb.
func verbsAreRefusedByOneRule(t *testing.T, h Harness) {
	here := func(host string, set ...engine.Verb) func() string {
		return func() string {
			_ = h.Engine.Do(t.Context(), engine.Undo, host) // It may be here.
			_ = h.Engine.Do(t.Context(), engine.Resume, host)
			add(t, h, host)
			for _, verb := range set {
				do(t, h, verb, host)
			}
			return host
		}
	}
	refuseAllBut(engine.NotFound).check(t, h, engine.VerbContext{}, func() string { return "stranger.example" })

	unlisted := refusals{engine.Undo: engine.NotFound, engine.Verify: engine.NotReady}
	unlisted.check(t, h, engine.VerbContext{Here: true}, here(h.Unseeded))

	listed := refusals{engine.Undo: engine.NotFound}
	for _, set := range [][]engine.Verb{
		{engine.Unpin, engine.Resume},
		{engine.Pin, engine.Resume},
		{engine.Unpin, engine.Pause},
	} {
		listed.check(t, h, engine.VerbContext{Here: true, Listed: true}, func() string {
			here(h.Fetchable)()
			waitForSite(t, h, h.Fetchable, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
			return here(h.Fetchable, set...)()
		})
	}

	inBin := refuseAllBut(engine.NotFound, engine.Undo, engine.Evict, engine.Remove, engine.RemoveNow)
	inBin.check(t, h, engine.VerbContext{Binned: true}, func() string {
		here(h.Fetchable)()
		do(t, h, engine.Evict, h.Fetchable)
		return h.Fetchable
	})
}

// ownSitesAreKept: a site that was published here is neither unpinned nor evicted.
func ownSitesAreKept(t *testing.T, h Harness) {
	dir := filepath.Join(t.TempDir(), "own-site")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	publish := func() string {
		p, err := h.Engine.Publish(t.Context(), engine.PublishRequest{Dir: dir}, nil)
		if err != nil {
			t.Fatal(err)
		}
		waitForSite(t, h, p.Host, "own", func(s engine.Site) bool { return s.Mine && s.Size > 0 && s.Completed == s.Size })
		return p.Host
	}
	own := refusals{engine.Undo: engine.NotFound, engine.Unpin: engine.Conflict, engine.Evict: engine.Conflict}
	own.check(t, h, engine.VerbContext{Here: true, Own: true, Listed: true}, publish)
}

// foundSitesAreKept: a found site is neither evicted nor announced.
func foundSitesAreKept(t *testing.T, h Harness) {
	found := refusals{engine.Undo: engine.NotFound, engine.Evict: engine.Conflict, engine.Announce: engine.Conflict}
	verbContext := engine.VerbContext{Here: true, Found: true, Listed: true}
	wantVerbContext(t, h, h.Found, verbContext)
	for _, verb := range engine.Verbs() {
		want := found[verb]
		rule := engine.CheckVerb("", verb, h.Found, verbContext)
		if engine.KindOf(rule) != want {
			t.Errorf("%s: the rule says %v, want kind %q", verb, rule, want)
		}
		if want == engine.None {
			continue // Some take it up, and it is not found again: see the other tests.
		}
		err := h.Engine.Do(t.Context(), verb, h.Found)
		if engine.KindOf(err) != want || engine.Message(err) != engine.Message(rule) {
			t.Errorf("%s: %v, want %v", verb, err, rule)
		}
	}
}
