package tracker

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anacrolix/torrent/bencode"
)

func TestHandles(t *testing.T) {
	tr := newTracker(t, Config{})
	for target, want := range map[string]bool{
		"/announce?info_hash=x":       true,
		"/announce?a=b&info_hash=x":   true,
		"/scrape?info_hash=x":         true,
		"/announce":                   false,
		"/announce?hash=info_hash":    false,
		"/announce?xinfo_hash=x":      false,
		"/announce/?info_hash=x":      false,
		"//announce?info_hash=x":      false,
		"/Announce?info_hash=x":       false,
		"/%61nnounce?info_hash=x":     true, // It is the same path (RFC 3986, section 6.2.2.2).
		"/announce%2f?info_hash=x":    false,
		"/x/../announce?info_hash=x":  false,
		"/scrape":                     false,
		"/announce.php?info_hash=x":   false,
		"/sub/announce?info_hash=abc": false,
	} {
		if got := tr.Handles(httptest.NewRequest(http.MethodGet, target, nil)); got != want {
			t.Errorf("%s: %v, want %v", target, got, want)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodOptions, http.MethodConnect} {
		if r := httptest.NewRequest(http.MethodGet, "/announce?info_hash=x", nil); true {
			if r.Method = method; tr.Handles(r) {
				t.Error(method)
			}
		}
	}
}

func TestPeersLearnOfEachOther(t *testing.T) {
	tr := newTracker(t, Config{})
	first := announceFrom(t, tr, "1.2.3.4", announceQuery(1, 1, 1001, 0, "event=started"))
	if len(first.peers()) != 0 || first.Complete != 1 || first.Incomplete != 0 || first.Interval != 900 {
		t.Errorf("the first: %+v", first)
	}
	if first.ExternalIP != "\x01\x02\x03\x04" {
		t.Errorf("external ip %q", first.ExternalIP)
	}
	second := announceFrom(t, tr, "2600::5", announceQuery(1, 2, 1002, 7))
	if !slices.Equal(second.peers(), []string{"1.2.3.4:1001"}) || second.Complete != 1 || second.Incomplete != 1 {
		t.Errorf("the second: %+v %v", second, second.peers())
	}
	third := announceFrom(t, tr, "::ffff:1.2.3.4", announceQuery(1, 3, 1003, 7))
	if !slices.Equal(third.peers(), []string{"1.2.3.4:1001", "[2600::5]:1002"}) {
		t.Errorf("the third: %v", third.peers())
	}
	if seed := announceFrom(t, tr, "5.5.5.5", announceQuery(1, 4, 1004, 0)); !slices.Contains(seed.peers(),
		"1.2.3.4:1003") ||
		slices.Contains(seed.peers(), "1.2.3.4:1001") {
		t.Errorf("a seed is told of %v", seed.peers())
	}
	if other := announceFrom(t, tr, "6.6.6.6", announceQuery(2, 5, 1005, 1)); len(other.peers()) != 0 {
		t.Errorf("peers of another torrent: %v", other.peers())
	}
	announceFrom(t, tr, "1.2.3.4", announceQuery(1, 1, 1001, 0, "event=stopped"))
	after := announceFrom(t, tr, "7.7.7.7", announceQuery(1, 6, 1006, 1, "numwant=1")).peers()
	if len(after) != 2 || slices.Contains(after, "1.2.3.4:1001") { // one of each family
		t.Errorf("after the first has left: %v", after)
	}
	if none := announceFrom(t, tr, "7.7.7.7", announceQuery(1, 6, 1006, 1, "numwant=0")); len(none.peers()) != 0 {
		t.Errorf("who asks for none gets %v", none.peers())
	}
}

func TestPeersAsDictionaries(t *testing.T) {
	tr := newTracker(t, Config{})
	announceFrom(t, tr, "1.2.3.4", announceQuery(1, 1, 1001, 0))
	announceFrom(t, tr, "2600::5", announceQuery(1, 2, 1002, 1))
	asked := Source{Client: netip.MustParseAddr("5.5.5.5")}
	body := request(tr, "/announce?"+announceQuery(1, 3, 1003, 1, "compact=0"), asked).Body.Bytes()
	var a struct {
		Peers []struct {
			IP   string `bencode:"ip"`
			Port int    `bencode:"port"`
		} `bencode:"peers"`
	}
	err := bencode.Unmarshal(body, &a)
	if err != nil || len(a.Peers) != 2 || a.Peers[0].IP != "1.2.3.4" || a.Peers[1].Port != 1002 {
		t.Errorf("%q: %+v, %v", body, a, err)
	}
}

func TestInvalidAnnounces(t *testing.T) {
	tr := newTracker(t, Config{Serves: func(h [20]byte) bool { return h == testHash(1) }})
	for name, c := range map[string]struct{ query, want string }{
		"a short infohash": {announceQuery(1, 1, 1, 1, "info_hash=abc"), "info_hash is not 20 bytes"},
		"a long infohash":  {announceQuery(1, 1, 1, 1, "info_hash="+strings.Repeat("x", 21)), "info_hash is not 20 bytes"},
		"a bad escape":     {"info_hash=%zz&peer_id=x", "info_hash is not 20 bytes"},
		"no peer id":       {announceQuery(1, 1, 1, 1, "peer_id="), "peer_id is not 20 bytes"},
		"no port":          {announceQuery(1, 1, 1, 1, "port="), "port is not a number from 1 to 65535"},
		"port 0":           {announceQuery(1, 1, 0, 1), "port is not a number from 1 to 65535"},
		"port 65536":       {announceQuery(1, 1, 65536, 1), "port is not a number from 1 to 65535"},
		"a negative port":  {announceQuery(1, 1, -5, 1), "port is not a number from 1 to 65535"},
		"a foreign one":    {announceQuery(2, 1, 1, 1), notServed},
	} {
		if got := announceFrom(t, tr, "1.2.3.4", c.query); got.Failure != c.want {
			t.Errorf("%s: %q, want %q", name, got.Failure, c.want)
		}
	}
	if got := announceFrom(t, tr, "1.2.3.4", announceQuery(2, 1, 1, 1)); got.RetryIn != retryServed {
		t.Errorf("retry in %d", got.RetryIn)
	}
	if got := announceAt(t, tr, Source{}, announceQuery(1, 1, 1, 1)); got.Failure != noAddress {
		t.Errorf("without an address: %q", got.Failure)
	}
	if s := tr.Stats(); s.Peers != 0 || s.Refused == 0 || s.Announces != 0 {
		t.Errorf("%+v", s)
	}
	if got := announceFrom(t, tr, "1.2.3.4",
		announceQuery(1, 1, 1, 1, "ip=9.9.9.9", "ipv4=9.9.9.9:5")); got.Failure != "" {
		t.Errorf("%+v", got)
	}
	if got := announceFrom(t, tr, "8.8.8.8", announceQuery(1, 2, 2, 1)); !slices.Equal(got.peers(),
		[]string{"1.2.3.4:1"}) {
		t.Errorf("who claims an address is named as %v", got.peers())
	}
}

func TestPrivateAddressesStayPrivate(t *testing.T) {
	tr := newTracker(t, Config{})
	for i, from := range []string{"127.0.0.1", "192.168.1.5", "100.64.3.3", "fe80::7", "8.8.4.4"} {
		announceFrom(t, tr, from, announceQuery(1, 10+i, 1000+i, 0))
	}
	for from, want := range map[string]int{"9.9.9.9": 1, "10.1.1.1": 4, "::1": 2, "2600::1": 1} {
		if got := announceFrom(t, tr, from, announceQuery(1, 1, 99, 1)); len(got.peers()) != want {
			t.Errorf("%s is told of %v", from, got.peers())
		}
		announceFrom(t, tr, from, announceQuery(1, 1, 99, 1, "event=stopped"))
	}
}

func TestScrape(t *testing.T) {
	tr := newTracker(t, Config{Serves: func(h [20]byte) bool { return h != testHash(3) }})
	announceFrom(t, tr, "1.1.1.1", announceQuery(1, 1, 1, 5))
	announceFrom(t, tr, "1.1.1.1", announceQuery(1, 1, 1, 0, "event=completed"))
	announceFrom(t, tr, "1.1.1.1", announceQuery(1, 1, 1, 0, "event=completed")) // It is told twice.
	announceFrom(t, tr, "2.2.2.2", announceQuery(1, 2, 2, 5))
	announceFrom(t, tr, "2.2.2.2", announceQuery(3, 2, 2, 5))
	one, three := announceQuery(1, 1, 1, 1), announceQuery(3, 1, 1, 1)
	body := request(
		tr, "/scrape?"+one+"&"+three+"&info_hash=short", Source{Client: netip.MustParseAddr("9.9.9.9")},
	).Body.Bytes()
	var s struct {
		Files map[string]scrapeEntry `bencode:"files"`
	}
	h := testHash(1)
	err := bencode.Unmarshal(body, &s)
	if err != nil || len(s.Files) != 1 || s.Files[string(h[:])] != (scrapeEntry{1, 1, 1}) {
		t.Errorf("%q: %+v, %v", body, s, err)
	}
}

func TestPeersExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := New(Config{})
		defer func() { _ = tr.Close() }()
		announceFrom(t, tr, "1.1.1.1", announceQuery(1, 1, 1, 0))
		announceFrom(t, tr, "2.2.2.2", announceQuery(1, 2, 2, 0))
		time.Sleep(2 * interval)
		announceFrom(t, tr, "2.2.2.2", announceQuery(1, 2, 2, 0))
		if s := tr.Stats(); s.Peers != 2 || s.Swarms != 1 {
			t.Errorf("%+v", s)
		}
		time.Sleep(peerTimeout - 2*interval + 2*sweepEvery)
		if s := tr.Stats(); s.Peers != 1 {
			t.Errorf("%+v", s)
		}
		time.Sleep(peerTimeout + sweepEvery)
		if s := tr.Stats(); s.Peers != 0 || s.Swarms != 0 || tr.swarms.peers.InUse() != 0 || len(tr.swarms.all) != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestOwnEngineAddress promises that a peer is sent the address of this machine to which it has connected.
func TestOwnEngineAddress(t *testing.T) {
	lookup := []netip.Addr{netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("2600::9")}
	tr := newTracker(t, Config{})
	tr.addresses.Store(&lookup)
	if a := announceOwn(t, tr, announceQuery(1, 1, 4242, 0)); a.Failure != "" || a.Complete != 1 || a.Interval != 60 {
		t.Errorf("own: %+v", a)
	}
	for name, c := range map[string]struct {
		from, at string
		want     []string
	}{
		"where it was reached":            {"8.8.8.8", "5.6.7.8", []string{"5.6.7.8:4242", "[2600::9]:4242"}},
		"by the other family":             {"2600::1", "2600::77", []string{"203.0.113.9:4242", "[2600::77]:4242"}},
		"behind a translation":            {"8.8.8.8", "10.0.0.7", []string{"203.0.113.9:4242", "[2600::9]:4242"}},
		"on this machine":                 {"127.0.0.1", "127.0.0.1", []string{"127.0.0.1:4242", "[2600::9]:4242"}},
		"in its network":                  {"10.0.0.1", "10.0.0.7", []string{"10.0.0.7:4242", "[2600::9]:4242"}},
		"behind a proxy on this machine":  {"8.8.8.8", "", []string{"203.0.113.9:4242", "[2600::9]:4242"}},
		"at an address that says nothing": {"8.8.8.8", "0.0.0.0", []string{"203.0.113.9:4242", "[2600::9]:4242"}},
	} {
		asked := Source{Client: netip.MustParseAddr(c.from)}
		if c.at != "" {
			asked.Local = netip.MustParseAddr(c.at)
		}
		if got := announceAt(t, tr, asked, announceQuery(1, 2, 2, 1, "numwant=1")).peers(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
		if got := announceAt(t, tr, asked, announceQuery(1, 2, 2, 0)).peers(); len(got) != 0 {
			t.Errorf("%s: a seed is told of %v", name, got)
		}
		announceAt(t, tr, asked, announceQuery(1, 2, 2, 1, "event=stopped"))
	}
	announceFrom(t, tr, "9.9.9.9", announceQuery(1, 3, 3, 1))
	if a := announceOwn(t, tr, announceQuery(1, 1, 4242, 0)); !slices.Equal(a.peers(), []string{"9.9.9.9:3"}) {
		t.Errorf("own is told of %v", a.peers())
	}
	if s := tr.Stats(); s.Peers != 1 || s.Swarms != 1 {
		t.Errorf("%+v", s)
	}
	announceOwn(t, tr, announceQuery(1, 1, 4242, 0, "event=stopped"))
	if a := announceFrom(t, tr, "9.9.9.9", announceQuery(1, 3, 3, 1)); a.Complete != 0 || len(a.peers()) != 0 {
		t.Errorf("after it has stopped: %+v %v", a, a.peers())
	}
}

func TestNamesAreLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		tr := New(Config{Names: []string{"home.example"}, Lookup: lookupLocalhost(&asked)})
		defer func() { _ = tr.Close() }()
		synctest.Wait()
		if got := *tr.addresses.Load(); len(got) != 1 || got[0] != netip.MustParseAddr("5.5.5.5") {
			t.Errorf("found %v", got)
		}
		time.Sleep(lookupEvery + time.Second)
		synctest.Wait()
		if got := *tr.addresses.Load(); asked != 2 || len(got) != 1 {
			t.Errorf("asked %d times, found %v", asked, got) // It has failed the second time.
		}
	})
}
