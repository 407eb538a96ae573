package companion_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// waitLong is how long a test waits for what has to come: see the one of the other end-to-end tests.
const waitLong = 4 * time.Minute

// buildOnce compiles the binary when the first test needs it.
var buildOnce func() (string, error)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp(peers.PlainTemp(), "wtptui-companion")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	buildOnce = sync.OnceValues(func() (string, error) { return peers.Build(dir) })
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
