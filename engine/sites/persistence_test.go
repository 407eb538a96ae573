package sites

import (
	"os"
	"testing"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/swarm"
)

// After an unclean exit no data is trusted before it has been hashed, however often the program ends before that.
func TestUncleanExitIsRememberedUntilAllIsVerified(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Pin, hashA)
	killed, err := os.ReadFile(b.path) // of a time when the database is open
	if err != nil {
		t.Fatal(err)
	}
	b.stop()
	if err := os.WriteFile(b.path, killed, 0o600); err != nil {
		t.Fatal(err)
	}
	b.swarm.setChecking(true)
	for range 3 {
		b.openEngine()
		if !b.swarm.lastSpec(hashA).Verify {
			t.Fatal("data that nobody has verified is trusted")
		}
		b.stop()
	}
	b.openEngine()
	b.swarm.setChecking(false)
	b.restart()
	if b.swarm.lastSpec(hashA).Verify {
		t.Error("what was verified is hashed again")
	}
}

// setChecking sets whether data waits to be hashed.
func (w *fakeSwarm) setChecking(waits bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hashing = waits
}

// A site that is first opened by a browser is saved before it is served.
func TestOpenedSiteIsSavedBeforeItIsServed(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	b.owner.do(func() { b.state.journal.lastTry = b.clock.Now() }) // nothing is due again while the clock stands still
	c, err := b.Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(engine.Request{})
	rows, err := b.db.Sites()
	if err != nil || len(rows) != 1 {
		t.Errorf("rows: %+v, %v", rows, err)
	}
}

// A .torrent file that cannot be stored leaves no site that waits for ever.
func TestFailedAddLeavesNoSite(t *testing.T) {
	b := startFixture(t)
	info, err := bencode.Marshal(metainfo.Info{Name: "x", PieceLength: 1 << 14, Pieces: make([]byte, 20), Length: 5})
	if err != nil {
		t.Fatal(err)
	}
	file, err := swarm.MakeMetainfo(info, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Add(t.Context(), engine.AddRequest{Metainfo: file}); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("Add: %v", err)
	}
	b.check("sites", b.hosts(), "")
}

// Adding a site again has effect at once: the trackers of a magnet link, and the metadata of a .torrent file.
func TestAddingAgainAddsSources(t *testing.T) {
	b := startFixture(t)
	info, err := bencode.Marshal(metainfo.Info{Name: "x", PieceLength: 1 << 14, Pieces: make([]byte, 20), Length: 5})
	if err != nil {
		t.Fatal(err)
	}
	file, err := swarm.MakeMetainfo(info, []string{"udp://b.example:1/"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := swarm.ParseMetainfo(file)
	if err != nil {
		t.Fatal(err)
	}
	b.addSite(m.Infohash)
	b.waitIdle()
	b.addSite("magnet:?xt=urn:btih:" + m.Infohash + "&tr=udp%3A%2F%2Fa.example%3A1%2F&x.pe=peer.example:2")
	b.check("named", b.swarm.hintsOf(m.Infohash), "udp://a.example:1/ peer.example:2")
	if _, err := b.Add(t.Context(), engine.AddRequest{Metainfo: file}); err != nil {
		t.Fatal(err)
	}
	b.check("named", b.swarm.hintsOf(m.Infohash), "udp://a.example:1/ udp://b.example:1/ peer.example:2")
	b.waitFor(m.Infohash, "described", func(s engine.Site) bool { return s.Size >= 0 })
}

// Metadata that could not be saved is saved later: without it, the data would be lost at the next start if no peer has
// the site then. Until it is saved, the site is not complete.
func TestMetadataIsSavedInTheEnd(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	b.swarm.mu.Lock()
	b.swarm.sources[hashA].Bytes = nil // which the store refuses
	b.swarm.mu.Unlock()
	b.addSite(hashA)
	b.waitFor(hashA, "being written", isBeingWritten)
	if info, err := b.db.Info(hashA); err != nil || info != nil {
		t.Fatalf("the store took %q, %v", info, err)
	}
	b.swarm.mu.Lock()
	whole := *b.swarm.sources[hashA]
	whole.Bytes = []byte("info of 1")
	b.swarm.joined[hashA].info = &whole
	b.swarm.mu.Unlock()
	b.clock.Advance(saveInterval)
	b.waitFor(hashA, "on the disk", isSeeding)
	if info, err := b.db.Info(hashA); err != nil || string(info) != "info of 1" {
		t.Errorf("the store has %q, %v", info, err)
	}
}

// A request that waits for a site with a fault gets the reason at once.
func TestOpenReturnsFaultsAtOnce(t *testing.T) {
	b := startFixture(t)
	b.addSite(hashB)
	opened := make(chan error, 1)
	go func() {
		_, err := b.Open(t.Context(), hashB)
		opened <- err
	}()
	b.waitFor(hashB, "waiting", func(s engine.Site) bool { return s.InUse })
	b.waitIdle() // It is in the swarm by then.
	b.swarm.mu.Lock()
	b.swarm.joined[hashB].fault = &engine.Error{Kind: engine.Unavailable, Msg: "the disk is full: free some space"}
	b.swarm.mu.Unlock()
	b.check("Open", engine.Message(enginetest.Receive(t, opened, "Open to return")), "the disk is full: free some space")
}

// Deadlines pass while the machine sleeps, unlike on the monotonic clock.
func TestSystemClockIsTheWallClock(t *testing.T) {
	if now := (systemClock{}).Now(); now != now.Round(0) { // which differ in that alone
		t.Errorf("%v has a monotonic reading", now)
	}
}
