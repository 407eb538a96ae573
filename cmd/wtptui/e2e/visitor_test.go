package e2e_test

import (
	"path/filepath"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A visitor seeds: when the publisher is gone, another client gets the metadata and every file from wtptui alone.
func TestVisitorSeedsWhenThePublisherIsGone(t *testing.T) {
	t.Parallel()
	dir := peers.SmallSiteFolder(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	w := startWtptui(t, "--tracker", tracker.HTTP)
	w.Run(t, "add", "wtp://"+seed.InfoHash)
	w.WaitSeeding(t, waitLong, seed.InfoHash)

	seed.Stop(t)
	tracker.WaitEvent(t, waitLong, seed.InfoHash, peers.Stopped, seed.Port)

	other := peers.StartTransmission(t)
	other.Add(t, seed.Magnet(tracker.HTTP))
	tracker.WaitEvent(t, waitLong, seed.InfoHash, peers.Started, other.PeerPort)
	// Transmission does not call peers on loopback, and hangs up once it has the metadata. So wtptui has to learn of it
	// and call, twice. By itself it would ask the tracker when that wants it to; a person can have it ask at once.
	var asked time.Time
	peers.Eventually(t, waitLong, "transmission-daemon to complete", func() error {
		if time.Since(asked) > 2*time.Second {
			asked = time.Now()
			w.Run(t, "announce", seed.InfoHash)
		}
		return other.Complete()
	})
	peers.SameFiles(t, filepath.Join(other.Dir, filepath.Base(dir)), dir)
}
