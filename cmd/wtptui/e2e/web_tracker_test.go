package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// At a tracker that forgets peers after three seconds of silence, a page that comes late still finds the only seed.
func TestLoneSeedStaysKnownAtAForgetfulTracker(t *testing.T) {
	t.Parallel()
	dir := makeSmallSite(t)
	// It asks for an announce every second.
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: time.Second, PeersCacheTTL: 3 * time.Second})
	const shortest = time.Second // between announces over WebSocket: half of what is configured
	begun := time.Now()
	w, site := fetchThenStopSeed(t, dir, tracker, "--tracker-min-interval", (2 * shortest).String())
	first := tracker.WaitEvent(t, waitLong, site.InfoHash, peers.Started, 0)
	var all []peers.Announce
	peers.Eventually(t, waitLong, "announces for twice as long as the tracker remembers one", func() error {
		if all = tracker.Announces(site.InfoHash); len(all) < 10 {
			return fmt.Errorf("%d announces", len(all))
		}
		return nil
	})
	passed := time.Since(begun)
	for _, a := range all {
		if a.PeerID != first.PeerID || a.Transport != "ws" {
			t.Errorf("somebody else announced: %+v", a)
		}
	}
	// Started, completed and one after that come at once.
	if least := time.Duration(len(all)-3) * shortest; passed < least {
		t.Errorf("%d announces in %v, want %v or more between two: %+v", len(all), passed, shortest, all)
	}
	page := peers.StartPageLeech(t, site.Magnet(tracker.WS))
	// The tracker may just have forgotten wtptui, which comes again.
	t.Logf("found after %v", page.WaitMetadata(t, waitLong))
	page.WaitSameFiles(t, waitLong, dir)
	if s, _ := w.Find(t, site.InfoHash); s.State != "seeding" {
		t.Errorf("wtptui: %+v", s)
	}
}

// A tracker that is killed and restarted gets all announces again, at the next attempt that the details show.
func TestRestartedTrackerIsAnnouncedToInFull(t *testing.T) {
	t.Parallel()
	dir := makeSmallSite(t)
	port := peers.FreePort(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{Port: port})
	w, site := fetchThenStopSeed(t, dir, tracker)
	tracker.WaitEvent(t, waitLong, site.InfoHash, peers.Started, 0)

	tracker.Kill()
	readStatus := func() webTracker {
		t.Helper()
		return findTracker(t, w, site.InfoHash, tracker.WS)
	}
	waitForFailedAttempts(t, readStatus)
	tracker = peers.StartTracker(t, peers.TrackerOptions{Port: port})
	waitForNextAttempt(t, readStatus)
	tracker.WaitEvent(t, waitLong, site.InfoHash, peers.Started, 0)
	page := peers.StartPageLeech(t, site.Magnet(tracker.WS))
	page.WaitSameFiles(t, waitLong, dir)
}

// findTracker returns what the details of a site show of a tracker.
func findTracker(t *testing.T, w *peers.Wtptui, infohash, trackerURL string) webTracker {
	t.Helper()
	var detail webDetail
	runJSON(t, w, &detail, "show", infohash)
	i := slices.IndexFunc(detail.Trackers, func(tr webTracker) bool {
		return strings.TrimSuffix(tr.URL, "/") == trackerURL
	})
	if i < 0 {
		t.Fatalf("not among %+v", detail.Trackers)
	}
	return detail.Trackers[i]
}

// waitForFailedAttempts waits until a tracker that is away has been announced to several times.
func waitForFailedAttempts(t *testing.T, readStatus func() webTracker) {
	t.Helper()
	attempts := map[time.Time]bool{}
	peers.Eventually(t, waitLong, "several attempts", func() error {
		tr := readStatus()
		if tr.Status == "failing" && tr.Error != "" && tr.Next != nil {
			attempts[*tr.Next] = true
		}
		if len(attempts) < 4 {
			return fmt.Errorf("%+v after %v", tr, attempts)
		}
		return nil
	})
}

// waitForNextAttempt waits until the announces to a restarted tracker succeed. They have to do so at the first attempt
// that begins after the restart, and that is not made before the time that the details show.
func waitForNextAttempt(t *testing.T, readStatus func() webTracker) {
	t.Helper()
	// An attempt that is still to come, unless it is back already. One that has begun may have been too early.
	var next time.Time
	peers.Eventually(t, waitLong, "the next attempt", func() error {
		tr := readStatus()
		if tr.Status != "failing" {
			return nil
		}
		if tr.Next == nil || !tr.Next.After(time.Now()) {
			return fmt.Errorf("%+v", tr)
		}
		next = *tr.Next
		return nil
	})
	peers.Eventually(t, waitLong, "that attempt", func() error {
		switch tr := readStatus(); {
		case tr.Status != "failing":
			return nil
		case tr.Next != nil && tr.Next.After(next):
			t.Fatalf("the tracker was there at %v, and wtptui says %+v", next, tr)
			return nil
		default:
			return fmt.Errorf("%+v", tr)
		}
	})
	if early := time.Until(next); early > 0 {
		t.Errorf("it came %v before it had said it would", early)
	}
}
