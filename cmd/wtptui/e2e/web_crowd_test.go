package e2e_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Ten browsers come at once for a site that only wtptui has, over a line that would keep one of them busy for seconds:
// each gets something while the others are served, and all of them get everything.
func TestTenPagesAtOnceAllGetTheSite(t *testing.T) {
	dir := makeSmallSite(t)
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
	var early []*peers.Page // Who knew what there is before anybody had all of it.
	peers.Eventually(t, waitLong, "half of the pages to have everything", func() error {
		var ready []*peers.Page
		done := 0
		for _, p := range crowd {
			if p.HasReported("metadata") {
				ready = append(ready, p)
			}
			if p.HasReported("done") {
				done++
			}
		}
		if done == 0 {
			early = ready
		}
		if done < len(crowd)/2 {
			return fmt.Errorf("%d of %d have", done, len(crowd))
		}
		return nil
	})
	for i, p := range early {
		if p.Pieces() == 0 {
			t.Errorf("page %d of those that came early has nothing, and half of them have everything", i)
		}
	}
	var took []time.Duration
	for _, p := range crowd {
		took = append(took, p.WaitSameFiles(t, waitLong, dir))
	}
	slices.Sort(took)
	t.Logf("done after %v", took)
	if slowest, median := took[len(took)-1], took[len(took)/2]; slowest > 2*median {
		t.Errorf("the slowest page took %v, half of them %v", slowest, median)
	}
}
