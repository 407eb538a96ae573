package sites

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

const month = 30 * 24 * time.Hour

func withMonthlyScrub(cfg *Config) { cfg.ScrubEvery = month }

// setComplete makes all of a torrent of n pieces complete, here and elsewhere.
func (w *fakeSwarm) setComplete(infohash string, n int, pieceLength int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	info := makeInfo(infohash, 1)
	info.Pieces, info.PieceLength, info.Size = n, pieceLength, int64(n)*pieceLength
	w.sources[infohash], w.disk[infohash] = info, info.Size
	w.looks[infohash] = swarm.FilesState{Stamp: 1, Newest: newTestClock().now.Add(-time.Hour)}
}

// setFilesState sets what is found of the files of a torrent.
func (w *fakeSwarm) setFilesState(infohash string, look swarm.FilesState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks[infohash] = look
}

// damagePieces damages pieces of a torrent.
func (w *fakeSwarm) damagePieces(infohash string, pieces ...int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rotten[infohash] = map[int]bool{}
	for _, p := range pieces {
		w.rotten[infohash][p] = true
	}
}

// takePiecesRead returns the pieces that were read since the last call.
func (w *fakeSwarm) takePiecesRead() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	read := w.scrubbed
	w.scrubbed = nil
	return read
}

// passTicks lets time pass tick by tick, as it does outside of tests.
func (b *fixture) passTicks(d time.Duration) {
	b.t.Helper()
	for end := b.clock.Now().Add(d); b.clock.Now().Before(end); {
		b.clock.Advance(tickInterval)
	}
}

func (b *fixture) scrubStatus() engine.Scrub {
	b.t.Helper()
	var v engine.Scrub
	b.owner.do(func() { v = b.state.scrub.view() })
	return v
}

