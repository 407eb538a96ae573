package e2e_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// seededPair is one wtptui that seeds two sites, and their seeds.
type seededPair struct {
	*peers.Wtptui

	tracker *peers.Tracker
	// cached is the whole site; pinned, which wtptui pins, is its folder syntax alone.
	cached, pinned       *peers.Libtorrent
	cachedDir, pinnedDir string
	added                time.Time // Right before the cached site's time began.
}

func startSeededPair(t *testing.T, ttl time.Duration) *seededPair {
	t.Helper()
	p := &seededPair{cachedDir: peers.SiteFolder(t), tracker: peers.StartTracker(t, peers.TrackerOptions{})}
	p.pinnedDir = filepath.Join(p.cachedDir, "syntax")
	options := peers.SeedOptions{Trackers: []string{p.tracker.HTTP}}
	p.cached = peers.StartSeed(t, p.cachedDir, options)
	p.pinned = peers.StartSeed(t, p.pinnedDir, options)
	p.Wtptui = peers.NewWtptui(t, binary(t), "--tracker", p.tracker.HTTP)
	p.liveFor(ttl)
	p.Start(t)
	p.Run(t, "add", "--pin", "wtp://"+p.pinned.InfoHash)
	// Pinned until it is here, so that its time does not run out on a machine that is slow.
	p.Run(t, "add", "--pin", "wtp://"+p.cached.InfoHash)
	p.WaitSeeding(t, 3*time.Minute, p.pinned.InfoHash)
	p.WaitSeeding(t, 3*time.Minute, p.cached.InfoHash)
	p.added = time.Now()
	p.Run(t, "unpin", p.cached.InfoHash)
	return p
}

// liveFor is how long cached sites live from the next start on.
func (p *seededPair) liveFor(ttl time.Duration) { p.Setenv("WTPTUI_CACHE_TTL=" + ttl.String()) }

// checkPinned fails the test unless the pinned site is there for good and is served from what is on disk.
func (p *seededPair) checkPinned(t *testing.T) {
	t.Helper()
	site := p.WaitSeeding(t, 3*time.Minute, p.pinned.InfoHash)
	if !site.Pinned || site.ExpiresAt != nil {
		t.Errorf("pinned site: %+v", site)
	}
	sameSite(t, p.Wtptui, time.Minute, site.LocalURL, p.pinnedDir)
}

// waitGone waits until the cached site has left the list.
func (p *seededPair) waitGone(t *testing.T, limit time.Duration) {
	t.Helper()
	peers.Eventually(t, limit, "the cached site to leave", func() error {
		if site, found := p.Find(t, p.cached.InfoHash); found {
			return fmt.Errorf("%+v", site)
		}
		return nil
	})
}

// diskUse is how many bytes of files there are below dir.
func diskUse(t *testing.T, dir string) int64 {
	t.Helper()
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		var info fs.FileInfo
		if err == nil && d.Type().IsRegular() {
			info, err = d.Info()
		}
		if info != nil {
			sum += info.Size()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // It goes while we look.
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// A cached site leaves the list, the swarm and the disk when its time is up, and not before; a pinned one stays.
func TestCachedSiteLeavesAndPinnedStays(t *testing.T) {
	t.Parallel()
	const ttl = 12 * time.Second
	p := startSeededPair(t, ttl)
	size := p.cached.Stats(t).Size
	before := diskUse(t, p.DataDir)
	if before < size {
		t.Fatalf("%d bytes on disk cannot hold the site's %d", before, size)
	}

	p.tracker.WaitEvent(t, ttl+time.Minute, p.cached.InfoHash, peers.Stopped, p.PeerPort)
	if stayed := time.Since(p.added); stayed < ttl {
		t.Errorf("it left after %v, want at least %v", stayed, ttl)
	}
	p.waitGone(t, time.Minute)
	peers.Eventually(t, time.Minute, "its data to go", func() error {
		if after := diskUse(t, p.DataDir); before-after < size {
			return fmt.Errorf("%d bytes on disk, were %d, and the site has %d", after, before, size)
		}
		return nil
	})
	p.checkPinned(t)
	for _, a := range p.tracker.Announces(p.pinned.InfoHash) {
		if a.Event == peers.Stopped && a.Port == p.PeerPort {
			t.Error("the tracker was told that the pinned site is no longer seeded")
		}
	}
}

// Every request counts as opening the site: it starts the time to live anew.
func TestRequestPostponesExpiry(t *testing.T) {
	t.Parallel()
	const ttl = 20 * time.Second
	p := startSeededPair(t, ttl)
	site := p.WaitSite(t, ttl, p.cached.InfoHash, "to have a deadline", func(s peers.Site) error {
		if s.ExpiresAt == nil {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	deadline := *site.ExpiresAt
	waitUntil(t, deadline.Add(-ttl/2))
	fetch(t, p.Wtptui, ttl/2, site.LocalURL, "index.html")
	later := p.WaitSite(t, ttl/2, p.cached.InfoHash, "to have a later deadline", func(s peers.Site) error {
		if s.ExpiresAt == nil || s.ExpiresAt.Sub(deadline) < ttl/4 {
			return fmt.Errorf("%v, was %v", s.ExpiresAt, deadline)
		}
		return nil
	})
	waitUntil(t, deadline.Add(ttl/10))
	if _, found := p.Find(t, p.cached.InfoHash); !found {
		t.Fatalf("it left at its first deadline, %v, though a request had moved it to %v", deadline, later.ExpiresAt)
	}
	p.waitGone(t, time.Minute)
}

// waitUntil waits for the wall clock, which is all that wtptui's own deadlines depend on.
func waitUntil(t *testing.T, at time.Time) {
	t.Helper()
	peers.Eventually(t, time.Until(at)+time.Second, "the clock", func() error {
		if left := time.Until(at); left > 0 {
			return fmt.Errorf("%v left", left)
		}
		return nil
	})
}
