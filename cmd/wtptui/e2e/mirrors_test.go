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

const (
	mirrorSites    = 10
	mirrorFileSize = 400_000
	// mirrorRoom is how many of the sites each mirror has room for.
	mirrorRoom = 6
)

// mirrorGroup is a group of wtptuis with small disks that follow one list.
type mirrorGroup struct {
	list    string
	hosts   []string
	room    int64
	members []*peers.Wtptui
}

// publishList publishes sites of one size, and writes the list that names them.
func publishList(t *testing.T, publisher *peers.Wtptui) *mirrorGroup {
	t.Helper()
	g := &mirrorGroup{list: filepath.Join(t.TempDir(), "sites.txt")}
	content := rand.NewChaCha8([32]byte{1})
	text := ""
	for i := range mirrorSites {
		dir := t.TempDir()
		data := make([]byte, mirrorFileSize)
		_, _ = content.Read(data) // which never fails
		putFile(t, dir, "index.html", fmt.Sprintf("<title>number %d</title>", i))
		putFile(t, dir, "data.bin", string(data))
		site := publish(t, publisher, dir)
		g.hosts = append(g.hosts, site.Host)
		text += "wtp://" + site.Host + "/\n"
	}
	if err := os.WriteFile(g.list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	g.room = mirrorRoom*mirrorFileSize + mirrorFileSize/2
	return g
}

// countCopies returns how many members have all of each site and keep it. It checks that none keeps more than it has
// room for.
func (g *mirrorGroup) countCopies(t *testing.T) map[string]int {
	t.Helper()
	n := map[string]int{}
	for i, m := range g.members {
		used := int64(0)
		for _, s := range m.List(t) {
			if !s.Pinned || !strings.Contains(strings.Join(g.hosts, " "), s.Host) {
				continue
			}
			used += s.Completed
			if s.Size > 0 && s.Completed == s.Size {
				n[s.Host]++
			}
		}
		if used > g.room {
			t.Errorf("mirror %d keeps %d bytes, and has room for %d", i, used, g.room)
		}
	}
	return n
}

// waitCopies waits until the members have that many copies of each site.
func (g *mirrorGroup) waitCopies(t *testing.T, what string, copies int) {
	t.Helper()
	start := time.Now()
	peers.Eventually(t, waitLong, what, func() error {
		n := g.countCopies(t)
		for _, host := range g.hosts {
			if n[host] < copies {
				return fmt.Errorf("%d copies of %s: %v\n%s", n[host], host, n, g.members[0].Run(t, "pin", "--lists", "--from",
					g.list))
			}
		}
		return nil
	})
	all := 0
	for _, n := range g.countCopies(t) {
		all += n
	}
	t.Logf("%s: after %v there are %d copies of %d sites", what, time.Since(start).Round(time.Second), all, len(g.hosts))
}

// Five mirrors with small disks, none of which has room for the whole list, keep two copies of each of its sites: while
// it is published, after its publisher has gone for good, and after one of them has.
func TestMirrorsKeepTwoCopiesOfEachSite(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: time.Second, PeersCacheTTL: 5 * time.Second})
	publisher := startWtptui(t, "--tracker", tracker.HTTP)
	g := publishList(t, publisher)
	for i := range 5 {
		url := tracker.HTTP
		if i%2 == 1 {
			url = tracker.UDP
		}
		m := startWtptui(t, "--tracker", url, "--cache-ttl", "5s")
		m.Run(t, "pin", "--follow", "--from", g.list, "--copies", "2", "--every", "2s", "--max-size", fmt.Sprint(g.room))
		g.members = append(g.members, m)
	}
	g.waitCopies(t, "each site to have a copy beside its publisher's", 1)
	publisher.Kill()
	g.waitCopies(t, "two copies of each without the publisher", 2)
	g.checkShown(t)
	g.members[0].Kill()
	g.members = g.members[1:]
	g.waitCopies(t, "two copies of each without one of the mirrors", 2)
}

// checkShown checks what a person is shown: the sites that there are, and what the list takes.
func (g *mirrorGroup) checkShown(t *testing.T) {
	t.Helper()
	peers.Eventually(t, waitLong, "the list to be well kept", func() error {
		var lists []struct {
			Shared struct {
				Copies, Short, Unknown, Uncounted int
				Used                              int64
			}
		}
		out := g.members[0].Run(t, "pin", "--lists", "--json")
		if err := json.Unmarshal([]byte(out), &lists); err != nil || len(lists) != 1 {
			return fmt.Errorf("%w in %s", err, out)
		}
		if s := lists[0].Shared; s.Copies != 2 || s.Unknown+s.Uncounted > 0 || s.Used == 0 || s.Used > g.room {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
	peers.Eventually(t, waitLong, "its sites to be shown", func() error {
		var sites []struct {
			Host    string
			Pinned  bool
			Copies  int
			LeftOut string `json:"left_out"`
		}
		out := g.members[0].Run(t, "pin", "--lists", "--from", g.list, "--json")
		if err := json.Unmarshal([]byte(out), &sites); err != nil || len(sites) != len(g.hosts) {
			t.Fatalf("%v in %s", err, out)
		}
		for _, s := range sites {
			if s.Copies < 1 || s.Pinned == (s.LeftOut != "") {
				return fmt.Errorf("%+v", s)
			}
		}
		return nil
	})
}

// The copies of a site that is not here are counted over each of a tracker's protocols.
func TestCopiesOfAbsentSitesAreCounted(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "sites.txt")
	writeList(t, list, 1, 4, "")
	urls := map[string]func(*peers.Tracker) string{
		"HTTP":      func(tracker *peers.Tracker) string { return tracker.HTTP },
		"UDP":       func(tracker *peers.Tracker) string { return tracker.UDP },
		"WebSocket": func(tracker *peers.Tracker) string { return tracker.WS },
	}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A tracker of its own: those who fetch a site keep others from it.
			tracker := peers.StartTracker(t, peers.TrackerOptions{})
			for i := range 3 {
				announceSeed(t, tracker.HTTP, numberedHost(1), i, "started")
			}
			announceSeed(t, tracker.HTTP, numberedHost(2), 7, "started")
			w := startWtptui(t, "--tracker", url(tracker))
			w.Run(t, "pin", "--follow", "--from", list, "--copies", "2", "--every", "2s", "--max-size", "1M")
			peers.Eventually(t, waitLong, "the copies to be shown", func() error {
				var rows []string
				for line := range strings.Lines(w.Run(t, "pin", "--lists", "--from", list)) {
					fields := strings.Fields(line)
					rows = append(rows, fields[0]+" "+strings.TrimLeft(fields[len(fields)-1], "0"))
				}
				got := strings.Join(rows, ", ")
				want := fmt.Sprintf("COPIES SITE, 0 %x, 1 %x, 3 %x", 1<<20+3, 1<<20+2, 1<<20+1)
				if got != want {
					return fmt.Errorf("shown is %s, want %s", got, want)
				}
				if pinned := pinnedSites(t, w); pinned[numberedHost(1)] || !pinned[numberedHost(2)] || !pinned[numberedHost(3)] {
					return fmt.Errorf("pinned are %v", pinned)
				}
				return nil
			})
		})
	}
}