func (b *fixture) lastCheck(host string) time.Time {
	b.t.Helper()
	d, err := b.Detail(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	return d.CheckedAt.Std()
}

// addFetched adds a site all of which was fetched just now.
func (b *fixture) addFetched(infohash string, n int) {
	b.t.Helper()
	b.swarm.seed(infohash, n)
	b.swarm.setFilesState(infohash, swarm.FilesState{Stamp: 1, Newest: b.clock.Now()})
	b.addSite(infohash)
	b.doVerb(engine.Pin, infohash)
	b.waitFor(infohash, "seeding", isSeeding)
	b.clock.Advance(idleInterval)
	b.clock.Advance(scrubScanInterval)
}

// Complete data is read once a month, and not before.
func TestScrubReadsEverythingOnceAPeriod(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	first := b.clock.Now()
	b.addFetched(hashA, 3)
	b.clock.Advance(month - time.Hour)
	b.check("read before", strings.Join(b.swarm.takePiecesRead(), " "), "")
	if at := b.lastCheck(hashA); at.Before(first) || at.After(first.Add(time.Minute)) {
		t.Errorf("checked at %v, want when it was fetched", at)
	}
	b.clock.Advance(time.Hour)
	due := b.clock.Now()
	b.passTicks(2 * time.Second)
	b.check("read", strings.Join(b.swarm.takePiecesRead(), " "), "a/0 a/1 a/2")
	if at := b.lastCheck(hashA); at.Before(due) || at.After(due.Add(time.Minute)) {
		t.Errorf("checked at %v, want %v", at, due)
	}
	if v := b.scrubStatus(); v.Bytes != 3000 || v.Pieces != 3 || v.Damaged != 0 || v.Host != "" ||
		v.Oldest.Std().Before(due) {
		t.Errorf("told: %+v", v)
	}
	b.restart()
	b.passTicks(2 * time.Second)
	b.clock.Advance(scrubStatInterval)
	b.passTicks(2 * time.Second)
	b.check("read after a restart", strings.Join(b.swarm.takePiecesRead(), " "), "")

	off := startFixture(t)
	off.addFetched(hashA, 1)
	off.clock.Advance(2 * month)
	off.passTicks(2 * time.Second)
	off.check("read when it is off", strings.Join(off.swarm.takePiecesRead(), " "), "")
}

// Published data is read when the copy is as old as the files from which it was made.
func TestScrubOfPublishedData(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	f := newFolder(t, map[string]string{"index.html": "one"})
	published := b.clock.Now()
	host := b.publish(engine.PublishRequest{Dir: f.dir}).Host
	b.clock.Advance(time.Minute)
	if at := b.lastCheck(host); !at.Equal(published) {
		t.Errorf("checked at %v, want %v", at, published)
	}
}

// Reading takes two megabytes per second at most, and a hundredth of the time.
func TestScrubKeepsItsPace(t *testing.T) {
	for name, test := range map[string]struct {
		pieceLength int64
		takes       time.Duration
		want        float64 // MB
	}{
		"small pieces": {16 << 10, 0, 120},
		"pieces":       {256 << 10, 0, 120},
		"large pieces": {16 << 20, 0, 120},
		"slow disk":    {1_000_000, 100 * time.Millisecond, 6},
	} {
		t.Run(name, func(t *testing.T) {
			b := startFixture(t, withMonthlyScrub)
			b.swarm.setComplete(hashA, int(300_000_000/test.pieceLength), test.pieceLength)
			if test.takes > 0 {
				b.swarm.whenScrubbed = func() {
					b.clock.mu.Lock()
					defer b.clock.mu.Unlock()
					b.clock.now = b.clock.now.Add(test.takes)
				}
			}
			b.addSite(hashA)
			b.doVerb(engine.Pin, hashA)
			b.passTicks(2 * time.Second)
			before := b.scrubStatus().Bytes
			if before == 0 {
				t.Fatal("nothing was read, although nobody knows when it was read last")
			}
			b.passTicks(time.Minute)
			read := float64(b.scrubStatus().Bytes-before) / 1e6
			if piece := float64(test.pieceLength) / 1e6; read > test.want+max(piece, 0.5) || read < 0.95*test.want-piece {
				t.Errorf("%.1f MB were read in a minute, want %.0f", read, test.want)
			}
			if v := b.scrubStatus(); v.Host != hashA || v.Done <= 0 || v.Done >= 1 || v.Unchecked != 1 {
				t.Errorf("told: %+v", v)
			}
		})
	}
}

// While something is in the way nothing is read. The scrub resumes where it stopped, also after a restart.
func TestScrubPausesAndResumes(t *testing.T) {
	var busy atomic.Value
	busy.Store("")
	b := startFixture(t, withMonthlyScrub, func(cfg *Config) {
		cfg.ScrubWait = func() string { return busy.Load().(string) }
	})
	b.swarm.setComplete(hashA, 100, 1_000_000)
	b.addSite(hashA)
	b.doVerb(engine.Pin, hashA)
	b.passTicks(10 * time.Second)
	busy.Store("the machine runs on battery")
	b.passTicks(scrubWaitInterval)
	read := len(b.swarm.takePiecesRead())
	b.passTicks(time.Minute)
	if more := b.swarm.takePiecesRead(); len(more) > 0 || b.scrubStatus().Waiting != busy.Load() {
		t.Errorf("%d pieces were read, and it waits for %q", len(more), b.scrubStatus().Waiting)
	}
	busy.Store("")
	b.passTicks(2 * scrubWaitInterval)
	if v := b.scrubStatus(); v.Waiting != "" {
		t.Errorf("it waits for %q", v.Waiting)
	}
	all := b.swarm.takePiecesRead()
	if len(all) == 0 || all[0] != hashA[:1]+"/"+strconv.Itoa(read) {
		t.Fatalf("after %d pieces it goes on with %v", read, all)
	}
	read += len(all)
	b.restart()
	b.passTicks(10 * time.Second)
	all = b.swarm.takePiecesRead()
	if len(all) == 0 || all[0] != hashA[:1]+"/"+strconv.Itoa(read) {
		t.Fatalf("after %d pieces and a restart it goes on with %v", read, all)
	}
	b.passTicks(time.Minute)
	if at := b.lastCheck(hashA); at.IsZero() || b.clock.Now().Sub(at) < time.Minute {
		t.Errorf("checked at %v, want when it began", at)
	}
}

// Files that another program has written are read at the next check, and no others.
func TestScrubReadsChangedFilesFirst(t *testing.T) {
	day := newTestClock().now
	for name, test := range map[string]struct {
		look swarm.FilesState
		want string
	}{
		"nothing":      {swarm.FilesState{Stamp: 1, Newest: day}, ""},
		"one file":     {swarm.FilesState{Stamp: 2, Newest: day.Add(time.Hour), Changed: []int{1, 2}}, "a/1 a/2"},
		"set back":     {swarm.FilesState{Stamp: 2, Newest: day}, "a/0 a/1 a/2 a/3"},
		"by ourselves": {swarm.FilesState{Stamp: 2, Newest: day.Add(time.Hour), Own: true}, ""},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				b := startFixture(t, withMonthlyScrub)
				b.addFetched(hashA, 4)
				b.swarm.setFilesState(hashA, test.look)
				if restart {
					b.restart()
					if !test.look.Own { // It would not be known any more.
						b.passTicks(5 * time.Second)
						b.check("read after a restart", strings.Join(b.swarm.takePiecesRead(), " "), test.want)
					}
					return
				}
				b.clock.Advance(scrubStatInterval - time.Hour)
				b.check("read before", strings.Join(b.swarm.takePiecesRead(), " "), "")
				b.clock.Advance(time.Hour)
				b.passTicks(5 * time.Second)
				b.check("read", strings.Join(b.swarm.takePiecesRead(), " "), test.want)
				b.clock.Advance(scrubStatInterval)
				b.passTicks(5 * time.Second)
				b.check("read again", strings.Join(b.swarm.takePiecesRead(), " "), "")
			})
		}
	}
}

