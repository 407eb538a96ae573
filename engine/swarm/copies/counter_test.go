package copies

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

var start = time.Unix(1_800_000_000, 0)

func id(s string) (id [20]byte) {
	copy(id[:], s)
	return id
}

func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func seedAt(name, addr string) Sighting {
	return Sighting{ID: id(name), Addr: at(addr), Complete: true}
}

func check(t *testing.T, c *Counter, now time.Time, want Count) {
	t.Helper()
	if got := c.Count(now); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCountIsUnknownAtFirst(t *testing.T) {
	var c Counter
	check(t, &c, start, Count{Copies: -1, WebCopies: -1, Tracked: -1})
}

// Trackers count the same seeds: the highest count is right, and not their sum.
func TestHighestTrackerCounts(t *testing.T) {
	var c Counter
	c.TrackerReported("udp://a", false, 3, start)
	c.TrackerReported("https://b", false, 5, start)
	c.TrackerReported("wss://c", true, 2, start)
	check(t, &c, start, Count{Copies: 5, WebCopies: 2, Tracked: 5})
	c.TrackerReported("https://b", false, 0, start)
	check(t, &c, start, Count{Copies: 3, WebCopies: 2, Tracked: 3})
	c.TrackerReported("udp://a", false, 0, start)
	c.TrackerReported("wss://c", true, 0, start)
	check(t, &c, start, Count{})
	check(t, &c, start.Add(Memory+time.Minute), Count{Copies: -1, WebCopies: -1, Tracked: -1})
}

// The tracker knows of nobody, since none of the seeds was announced there; and each of them has hung up.
func TestPeersCountForADay(t *testing.T) {
	var c Counter
	c.TrackerReported("udp://a", false, 0, start)
	for i := range 3 {
		c.PeerSighted(seedAt(fmt.Sprint("seed", i), fmt.Sprintf("192.0.2.%d:6881", i)), start.Add(time.Duration(i)*time.Hour))
	}
	check(t, &c, start.Add(3*time.Hour), Count{Copies: 3, WebCopies: -1})
	check(t, &c, start.Add(Memory-time.Minute), Count{Copies: 3, WebCopies: -1})
	check(t, &c, start.Add(Memory+90*time.Minute), Count{Copies: 1, WebCopies: -1, Tracked: -1})
	check(t, &c, start.Add(Memory+3*time.Hour), Count{Copies: -1, WebCopies: -1, Tracked: -1})
}

func TestIdentity(t *testing.T) {
	for _, tc := range []struct {
		name string
		seen []Sighting
		want int
	}{
		{"the same over TCP and uTP", []Sighting{seedAt("a", "192.0.2.1:6881"), seedAt("a", "192.0.2.1:50123")}, 1},
		{"with a new id after a restart", []Sighting{seedAt("a", "192.0.2.1:6881"), seedAt("b", "192.0.2.1:6881")}, 1},
		{"over IPv6, too", []Sighting{seedAt("a", "192.0.2.1:6881"), seedAt("a", "[2001:db8::1]:6881")}, 1},
		{"a new id, then the old one elsewhere", []Sighting{
			seedAt("a", "192.0.2.1:6881"), seedAt("b", "192.0.2.2:6881"), seedAt("a", "192.0.2.2:6881"),
		}, 1},
		{"two behind one NAT", []Sighting{seedAt("a", "192.0.2.1:6881"), seedAt("b", "192.0.2.1:6882")}, 2},
		{"two that cannot be called", []Sighting{seedAt("a", "192.0.2.1:0"), seedAt("b", "192.0.2.1:0")}, 2},
		{"one that cannot be called, twice", []Sighting{seedAt("a", "192.0.2.1:0"), seedAt("a", "192.0.2.1:0")}, 1},
		{"nobody has all", []Sighting{{ID: id("a"), Addr: at("192.0.2.1:1"), Traded: true}, {ID: id("b")}}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c Counter
			for i, s := range tc.seen {
				c.PeerSighted(s, start.Add(time.Duration(i)*time.Minute))
			}
			if got := c.Count(start.Add(time.Hour)); got.Copies != tc.want {
				t.Errorf("%d copies, want %d", got.Copies, tc.want)
			}
		})
	}
}

