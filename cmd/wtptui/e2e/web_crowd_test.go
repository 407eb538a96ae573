package e2e_test

import (
	"slices"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Ten browsers come at once for a site that only wtptui has, over a line that would keep one of them busy for seconds:
// none is left with nothing while the others are served, and all of them get everything.
func TestTenPagesAtOnce(t *testing.T) {
	dir := smallSite(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	page := peers.StartPageSeed(t, dir, tracker.WS)
	w := startWeb(t, []string{tracker.WS}, "--up-limit", "400K")
	w.Run(t, "add", "wtp://"+page.InfoHash)
	w.WaitSeeding(t, waitLong, page.InfoHash)
	page.Close()

	crowd := make([]*peers.Page, 10)
	for i := range crowd {
		crowd[i] = peers.StartPageLeech(t, page.Magnet(tracker.WS))
	}
	var took []time.Duration
	for _, p := range crowd {
		took = append(took, p.WaitSame(t, waitLong, dir))
	}
	slices.Sort(took)
	t.Logf("done after %v", took)
	// Pages pass on what they have, so with fair shares the last one is not far behind the first.
	if first, last := took[0], took[len(took)-1]; last > 5*first+30*time.Second {
		t.Errorf("the last page waited %v, the first one had everything after %v", last, first)
	}
}
