package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A lone seed at a tracker that forgets who is silent for ten seconds is found by a page that comes after a minute, long
// after an announce of its beginning would have been forgotten.
func TestTrackerThatForgets(t *testing.T) {
	t.Parallel() // Nearly all of it is waiting.
	dir := smallSite(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: 10 * time.Second, PeersCacheTTL: 10 * time.Second})
	w, site := onlyWtptuiHas(t, dir, tracker)
	first := tracker.WaitEvent(t, time.Minute, site.InfoHash, peers.Started, 0)
	begin := time.Now()
	peers.Eventually(t, 2*time.Minute, "a minute of announces", func() error {
		all := tracker.Announces(site.InfoHash)
		if passed := time.Since(begin); passed < time.Minute {
			return fmt.Errorf("%d announces in %v", len(all), passed)
		}
		return nil
	})
	all := tracker.Announces(site.InfoHash)
	for _, a := range all {
		if a.PeerID != first.PeerID || a.Transport != "ws" {
			t.Errorf("somebody else announced: %+v", a)
		}
	}
	// Started and completed at once, then at most every 30 s.
	if n := len(all); n < 3 || n > 6 {
		t.Errorf("%d announces in a minute: %+v", n, all)
	}
	page := peers.StartPageLeech(t, site.Magnet(tracker.WS))
	// The tracker may just have forgotten wtptui, which comes again within half a minute.
	t.Logf("found after %v", page.WaitMetadata(t, 2*time.Minute))
	page.WaitSame(t, time.Minute, dir)
	if s, _ := w.Find(t, site.InfoHash); s.State != "seeding" {
		t.Errorf("wtptui: %+v", s)
	}
}

// A tracker that is killed and comes back is told everything again, no later than wtptui said it would try.
func TestTrackerThatComesBack(t *testing.T) {
	t.Parallel() // Nearly all of it is waiting.
	dir := smallSite(t)
	port := peers.FreePort(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{Port: port})
	w, site := onlyWtptuiHas(t, dir, tracker)
	tracker.WaitEvent(t, time.Minute, site.InfoHash, peers.Started, 0)

	tracker.Kill()
	told := func() webTracker {
		t.Helper()
		var detail webDetail
		runJSON(t, w, &detail, "show", site.InfoHash)
		i := slices.IndexFunc(detail.Trackers, func(tr webTracker) bool { return strings.TrimSuffix(tr.URL, "/") == tracker.WS })
		if i < 0 {
			t.Fatalf("not among %+v", detail.Trackers)
		}
		return detail.Trackers[i]
	}
	// The wait doubles with each attempt, from one second. One that is missed would be followed by one twice as far away.
	const slack = 20 * time.Second
	peers.Eventually(t, 3*time.Minute, "several attempts", func() error {
		if tr := told(); tr.Status != "failing" || tr.Error == "" || tr.Next == nil || time.Until(*tr.Next) < slack {
			return fmt.Errorf("%+v", tr)
		}
		return nil
	})
	tracker = peers.StartTracker(t, peers.TrackerOptions{Port: port})
	// On a slow machine it may have tried in vain meanwhile, or be back already.
	next := time.Now()
	if tr := told(); tr.Status == "failing" && tr.Next != nil {
		next = *tr.Next
	}
	tracker.WaitEvent(t, max(0, time.Until(next))+slack, site.InfoHash, peers.Started, 0)
	if early := time.Until(next); early > time.Second {
		t.Errorf("it came %v before it had said it would", early)
	}
	page := peers.StartPageLeech(t, site.Magnet(tracker.WS))
	page.WaitSame(t, time.Minute, dir)
}
