package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A schedule keeps a site out of its swarm from the start, and again while it is seeded, until the settings change.
// What is here is served all the time.
func TestScheduleKeepsSiteOutOfTheSwarm(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	seed := peers.StartSeed(t, makeSmallSite(t), peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	tracker.WaitEvent(t, waitLong, seed.InfoHash, peers.Started, seed.Port)
	w := newWeb(t, []string{tracker.HTTP})
	const always = "[schedules.quiet]\npaused = true\n"
	putFile(t, w.DataDir, "config.toml", always)
	w.Start(t)
	w.Run(t, "add", "wtp://"+seed.InfoHash)
	seed.Connect(t, w.PeerPort) // It finds the door closed.
	peers.Eventually(t, waitLong, "the pause to be told", func() error {
		if list := w.Run(t, "ls", "--json"); !strings.Contains(list, "the end of the schedule that has all sites paused") {
			return fmt.Errorf("%s", list)
		}
		return nil
	})
	if out := w.Run(t, "limits"); !strings.Contains(out, "Schedule quiet holds. All sites are paused.") {
		t.Errorf("limits: %s", out)
	}
	applyConfig(t, w, "")
	site := w.WaitSeeding(t, waitLong, seed.InfoHash)
	connected := func(want bool) func() error {
		return func() error {
			if s := seed.Stats(t); (s.Peers > 0) != want {
				return fmt.Errorf("the other has %d peers", s.Peers)
			}
			return nil
		}
	}
	applyConfig(t, w, always)
	peers.Eventually(t, waitLong, "the others to be left", connected(false))
	status, body, err := w.Get(t.Context(), site.LocalURL, "index.html")
	if status != 200 || len(body) != 1000 || err != nil {
		t.Errorf("the page of a site that is here: %d, %d bytes, %v", status, len(body), err)
	}
	w.Terminate(t)
	if s := seed.Stats(t); s.Uploaded > 2*s.Size {
		t.Errorf("the other has sent %d bytes of a site of %d", s.Uploaded, s.Size)
	}
}