func TestWebCopies(t *testing.T) {
	var c Counter
	tab := Sighting{ID: id("tab"), Web: true, Complete: true, Traded: true}
	c.PeerSighted(tab, start)
	c.PeerSighted(seedAt("a", "192.0.2.1:1"), start)
	check(t, &c, start, Count{Copies: 2, WebCopies: 1, Tracked: -1})
}

// Complete peers that have exchanged verified pieces count as proven. Several at one public address count once.
func TestProvenCopies(t *testing.T) {
	var c Counter
	for i, s := range []Sighting{
		{ID: id("claims"), Addr: at("192.0.2.1:1"), Complete: true},
		{ID: id("gave"), Addr: at("192.0.2.2:1"), Complete: true, Traded: true},
		{ID: id("takes"), Addr: at("192.0.2.3:1"), Traded: true},
		{ID: id("sybil"), Addr: at("192.0.2.2:2"), Complete: true, Traded: true},
		{ID: id("six"), Addr: at("[2001:db8:0:1::1]:1"), Complete: true, Traded: true},
		{ID: id("sybil six"), Addr: at("[2001:db8:0:1::2]:1"), Complete: true, Traded: true},
		{ID: id("near"), Addr: at("192.168.0.2:1"), Complete: true, Traded: true},
		{ID: id("near, too"), Addr: at("192.168.0.2:2"), Complete: true, Traded: true},
	} {
		c.PeerSighted(s, start.Add(time.Duration(i)*time.Second))
	}
	check(t, &c, start.Add(time.Minute), Count{Copies: 7, WebCopies: -1, Proven: 4, Tracked: -1})
	c.PeerSighted(Sighting{ID: id("takes"), Addr: at("192.0.2.3:1"), Complete: true}, start.Add(time.Hour))
	check(t, &c, start.Add(time.Hour), Count{Copies: 8, WebCopies: -1, Proven: 5, Tracked: -1})
	// It has everything still, but when it took a piece is long ago.
	late := start.Add(Memory + 30*time.Minute)
	c.PeerSighted(Sighting{ID: id("takes"), Addr: at("192.0.2.3:1"), Complete: true}, late)
	check(t, &c, late, Count{Copies: 1, WebCopies: -1, Tracked: -1})
}

// Many strangers take no more memory than the limit.
func TestMemoryIsBounded(t *testing.T) {
	var c Counter
	for i := range 10 * maxPeers {
		c.PeerSighted(seedAt(fmt.Sprint(i), fmt.Sprintf("192.0.2.1:%d", i+1)), start.Add(time.Duration(i)*time.Second))
		c.TrackerReported(fmt.Sprint("udp://", i), false, 1, start)
	}
	if got := c.Count(start.Add(time.Hour)); got.Copies != maxPeers || len(c.reports.peers) != maxPeers ||
		len(c.reports.trackers) != maxTrackers {
		t.Errorf("%+v, %d peers, %d trackers", got, len(c.reports.peers), len(c.reports.trackers))
	}
}

// Changed is called when the count has changed, and may call Count.
func TestChangedIsCalled(t *testing.T) {
	var c Counter
	var counts []int
	c.Changed = func() { counts = append(counts, c.Count(start).Copies) }
	c.TrackerReported("udp://a", false, 3, start)
	for i := range 4 {
		c.PeerSighted(seedAt(fmt.Sprint("seed", i), fmt.Sprintf("192.0.2.%d:6881", i)), start)
	}
	if want := []int{3, 3, 3, 3, 4}; !slices.Equal(counts, want) {
		t.Errorf("was told of %v, want %v", counts, want)
	}
}
