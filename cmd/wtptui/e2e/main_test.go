package e2e_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// unseededHost is a site without seeds.
const unseededHost = "951ead31d09e4049fc1f21f137e233dd0589fcbd"

// waitLong bounds each wait of a test. On an idle machine the event takes a second or two, but a slow machine is no
// fault. What a test proves does not depend on it.
const waitLong = 4 * time.Minute

// buildOnce compiles the binary when the first test needs it.
var buildOnce func() (string, error)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := raiseParallelism(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(runTests(m))
}

// raiseParallelism runs twice as many tests in parallel as there are processors, unless -parallel is given: most of the
// time, most of them wait.
func raiseParallelism() error {
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if chosen {
		return nil
	}
	return flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
}

// receive receives from a channel. The test ends if nothing comes within waitLong.
func receive[T any](t testing.TB, c <-chan T, what string) (v T, open bool) {
	t.Helper()
	select {
	case v, open = <-c:
		return v, open
	case <-time.After(waitLong):
		t.Fatalf("waited %v for %s", waitLong, what)
		return v, false
	}
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp(peers.PlainTemp(), "wtptui-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// One test runs the program as somebody else.
	if err := os.Chmod(dir, 0o711); err != nil { // There is nothing else in it.
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	buildOnce = sync.OnceValues(func() (string, error) {
		if bin := peers.InternetBinary(); bin != "" {
			return bin, nil
		}
		return peers.Build(dir)
	})
	return m.Run()
}

// binaryPath returns the program of this source tree.
func binaryPath(t testing.TB) string {
	t.Helper()
	peers.Require(t)
	bin, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// startWtptui runs the binary of this source tree; see peers.StartWtptui.
func startWtptui(t testing.TB, flags ...string) *peers.Wtptui {
	t.Helper()
	return peers.StartWtptui(t, binaryPath(t), flags...)
}

// buildPatched builds the program from this source tree with one change: in the given file, the text before, which must
// occur once, is replaced by after.
func buildPatched(t *testing.T, file, before, after string) string {
	t.Helper()
	peers.Require(t)
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(file)
	if err != nil || strings.Count(string(source), before) != 1 {
		t.Fatalf("%s should have this in it once: %v\n%s", file, err, before)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(source), before, after, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	// See -overlay in `go help build`.
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	bin, err := peers.Build(dir, "-overlay", overlay)
	if err != nil {
		t.Fatal(err)
	}
	return bin
}
