package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// upgradedSiteList is what `wtptui ls --json` prints of the sites in the data folder schema2, once nothing changes any
// more. A version from before state files has left that folder. Its evicted site and the former versions of
// site.wtp.test have expired.
const upgradedSiteList = `
Pinned: seeding pinned
Cached: seeding
No clearnet: seeding no-clearnet
Paused: paused
photos: error pinned mine
Allowed: seeding
nothing.wtp.test: error pinned
blog: seeding pinned mine
First: seeding pinned
`

var schema2Dir = filepath.Join("..", "..", "..", "engine", "sites", "testdata", "schema2")

// Although the program is killed at random times of its first start, it takes over what the former version has left,
// and has it in the folders then: a lost database loses nothing.
func TestKillWhileUpgradingLosesNothing(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	for range 3 {
		w := peers.NewWtptui(t, bin, "--tracker", "none", "--doh", "https://127.0.0.1:1/dns-query")
		if err := os.CopyFS(w.DataDir, os.DirFS(schema2Dir)); err != nil {
			t.Fatal(err)
		}
		when := ""
		for range 3 {
			after := rand.N(500 * time.Millisecond)
			when += " " + after.String()
			w.Launch(t)
			<-time.After(after)
			w.Kill()
		}
		w.Start(t)
		waitUpgraded(t, w, "after kills at"+when)
		w.Terminate(t)
		if err := os.Remove(databasePath(w)); err != nil {
			t.Fatal(err)
		}
		w.Start(t)
		waitUpgraded(t, w, "without a database, after kills at"+when)
		w.Terminate(t)
	}
}

func waitUpgraded(t *testing.T, w *peers.Wtptui, when string) {
	t.Helper()
	peers.Eventually(t, waitLong, "the sites of before "+when, func() error {
		if got := listSitesText(t, w); got != upgradedSiteList {
			return fmt.Errorf("%s\nwant%s", got, upgradedSiteList)
		}
		if files := listDataFiles(t, w); len(files) != 9 {
			return fmt.Errorf("%d files of data: %q", len(files), files)
		}
		return nil
	})
}

// listSitesText returns what `wtptui ls --json` prints of each site, by its title or domain.
func listSitesText(t *testing.T, w *peers.Wtptui) string {
	t.Helper()
	var sites []struct {
		Host, Title, State string
		Pinned, Mine       bool
		NoClearnet         bool `json:"no_clearnet"`
	}
	if err := json.Unmarshal([]byte(w.Run(t, "ls", "--json")), &sites); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range sites {
		name := s.Title
		if name == "" {
			name = s.Host
		}
		fmt.Fprintf(&b, "\n%s: %s", name, s.State)
		if s.Pinned {
			b.WriteString(" pinned")
		}
		if s.Mine {
			b.WriteString(" mine")
		}
		if s.NoClearnet {
			b.WriteString(" no-clearnet")
		}
	}
	return b.String() + "\n"
}
