package sites

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// scrubTest is an engine with a real client, which has a pinned site of one file that another client seeds.
type scrubTest struct {
	*fixture
	host, content string
	file          string // the path of the site's file in the client's folder
}

func newScrubTest(t *testing.T) scrubTest {
	t.Helper()
	tracker := startTestTracker(t)
	content := strings.Repeat("What rots is fetched again. ", 10_000)
	host := seedContent(t, tracker, content)
	b := &fixture{
		t: t, clock: newTestClock(), swarm: newFakeSwarm(), path: filepath.Join(t.TempDir(), "wtptui.db"),
		names: &fakeResolver{},
	}
	b.cfg = startFixture(t).cfg
	b.cfg.Clock, b.cfg.ScrubEvery = b.clock, month
	dir := t.TempDir()
	b.cfg.Swarm = startSwarmClient(t, dir, tracker)
	b.openEngine()
	t.Cleanup(b.stop)
	b.addSite("wtp://" + host + "/")
	b.doVerb(engine.Pin, host)
	return scrubTest{b, host, content, filepath.Join(dir, host, "0")}
}

// seedContent starts a client that seeds a site of one page, and returns the host of the site.
func seedContent(t *testing.T, tracker, content string) string {
	t.Helper()
	pieces := ""
	for rest := content; len(rest) > 0; rest = rest[min(len(rest), 16<<10):] {
		sum := sha1.Sum([]byte(rest[:min(len(rest), 16<<10)]))
		pieces += string(sum[:])
	}
	info := []byte(fmt.Sprintf("d6:lengthi%de4:name10:index.html12:piece lengthi16384e6:pieces%d:%se",
		len(content), len(pieces), pieces))
	sum := sha1.Sum(info)
	host := hex.EncodeToString(sum[:])
	seedSite(t, startSwarmClient(t, t.TempDir(), tracker), host, info, content, len(pieces)/20)
	return host
}

// waitUntilComplete waits until the site is complete and has been checked after that, and compares its content.
func (b scrubTest) waitUntilComplete(what string) {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; b.clock.Advance(idleInterval) {
		if s := b.waitFor(b.host, what, func(engine.Site) bool { return true }); s.State == engine.Seeding {
			break
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("timeout: %s", what)
		}
	}
	for lost := true; lost; b.clock.Advance(scrubScanInterval) { // It is looked at once more when it is back.
		b.owner.do(func() { lost = b.state.torrents.byHash[b.host].scrub.wasIncomplete })
	}
	if got := b.getFile(b.host, "index.html"); got != b.content {
		b.t.Errorf("%s: %d bytes differ: %.40q", what, len(got), got)
	}
}

// waitWhileDamaged advances the clock while the number of damaged pieces that were found is n, for a minute at most.
func (b scrubTest) waitWhileDamaged(n int64) {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); b.scrubStatus().Damaged == n && time.Now().Before(deadline); {
		b.clock.Advance(tickInterval)
	}
}

// A damaged byte in a complete site of a real client is found by the scrub, and the piece is fetched again from another
// client. So is one that another program has written, at the next check.
func TestScrubRepairsDamageFromAnotherClient(t *testing.T) {
	b := newScrubTest(t)
	b.waitUntilComplete("fetched")

	b.damageFile(b.file, 100_000, true)
	b.clock.Advance(month)
	b.waitWhileDamaged(0)
	b.waitUntilComplete("fetched again")
	if v := b.scrubStatus(); v.Damaged != 1 || v.Bytes < int64(len(b.content)) {
		t.Errorf("after the scrub: %+v", v)
	}
	b.check("told", b.eventsOf(b.host, engine.Noticed), "1 piece (16.0 KB) was damaged on the disk: fetched again")

	b.damageFile(b.file, 200_000, false)
	b.clock.Advance(scrubStatInterval)
	b.waitWhileDamaged(1)
	if v := b.scrubStatus(); v.Damaged != 2 {
		t.Errorf("after the look: %+v", v)
	}
	b.waitUntilComplete("fetched once more")
}

// damageFile changes a byte of a file, with or without changing its modification time.
func (b *fixture) damageFile(path string, off int, secret bool) {
	b.t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	data[off] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	written := info.ModTime()
	if !secret {
		written = written.Add(time.Hour)
	}
	if err := os.Chtimes(path, written, written); err != nil {
		b.t.Fatal(err)
	}
}

// noCompletion is a Completion that knows nothing from before.
type noCompletion struct{}

func (noCompletion) Get([20]byte, int) (complete, known bool) { return false, false }
func (noCompletion) Set([20]byte, []int, bool) error          { return nil }

func startSwarmClient(t *testing.T, dir, tracker string) *swarm.Client {
	t.Helper()
	c, err := swarm.New(swarm.Config{
		Dir: dir, Completion: noCompletion{}, PeerHost: "127.0.0.1", Trackers: []string{tracker},
		TrackerMinInterval: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// seedSite has a client seed a site of one file.
func seedSite(t *testing.T, c *swarm.Client, host string, info []byte, content string, pieces int) {
	t.Helper()
	in, err := c.Intake()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Discard()
	f, err := in.Create(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(content), 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(host, pieces); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Add(swarm.Spec{Infohash: host, Info: info}); err != nil {
		t.Fatal(err)
	}
}

// startTestTracker starts a tracker on loopback that returns every peer that has announced.
func startTestTracker(t *testing.T) string {
	t.Helper()
	var mu sync.Mutex
	ports := map[string]bool{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var peers []string
		for port := range ports {
			peers = append(peers, "d2:ip9:127.0.0.14:porti"+port+"ee")
		}
		ports[r.URL.Query().Get("port")] = true
		_, _ = io.WriteString(w, "d8:intervali1e5:peersl"+strings.Join(peers, "")+"ee")
	}))
	t.Cleanup(s.Close)
	return s.URL + "/announce"
}