// Damage is reported, counted and fetched again.
func TestScrubReportsAndRepairsDamage(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*fixture)
		rotten  []int
		want    string
	}{
		"with a seed": {func(*fixture) {}, []int{1}, "1 piece (1000 B) was damaged on the disk: fetched again"},
		"many":        {func(*fixture) {}, []int{0, 1, 2}, "3 pieces (2.9 KB) were damaged on the disk: fetched again"},
		"paused": {
			func(b *fixture) { b.doVerb(engine.Pause, hashA) },
			[]int{1},
			"1 piece (1000 B) was damaged on the disk: fetched again when it is resumed",
		},
		"without a seed": {func(b *fixture) {
			b.swarm.mu.Lock()
			delete(b.swarm.sources, hashA)
			b.swarm.mu.Unlock()
		}, []int{1}, "1 piece (1000 B) was damaged on the disk: fetched again from whoever has it"},
	} {
		t.Run(name, func(t *testing.T) {
			b := startFixture(t, withMonthlyScrub)
			b.addFetched(hashA, 4)
			test.prepare(b)
			b.clock.Advance(idleInterval)
			told := len(b.eventsOf(hashA, engine.Noticed))
			b.swarm.damagePieces(hashA, test.rotten...)
			b.clock.Advance(month)
			b.passTicks(5 * time.Second)
			b.check("told", strings.TrimPrefix(b.eventsOf(hashA, engine.Noticed)[told:], "; "), test.want)
			if v := b.scrubStatus(); v.Damaged != int64(len(test.rotten)) {
				t.Errorf("told: %+v", v)
			}
			if name == "with a seed" || name == "many" {
				b.waitFor(hashA, "seeding", isSeeding)
			}
		})
	}
}

// A site with many damaged pieces is reported when the first is found, and once more when all has been read.
func TestScrubReportsManyDamagedPiecesTwice(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	b.swarm.setComplete(hashA, 40, 1_000_000)
	b.swarm.damagePieces(hashA, 3, 10, 20, 30)
	b.addSite(hashA)
	b.doVerb(engine.Pin, hashA)
	b.passTicks(time.Minute)
	b.check("told", b.eventsOf(hashA, engine.Noticed), "1 piece (977 KB) was damaged on the disk: fetched again; "+
		"all has been read: 4 pieces (3.8 MB) were damaged on the disk: fetched again")
}

