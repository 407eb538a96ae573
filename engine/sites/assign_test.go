package sites

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// labelsOf returns the labels whose limits apply to a torrent now.
func (w *fakeSwarm) labelsOf(infohash string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.joined[infohash]; t != nil {
		return strings.Join(t.spec.Labels, " ")
	}
	return "not joined"
}

// A torrent of two sites has the limits of both sites' labels, from when it joins and when they change.
func TestLabelLimitsReachTheSwarm(t *testing.T) {
	b, z := withZone(t)
	b.swarm.seed(hashA, 2)
	z.pointTo(hashA)
	b.addSite(domain)
	b.waitFor(domain, "seeding", isSeeding)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	assign := func(host, label, unlabel string) {
		t.Helper()
		a := engine.Assignment{Label: strings.Fields(label), Unlabel: strings.Fields(unlabel)}
		if err := b.Assign(t.Context(), a, host); err != nil {
			t.Fatal(err)
		}
		b.clock.Advance(tickInterval)
	}
	want := func(what, labels string) {
		t.Helper()
		b.check(what, b.swarm.labelsOf(hashA), labels)
	}
	assign(domain, "b c", "")
	assign(hashA, "a c", "")
	want("with labels of both sites", "a b c")
	assign(domain, "", "b")
	want("with one less", "a c")
	b.restart()
	b.waitFor(domain, "seeding", isSeeding)
	want("after a restart", "a c")
	b.doVerb(engine.Evict, hashA)
	b.clock.Advance(tickInterval)
	want("with one site left", "c")
}
