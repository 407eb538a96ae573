package swarm

import "testing"

// Two visitors meet before either knows the list of files. One learns it from a seed that cannot be called, and so is
// met by nobody else, and passes everything on.
func TestVisitorsWhoMetTooEarly(t *testing.T) {
	s := newSite(t, 16<<10, 50_000, 300)
	one, other := start(t, config(t)), start(t, config(t))
	first, second := add(t, one, Spec{Infohash: s.hash}), add(t, other, Spec{Infohash: s.hash})
	connect(first, other)
	eventually(t, "the visitors have met", func() bool { return first.Stats().Peers == 1 && second.Stats().Peers == 1 })

	seed := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: siteBlock(s, 16<<10)}
	seed.connectTo(one)
	ready(t, first)
	ready(t, second)
	eventually(t, "both have everything", func() bool { return complete(first) && complete(second) })
	same(t, second, s)
}
