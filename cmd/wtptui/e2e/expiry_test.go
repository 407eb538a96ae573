package e2e_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// seededPair is a wtptui that has two sites, one cached and one pinned, and their seeds.
type seededPair struct {
	*peers.Wtptui

	tracker *peers.Tracker
	// pinned is pinned for good, cached until unpinCached.
	cached, pinned       *peers.Libtorrent
	cachedDir, pinnedDir string
}

// startSeededPair waits until both sites are complete. Both are pinned at first, so that none expires on a slow
// machine.
func startSeededPair(t *testing.T, ttl time.Duration) *seededPair {
	t.Helper()
	p := &seededPair{
		cachedDir: peers.SmallSiteFolder(t), pinnedDir: makeSmallSite(t),
		tracker: peers.StartTracker(t, peers.TrackerOptions{}),
	}
	options := peers.SeedOptions{Trackers: []string{p.tracker.HTTP}}
	p.cached = peers.StartSeed(t, p.cachedDir, options)
	p.pinned = peers.StartSeed(t, p.pinnedDir, options)
	p.Wtptui = peers.NewWtptui(t, binaryPath(t), "--tracker", p.tracker.HTTP)
	p.setCacheTTL(ttl)
	p.Start(t)
	p.Run(t, "add", "--pin", "wtp://"+p.pinned.InfoHash)
	p.Run(t, "add", "--pin", "wtp://"+p.cached.InfoHash)
	p.WaitSeeding(t, waitLong, p.pinned.InfoHash)
	p.WaitSeeding(t, waitLong, p.cached.InfoHash)
	return p
}

// unpinCached begins the cache period of the cached site. It returns a time before that.
func (p *seededPair) unpinCached(t *testing.T) (before time.Time) {
	t.Helper()
	before = time.Now()
	p.Run(t, "unpin", p.cached.InfoHash)
	return before
}

// setCacheTTL sets the cache period from the next start on.
func (p *seededPair) setCacheTTL(ttl time.Duration) { p.Setenv("WTPTUI_CACHE_TTL=" + ttl.String()) }

// checkPinned checks that the pinned site has no deadline and is served from the disk.
func (p *seededPair) checkPinned(t *testing.T) {
	t.Helper()
	site := p.WaitSeeding(t, waitLong, p.pinned.InfoHash)
	if !site.Pinned || site.ExpiresAt != nil {
		t.Errorf("pinned site: %+v", site)
	}
	checkSameSite(t, p.Wtptui, waitLong, site.LocalURL, p.pinnedDir)
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

// torrentBytes returns how many bytes of torrents there are below dir.
func torrentBytes(t *testing.T, dir string) int64 {
	t.Helper()
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		var info fs.FileInfo
		if err == nil && d.Type().IsRegular() && isTorrentFile(d.Name()) {
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

// isTorrentFile reports whether a file holds data of a torrent. Others, with what is known of sites, come and go.
func isTorrentFile(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil
}

// A cached site leaves the list, the swarm and the disk when its cache period is over, and not before. A pinned one
// stays.
func TestCachedSiteExpiresAndPinnedStays(t *testing.T) {
	t.Parallel()
	const ttl = 4 * time.Second
	p := startSeededPair(t, ttl)
	size := p.cached.Stats(t).Size
	before := torrentBytes(t, p.DataDir)
	if before < size {
		t.Fatalf("%d bytes on disk cannot hold the site's %d", before, size)
	}

	released := p.unpinCached(t)
	p.tracker.WaitEvent(t, waitLong, p.cached.InfoHash, peers.Stopped, p.PeerPort)
	if stayed := time.Since(released); stayed < ttl {
		t.Errorf("it left after %v, want at least %v", stayed, ttl)
	}
	p.waitGone(t, waitLong)
	peers.Eventually(t, waitLong, "its data to go", func() error {
		if after := torrentBytes(t, p.DataDir); before-after < size {
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

// Every request counts as opening the site: it starts the cache period anew.
func TestRequestPostponesExpiry(t *testing.T) {
	t.Parallel()
	const long = time.Hour
	p := startSeededPair(t, long)
	p.unpinCached(t)
	site := p.waitNewDeadline(t, time.Time{})
	first := *site.ExpiresAt
	asked := time.Now()
	fetchFile(t, p.Wtptui, waitLong, site.LocalURL, "index.html")
	// What is shown has no fractions of a second.
	if again := p.waitNewDeadline(t, first).ExpiresAt; again.Before(asked.Add(long - time.Second)) {
		t.Errorf("asked at %v, it leaves at %v, want an hour later", asked, again)
	}
	p.Terminate(t)

	const short = 4 * time.Second
	p.setCacheTTL(short)
	p.Start(t)
	site, _ = p.Find(t, p.cached.InfoHash)
	// Requests keep it for longer than it would live by any one of them. If it left, the next one would fetch it again.
	sent := p.cached.Stats(t).Uploaded
	asked = time.Now()
	var longest time.Duration // from one request to the answer of the next
	for begun := asked; time.Since(begun) < 2*short; <-time.After(50 * time.Millisecond) {
		former := asked
		asked = time.Now()
		fetchFile(t, p.Wtptui, waitLong, site.LocalURL, "index.html")
		longest = max(longest, time.Since(former))
	}
	if again := p.cached.Stats(t).Uploaded; again != sent && longest < short {
		t.Errorf("it left though it was asked for every %v, and was fetched again", longest)
	}
	p.waitGone(t, waitLong)
	if time.Since(asked) < short {
		t.Errorf("it left within %v of the last request", short)
	}
}

// waitNewDeadline waits until the cached site has a deadline other than the former one.
func (p *seededPair) waitNewDeadline(t *testing.T, former time.Time) peers.Site {
	t.Helper()
	return p.WaitSite(t, waitLong, p.cached.InfoHash, "to have another deadline", func(s peers.Site) error {
		if s.ExpiresAt == nil || s.ExpiresAt.Equal(former) {
			return fmt.Errorf("%v, was %v", s.ExpiresAt, former)
		}
		return nil
	})
}

// waitForWallClock waits until a time of the wall clock, on which wtptui's deadlines depend.
func waitForWallClock(t *testing.T, at time.Time) {
	t.Helper()
	peers.Eventually(t, time.Until(at)+waitLong, "the clock", func() error {
		if left := time.Until(at); left > 0 {
			return fmt.Errorf("%v left", left)
		}
		return nil
	})
}
