package peers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// makeSmallSite makes a folder of three files and 700 KiB.
func makeSmallSite(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	for name, size := range map[string]int{"index.html": 1000, "sub/a.bin": 300 << 10, "sub/b.bin": 400 << 10} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Repeat(name[:1], size)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTrackerReportsASeedsAnnounces(t *testing.T) {
	for _, proto := range []string{"HTTP", "UDP"} {
		t.Run(proto, func(t *testing.T) {
			tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: time.Second})
			url := tracker.HTTP
			if proto == "UDP" {
				url = tracker.UDP
			}
			seed := peers.StartSeed(t, makeSmallSite(t), peers.SeedOptions{Trackers: []string{url}})
			came := tracker.WaitEvent(t, time.Minute, seed.InfoHash, peers.Started, seed.Port)
			if came.Transport != strings.ToLower(proto) || came.Left != 0 {
				t.Errorf("started: %+v, want a seed over %s", came, proto)
			}
			tracker.WaitEvent(t, time.Minute, seed.InfoHash, peers.Updated, seed.Port)
			seed.Stop(t)
			tracker.WaitEvent(t, time.Minute, seed.InfoHash, peers.Stopped, seed.Port)
			if len(tracker.Announces(seed.InfoHash)) < 3 {
				t.Errorf("announces: %+v", tracker.Announces(seed.InfoHash))
			}
		})
	}
}

func TestLeechMeetsSeedThroughTracker(t *testing.T) {
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: time.Second})
	site := makeSmallSite(t)
	seed := peers.StartSeed(t, site, peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	tracker.WaitEvent(t, time.Minute, seed.InfoHash, peers.Started, seed.Port)
	dir := t.TempDir()
	done := peers.StartLeech(t, seed.Magnet(tracker.HTTP), dir, peers.LeechOptions{}).WaitDone(t, 90*time.Second)
	peers.SameFiles(t, filepath.Join(dir, "small"), site)
	if done.Bytes != 1000+700<<10 || done.Elapsed <= 0 {
		t.Errorf("download: %+v", done)
	}
}

func TestSeedObeysItsUploadLimit(t *testing.T) {
	seed := peers.StartSeed(t, makeSmallSite(t), peers.SeedOptions{UploadLimit: 8 << 10, PieceLength: 16 << 10})
	leech := peers.StartLeech(t, seed.Torrent, t.TempDir(), peers.LeechOptions{Peers: []int{seed.Port}})
	peers.Eventually(t, time.Minute, "the first pieces", func() error {
		if leech.Stats(t).Completed == 0 {
			return os.ErrDeadlineExceeded
		}
		return nil
	})
	if s := seed.Stats(t); s.Uploaded >= s.Size {
		t.Fatalf("everything had been sent when the first piece arrived: %+v", s)
	}
	seed.LimitUpload(t, 0)
	leech.WaitDone(t, 90*time.Second)
}

func TestTransmissionCompletesFromLibtorrent(t *testing.T) {
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: time.Second})
	site := makeSmallSite(t)
	seed := peers.StartSeed(t, site, peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	for name, torrent := range map[string]string{"file": seed.Torrent, "magnet": seed.Magnet(tracker.HTTP)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // Most of it is Transmission waiting for its next ten-second tick.
			visitor := peers.StartTransmission(t)
			visitor.Add(t, torrent)
			visitor.WaitComplete(t, 2*time.Minute)
			peers.SameFiles(t, filepath.Join(visitor.Dir, "small"), site)
		})
	}
}

// No port is returned twice, nor one that the system may give to a connection.
func TestFreePortIsNeitherEphemeralNorRepeated(t *testing.T) {
	lowest, highest := 49152, 65535 // RFC 6335
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		if _, err := fmt.Sscan(string(text), &lowest, &highest); err != nil {
			t.Fatal(err)
		}
	}
	given := map[int]bool{}
	for range 200 {
		port := peers.FreePort(t)
		if given[port] || port < 1024 || port >= lowest && port <= highest {
			t.Fatalf("%d after %d others; the system gives %d to %d", port, len(given), lowest, highest)
		}
		given[port] = true
	}
}

// The sites that most tests use are the same on every machine.
func TestSiteFoldersAreTheSameOnEveryMachine(t *testing.T) {
	for name, site := range map[string]struct {
		dir    string
		files  int
		digest string
	}{
		"site": {peers.SiteFolder(t), peers.SiteFiles, "e1b6715598d26ba671fc0081e194d8cee611cd7118a4c46c5647510ad84a3add"},
		"small": {
			peers.SmallSiteFolder(t), peers.SmallSiteFiles, "f547c6641c1f4ec7d4cdf5486df8cd969c5f57942a533081fc5759b6f138b193",
		},
	} {
		sum := sha256.New()
		files := peers.Files(t, site.dir)
		for _, name := range files {
			content, err := os.ReadFile(filepath.Join(site.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(sum, "%s %x\n", name, sha256.Sum256(content))
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != site.digest || len(files) != site.files {
			t.Errorf("%s: %d files with the digest %s, want %d with %s", name, len(files), got, site.files, site.digest)
		}
	}
}

// A seed that holds keeps a download half-way until its limit is lifted.
func TestSeedHoldsUntilTheLimitIsLifted(t *testing.T) {
	seed := peers.StartSeed(t, makeSmallSite(t), peers.SeedOptions{UploadLimit: 40 << 10, HoldAfter: 80 << 10})
	leech := peers.StartLeech(t, seed.Torrent, t.TempDir(), peers.LeechOptions{Peers: []int{seed.Port}})
	peers.Eventually(t, time.Minute, "the seed to hold", func() error {
		before := seed.Stats(t).Uploaded
		<-time.After(time.Second) // In which it would send twice as much as it has to.
		if after := seed.Stats(t).Uploaded; after < 80<<10 || after-before > 20<<10 {
			return fmt.Errorf("%d bytes, %d in the last second", after, after-before)
		}
		return nil
	})
	if s := seed.Stats(t); s.Uploaded >= s.Size {
		t.Errorf("it did not hold: %+v", s)
	}
	seed.LimitUpload(t, 0)
	leech.WaitDone(t, 90*time.Second)
}

func TestChromiumLoadsAPage(t *testing.T) {
	browser := peers.Chromium(t)
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, []byte("<script>document.write(6*7)</script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := slices.Concat(browser.Flags, []string{"--user-data-dir=" + t.TempDir(), "--dump-dom", "file://" + page})
	out, err := exec.Command(browser.Path, args...).Output()
	if err != nil || !strings.Contains(string(out), "42") {
		t.Errorf("chromium: %v: %s", err, out)
	}
}

// When a test binary is killed, the processes that it has started end too, although none of its Cleanups run.
func TestProcessesDieWithTheTestBinary(t *testing.T) {
	const asChild = "WTPTUI_TEST_START_AND_HANG"
	if os.Getenv(asChild) != "" {
		fmt.Println("port:", peers.StartTransmission(t).PeerPort)
		<-t.Context().Done()
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a child with its parent")
	}
	peers.Require(t, peers.TransmissionTool)
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), asChild+"=1")
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	var port int
	if _, err := fmt.Fscanf(stdout, "port: %d\n", &port); err != nil {
		t.Fatalf("the child did not start: %v", err)
	}
	dial := func() error {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
		}
		return err
	}
	if err := dial(); err != nil {
		t.Fatalf("the daemon does not listen: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	peers.Eventually(t, time.Minute, "the daemon to die", func() error {
		if dial() == nil {
			return errors.New("it still listens")
		}
		return nil
	})
}
