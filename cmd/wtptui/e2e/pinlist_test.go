package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// listReport is a row of `wtptui pin --lists --json`, with the fields that are used here.
type listReport struct {
	Source  string `json:"source"`
	Sites   int    `json:"sites"`
	Pinned  int    `json:"pinned"`
	Skipped int    `json:"skipped"`
	LeftOut int    `json:"left_out"`
	Rubbish []struct {
		Line int    `json:"line"`
		Why  string `json:"why"`
	} `json:"rubbish"`
	Applied bool   `json:"applied"`
	Error   string `json:"error"`
	Held    *struct {
		Why    string `json:"why"`
		Unpins int    `json:"unpins"`
		Accept string `json:"accept"`
	} `json:"held"`
}

// numberedHost returns the infohash of a site without seeds.
func numberedHost(i int) string { return fmt.Sprintf("%040x", 1<<20+i) }

// writeList writes a list of numbered sites, with a line of rubbish, unless it is empty, after every hundred.
func writeList(t *testing.T, path string, from, to int, rubbish string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# a set of sites\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "wtp://%s/ # number %d\n", numberedHost(i), i)
		if i%100 == 99 {
			b.WriteString(rubbish)
		}
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pinnedSites returns the hosts of pinned sites.
func pinnedSites(t *testing.T, w *peers.Wtptui) map[string]bool {
	pinned := map[string]bool{}
	for _, s := range w.List(t) {
		if s.Pinned {
			pinned[s.Host] = true
		}
	}
	return pinned
}

// waitPinned waits until exactly the numbered sites of a range are pinned, besides the welcome site and the others.
func waitPinned(t *testing.T, w *peers.Wtptui, from, to int, others ...string) {
	t.Helper()
	peers.Eventually(t, 4*waitLong, "the pins to follow the list", func() error {
		pinned := pinnedSites(t, w)
		for i := from; i < to; i++ {
			if !pinned[numberedHost(i)] {
				return fmt.Errorf("number %d is not pinned", i)
			}
		}
		for _, host := range others {
			if !pinned[host] {
				return fmt.Errorf("%s is not pinned", host)
			}
		}
		if want := to - from + len(others); len(pinned) != want {
			return fmt.Errorf("%d sites are pinned, want %d", len(pinned), want)
		}
		return nil
	})
}

// A list of hundreds of sites is followed through a change, a crash and its end.
func TestPinListIsFollowedThroughChangesAndACrash(t *testing.T) {
	t.Parallel()
	const size = 300
	w := startWtptui(t, "--tracker", "none")
	welcome := w.List(t)[0].Host
	list := filepath.Join(t.TempDir(), "sites.txt")
	writeList(t, list, 0, size, "rubbish \x1b[2J\n")
	w.Run(t, "add", "--pin", numberedHost(0)) // By hand, which no list takes back.

	w.Run(t, "pin", "--json", "--follow", "--from", list)
	waitPinned(t, w, 0, size, welcome)
	var r listReport
	peers.Eventually(t, waitLong, "the list's state", func() error {
		if r = showOnlyList(t, w); !r.Applied {
			return fmt.Errorf("%+v", r)
		}
		return nil
	})
	if r.Source != list || r.Sites != size || r.Pinned != size || r.LeftOut != 0 ||
		r.Skipped != size/100 || r.Rubbish[0].Line != 102 {
		t.Errorf("%+v", r)
	}

	// Ten leave and ten come while it runs; ten more while it does not.
	writeList(t, list, 10, size+10, "")
	waitPinned(t, w, 10, size+10, welcome, numberedHost(0))
	w.Kill()
	writeList(t, list, 20, size+20, "")
	w.Start(t)
	waitPinned(t, w, 20, size+20, welcome, numberedHost(0))

	if out := w.Run(t, "unpin", "--from", list); !strings.Contains(out, "unpinned the sites of "+list) {
		t.Errorf("unpin --from says %q", out)
	}
	waitPinned(t, w, 0, 0, welcome, numberedHost(0))
	if out := w.Run(t, "pin", "--lists", "--json"); strings.TrimSpace(out) != "[]" {
		t.Errorf("still followed: %s", out)
	}
	if _, stderr, code := w.RunCode(t, "unpin", "--from", list); code != 1 ||
		!strings.Contains(stderr, "is not followed") {
		t.Errorf("unpin --from again: %d %s", code, stderr)
	}
}

// showOnlyList returns the only list that is followed.
func showOnlyList(t *testing.T, w *peers.Wtptui) listReport {
	t.Helper()
	var reports []listReport
	out := w.Run(t, "pin", "--lists", "--json")
	if err := json.Unmarshal([]byte(out), &reports); err != nil || len(reports) != 1 || strings.Contains(out, "\x1b") {
		t.Fatalf("%v\n%s", err, out)
	}
	return reports[0]
}

// A followed list that turns to nothing unpins no site until the change is accepted.
func TestEmptiedPinListUnpinsNothingUntilAccepted(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	welcome := w.List(t)[0].Host
	list := filepath.Join(t.TempDir(), "sites.txt")
	writeList(t, list, 0, 3, "")
	w.Run(t, "pin", "--follow", "--from", list)
	waitPinned(t, w, 0, 3, welcome)
	_, stderr, code := w.RunCode(t, "pin", "--from", list, "--accept")
	if code != 1 || !strings.Contains(stderr, "nothing of "+list+" is held back") {
		t.Errorf("--accept of what is not held back: %d %s", code, stderr)
	}

	writeList(t, list, 0, 0, "")
	notice := "names no site and would unpin 3 of 3: `wtptui pin --from " + list + " --accept` if that is meant"
	held := func() error {
		r := showOnlyList(t, w)
		if r.Held == nil || r.Held.Unpins != 3 || r.Pinned != 3 || r.Error != "held back: it "+notice {
			return fmt.Errorf("%+v, held %+v", r, r.Held)
		}
		out, _, _ := w.RunCode(t, "doctor", "--json", "--no-upnp", "--no-dht", "--tracker", "none", "--stun", "none",
			"--doh", "http://127.0.0.1:1/dns-query")
		if !strings.Contains(out, "held back: pin list sites.txt "+notice) {
			return fmt.Errorf("not in the engine's warnings: %s", out)
		}
		return nil
	}
	peers.Eventually(t, waitLong, "the list to be held back", held)
	w.Kill()
	w.Start(t)
	peers.Eventually(t, waitLong, "the list to be held back in a new run", held)
	waitPinned(t, w, 0, 3, welcome)

	if out := w.Run(t, "pin", "--from", list, "--accept"); out != "unpinned 3 of 3 sites\n" {
		t.Errorf("--accept says %q", out)
	}
	waitPinned(t, w, 0, 0, welcome)
	if r := showOnlyList(t, w); r.Held != nil {
		t.Errorf("%+v", r.Held)
	}
}

// A group's list is published as a site. Whoever follows it pins what it names, and the list itself.
func TestPinListInASiteIsFollowed(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.LibtorrentTool)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	dir := t.TempDir()
	writeList(t, filepath.Join(dir, "list.txt"), 0, 50, "")
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	w := startWtptui(t, "--tracker", tracker.HTTP)
	welcome := w.List(t)[0].Host
	w.Run(t, "pin", "--follow", "--from", "wtp://"+seed.InfoHash+"/list.txt", "--max-sites", "31")
	waitPinned(t, w, 0, 30, welcome, seed.InfoHash)
	peers.Eventually(t, waitLong, "the limit to be told", func() error {
		if out := w.Run(t, "pin", "--lists"); !strings.Contains(out, "31/51") ||
			!strings.Contains(out, "20 sites are left out: over the limit of 31 sites") {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
}
