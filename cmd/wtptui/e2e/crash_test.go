package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine"
	"wtptui/localserve/control"
)

var (
	kills   = flag.Int("kills", 15, "how often the program is killed while it works")
	cuts    = flag.Int("cuts", 10, "how often the power fails while the program works")
	cutSeed = flag.Uint64("cut-seed", 0, "what the kills and power cuts are chosen by; 0 for another one each time")
)

// After kill -9 at any time, everything that was acknowledged is there, and each operation that was running has
// happened or has not.
func TestKillsLoseNothingAcknowledged(t *testing.T) {
	t.Parallel()
	newCrashFixture(t, func(_ *testing.T, w *peers.Wtptui) { w.Kill() }).crashRepeatedly(t, *kills)
}

// The same holds after a power cut, which loses what was not flushed.
func TestPowerCutsLoseNothingAcknowledged(t *testing.T) {
	t.Parallel()
	peers.Require(t)
	disk := newCrashDisk(t)
	wd := newCrashFixture(t, disk.cutPower)
	wd.DataDir = disk.dataDir()
	wd.crashRepeatedly(t, *cuts)
}

// crashFixture is a program that is crashed again and again, and the peers that it gets its sites from.
type crashFixture struct {
	*peers.Wtptui

	seed    uint64
	ledger  *ledger
	others  *peers.Wtptui // seeds what is fetched
	tracker *onePeerTracker
	// crash ends the program; it may move its data folder.
	crash func(*testing.T, *peers.Wtptui)
}

func newCrashFixture(t *testing.T, end func(*testing.T, *peers.Wtptui)) *crashFixture {
	t.Helper()
	wd := &crashFixture{seed: *cutSeed, crash: end}
	if wd.seed == 0 {
		wd.seed = uint64(time.Now().UnixNano())
	}
	t.Logf("to repeat it: -cut-seed %d", wd.seed)
	rnd := rand.New(rand.NewPCG(wd.seed, 0))
	wd.tracker = startOnePeerTracker(t)
	wd.others = startWtptui(t, "--tracker", wd.tracker.url, "--up-limit", "8MiB")
	wd.Wtptui = peers.NewWtptui(t, binaryPath(t),
		"--tracker", wd.tracker.url, "--doh", "http://127.0.0.1:1/dns-query", "--max-site-size", strconv.Itoa(sizeLimit))
	wd.ledger = newLedger(append(wd.makeSites(t, rnd), &entry{name: "settings"})...)
	return wd
}

// makeSites makes the sites: those of others, which are seeded, and those that are published here.
func (wd *crashFixture) makeSites(t *testing.T, rnd *rand.Rand) (all []*entry) {
	t.Helper()
	client := dialControl(t, wd.others)
	for i, size := range []int{10 << 10, 100 << 10, 1 << 20, 3 << 20, 6 << 20} {
		c := newContent(rnd, size)
		e := &entry{name: "others' " + strconv.Itoa(i), large: c.size() > sizeLimit, versions: []*content{c}}
		e.versions[0].dryRun(t, client, t.TempDir(), false)
		all = append(all, e)
	}
	for i, domain := range []string{"one.example", "two.example", "", ""} {
		e := &entry{name: "own " + strconv.Itoa(i), domain: domain, dir: t.TempDir()}
		for v := range 5 {
			c := newContent(rnd, 10<<10)
			if v > 0 { // Some files are the same in all versions.
				maps.Copy(c.files, map[string][]byte{"0.bin": e.versions[0].files["0.bin"], "1.bin": e.versions[0].files["1.bin"]})
			}
			c.dryRun(t, client, e.dir, true)
			e.versions = append(e.versions, c)
		}
		all = append(all, e)
	}
	return all
}

// sizeLimit is the size in bytes above which a site is not downloaded until a person allows it.
const sizeLimit = 4 << 20

// size returns the total size of the files in bytes.
func (c *content) size() (n int) {
	for _, data := range c.files {
		n += len(data)
	}
	return n
}

// newContent makes up a site of 0.5 to 1.5 times the size, in bytes.
func newContent(rnd *rand.Rand, size int) *content {
	c := &content{files: map[string][]byte{}}
	for i := range 4 {
		c.files[fmt.Sprintf("%d.bin", i)] = randomBytes(rnd, 1+size/8+rnd.IntN(1+size/4))
	}
	c.files["index.html"] = fmt.Appendf(nil, "<title>%x</title>", randomBytes(rnd, 8))
	return c
}