// The only copy of what was published here cannot be fetched again: a person has to help.
func TestDamageOfTheOnlyCopyNeedsAPerson(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	f := newFolder(t, map[string]string{"index.html": "one"})
	host := b.publish(engine.PublishRequest{Dir: f.dir}).Host
	b.clock.Advance(time.Minute)
	b.swarm.damagePieces(host, 0)
	b.clock.Advance(month)
	for range 20 {
		if b.eventsOf(host, engine.Noticed) == "" {
			b.clock.Advance(tickInterval)
		}
	}
	b.check("told", b.eventsOf(host, engine.Noticed),
		"1 piece (3 B) was damaged on the disk, and this may be the only copy: "+
			"publish "+f.dir+" again, unless it is complete before")
	// The advice can be taken at once, before the swarm has been asked for new numbers.
	if d, err := b.Detail(t.Context(), host); err != nil || d.Site.State != engine.Downloading || d.Site.Completed != 0 {
		t.Errorf("when it was told: %+v, %v", d.Site, err)
	}
	mended := b.clock.Now()
	b.check("published again", b.publish(engine.PublishRequest{Dir: f.dir}).Host, host)
	b.waitFor(host, "seeding", isSeeding)
	if at := b.lastCheck(host); !at.Equal(mended) {
		t.Errorf("checked at %v, want %v", at, mended)
	}
	b.restart()
	if at := b.lastCheck(host); !at.Equal(mended) {
		t.Errorf("checked at %v after a restart, want %v", at, mended)
	}
}

// Verifying a site checks all of it.
func TestVerifyCountsAsACheck(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	b.addFetched(hashA, 2)
	b.clock.Advance(month - time.Hour)
	b.doVerb(engine.Verify, hashA)
	verified := b.clock.Now()
	b.waitFor(hashA, "verified", func(engine.Site) bool { return b.lastCheck(hashA).Equal(verified) })
	b.clock.Advance(2 * time.Hour)
	b.passTicks(2 * time.Second)
	b.check("read", strings.Join(b.swarm.takePiecesRead(), " "), "")
}

// After an unclean exit all data is hashed, which is a check. The record of a site is deleted with its data.
func TestVerificationAfterAnUncleanExitIsACheck(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	b.addFetched(hashA, 2)
	b.clock.Advance(month - time.Hour)
	b.stop()
	db, _, err := store.Open(b.path, b.cfg.Logger)
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Store, b.cfg.Unclean, b.db = db, true, db
	if b.Engine, err = New(b.cfg); err != nil {
		t.Fatal(err)
	}
	b.clock.mu.Lock()
	b.clock.rest = b.waitIdle
	b.clock.mu.Unlock()
	b.clock.Advance(2 * time.Hour)
	b.passTicks(2 * time.Second)
	b.check("read", strings.Join(b.swarm.takePiecesRead(), " "), "")
	if at := b.lastCheck(hashA); b.clock.Now().Sub(at) > 3*time.Hour {
		t.Errorf("checked at %v", at)
	}
	b.doVerb(engine.Remove, hashA)
	if c, err := b.db.DataCheck(hashA); err != nil || c != (store.DataCheck{}) {
		t.Errorf("the record stayed: %+v, %v", c, err)
	}
}

// A site can be removed while it is read.
func TestSiteCanBeRemovedWhileItIsScrubbed(t *testing.T) {
	b := startFixture(t, withMonthlyScrub)
	b.swarm.setComplete(hashA, 100, 1_000_000)
	b.swarm.setComplete(hashB, 3, 1000)
	b.addSite(hashA)
	b.doVerb(engine.Pin, hashA)
	b.passTicks(5 * time.Second)
	b.addSite(hashB)
	b.doVerb(engine.Remove, hashA)
	b.passTicks(10 * time.Second)
	if read := strings.Join(b.swarm.takePiecesRead(), " "); !strings.HasSuffix(read, "b/0 b/1 b/2") {
		t.Errorf("read: %s", read)
	}
}
