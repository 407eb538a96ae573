package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Sites, pins, deadlines and data survive the process, however it ends. A deadline that passes meanwhile is kept.
func TestSitesSurviveRestart(t *testing.T) {
	t.Parallel()
	ends := map[string]func(*seededPair, *testing.T){
		"SIGTERM": func(p *seededPair, t *testing.T) { p.Terminate(t) },
		"SIGKILL": func(p *seededPair, _ *testing.T) { p.Kill() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startSeededPair(t, time.Hour) // More than all of this takes anywhere.
			p.unpinCached(t)
			// From here on there is nobody to fetch anything from.
			p.cached.Stop(t)
			p.pinned.Stop(t)
			before, _ := p.Find(t, p.cached.InfoHash)
			end(p, t)

			p.Start(t)
			after := p.WaitSeeding(t, waitLong, p.cached.InfoHash)
			if !isSameDeadline(before, after) {
				t.Errorf("deadline %v, was %v before the restart", after.ExpiresAt, before.ExpiresAt)
			}
			p.checkPinned(t)
			checkSameSite(t, p.Wtptui, waitLong, after.LocalURL, p.cachedDir)

			end(p, t)
			// It leaves now as soon as it was touched; on a slow machine even before the end.
			const ttl = 5 * time.Second
			p.setCacheTTL(ttl)
			p.Start(t)
			p.Run(t, "touch", p.cached.InfoHash)
			touched := time.Now()
			end(p, t)
			waitForWallClock(t, touched.Add(ttl))
			p.Start(t)
			p.waitGone(t, waitLong)
			p.checkPinned(t)
		})
	}
}

// isSameDeadline allows for a second: deadlines need not be written at every request.
func isSameDeadline(a, b peers.Site) bool {
	return a.ExpiresAt != nil && b.ExpiresAt != nil && a.ExpiresAt.Sub(*b.ExpiresAt).Abs() <= time.Second
}

// After kill -9 in the middle of a download, no verified piece is downloaded again.
func TestKilledDownloadResumesWhereItWas(t *testing.T) {
	t.Parallel()
	dir := peers.SiteFolder(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	// Nearly half of the site comes, at a rate that keeps requests under way, and the rest after the restart.
	seed := peers.StartSeed(t, dir, peers.SeedOptions{
		Trackers: []string{tracker.HTTP}, UploadLimit: 3 << 19, HoldAfter: 12 << 20,
	})
	w := startWtptui(t, "--tracker", tracker.HTTP)
	w.Run(t, "add", "wtp://"+seed.InfoHash)
	part := w.WaitSite(t, waitLong, seed.InfoHash, "to have a quarter of it", func(s peers.Site) error {
		if s.Size <= 0 || s.Completed < s.Size/4 { // -1 until the list of files is there
			return fmt.Errorf("%d of %d bytes", s.Completed, s.Size)
		}
		return nil
	})
	w.Kill()
	killed := seed.Stats(t)
	if part.State != "downloading" || killed.Uploaded >= killed.Size {
		t.Fatalf("the download was over when it was to be killed: %+v, seed %+v", part, killed)
	}

	seed.LimitUpload(t, 0)
	w.Start(t)
	site := w.WaitSeeding(t, waitLong, seed.InfoHash)
	again := seed.Stats(t).Uploaded - killed.Uploaded
	// Fetched twice may be what was under way: pieces begun, and requests that the seed still answered.
	const underWay = 2 << 20
	if most := part.Size - part.Completed + underWay; again > most {
		t.Errorf("fetched %d bytes after the restart, want at most %d: %d of %d were finished before",
			again, most, part.Completed, part.Size)
	}
	checkSameSite(t, w, waitLong, site.LocalURL, dir)
}