func randomBytes(rnd *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

// dryRun finds out the content's infohash, and with dry set does nothing more.
func (c *content) dryRun(t *testing.T, client *control.Client, dir string, dry bool) {
	t.Helper()
	if err := c.writeFolder(dir); err != nil {
		t.Fatal(err)
	}
	p, err := client.Publish(t.Context(), engine.PublishRequest{Dir: dir, DryRun: dry}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.infohash = p.Infohash
}

// crashRepeatedly crashes the program that many times.
func (wd *crashFixture) crashRepeatedly(t *testing.T, times int) {
	begun := time.Now()
	rnd := rand.New(rand.NewPCG(wd.seed, 1))
	for i := range times + 1 {
		name := fmt.Sprintf("%d of %d", i, times)
		if !t.Run(name, func(t *testing.T) { wd.crashOnce(t, rnd, i, i == times) }) {
			return
		}
	}
	t.Logf("%d instants in %v; told %v; under way when it ended %v",
		times, time.Since(begun).Round(time.Second), wd.ledger.succeeded, wd.ledger.interrupted)
}

// crashOnce starts the program, compares its state with what was acknowledged, and crashes it while it works.
func (wd *crashFixture) crashOnce(t *testing.T, rnd *rand.Rand, i int, last bool) {
	wd.tracker.port.Store(0) // From here on there is nobody to fetch anything from.
	wd.Start(t)
	if i == 0 {
		wd.ledger.entries = append(wd.ledger.entries, welcomeEntry(t, wd.Wtptui))
	}
	c := &recoveryCheck{t: t, w: wd.Wtptui, ledger: wd.ledger, client: dialControl(t, wd.Wtptui)}
	defer c.client.Close()
	c.waitUntilAsTold()
	switch {
	case last:
		c.undoAll()
		c.checkBytes()
		c.addFormerVersions()
		return
	case rnd.IntN(2) == 0: // Reading keeps sites from moving to their next version for some time.
		c.checkBytes()
	}
	if t.Failed() {
		return
	}
	wd.tracker.port.Store(int32(wd.others.PeerPort))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	k := &workload{t: t, ctx: ctx, w: wd.Wtptui, client: c.client, ledger: wd.ledger, round: uint64(i)}
	c.resumeDownloads(ctx)
	k.start(wd.seed)
	const longest = 1200 * time.Millisecond
	wait := time.Duration(float64(longest) * rnd.Float64())
	<-time.After(wait)
	k.ending.Store(true)
	wd.crash(t, wd.Wtptui)
	cancel()
	k.wg.Wait()
	t.Logf("ended after %v, in the middle of %s", wait.Round(time.Millisecond), wd.ledger.describeOperations())
}

// welcomeEntry returns the site that a program has from the start.
func welcomeEntry(t *testing.T, w *peers.Wtptui) *entry {
	t.Helper()
	sites := w.List(t)
	if len(sites) != 1 {
		t.Fatalf("a new program has %+v", sites)
	}
	e := &entry{name: "welcome", fixed: true, versions: []*content{{infohash: sites[0].InfoHash}}}
	e.state = siteState{host: sites[0].Host, content: e.versions[0], pinned: true, complete: true}
	return e
}

// dialControl connects to the control socket of a running program.
func dialControl(t *testing.T, w *peers.Wtptui) *control.Client {
	t.Helper()
	var client *control.Client
	peers.Eventually(t, waitLong, "the control socket", func() (err error) {
		client, err = control.Dial(t.Context(), filepath.Join(w.DataDir, "control.sock"))
		return err
	})
	t.Cleanup(func() { client.Close() })
	return client
}

// onePeerTracker is a tracker that returns the peer at one port of this machine; with port 0, none.
type onePeerTracker struct {
	url  string
	port atomic.Int32
}

func startOnePeerTracker(t *testing.T) *onePeerTracker {
	t.Helper()
	tr := &onePeerTracker{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		peer := ""
		if port := tr.port.Load(); port != 0 {
			peer = string([]byte{127, 0, 0, 1, byte(port >> 8), byte(port)})
		}
		fmt.Fprintf(w, "d8:intervali1e5:peers%d:%se", len(peer), peer)
	}))
	t.Cleanup(server.Close)
	tr.url = server.URL + "/announce"
	return tr
}
