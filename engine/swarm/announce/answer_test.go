package announce

import (
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// TestMalformedValuesKeepThePeers: a malformed value does not lose the peers beside it.
func TestMalformedValuesKeepThePeers(t *testing.T) {
	const compact = "5:peers6:\xc0\x00\x02\x07\x1a\xe1"
	plain := response{interval: defaultInterval, seeds: 3, leechers: 2, peers: []netip.AddrPort{peer}}
	change := func(f func(*response)) response {
		r := plain
		f(&r)
		return r
	}
	for name, tc := range map[string]struct {
		body string
		want response
	}{
		"plain":              {answer, plain},
		"counts as strings":  {"d8:complete1:310:incomplete1:28:intervali1800e" + compact + "e", plain},
		"interval as string": {"d8:completei3e10:incompletei2e8:interval4:1800" + compact + "e", plain},
		"min interval as string": {
			"d8:completei3e10:incompletei2e8:intervali1800e12:min interval2:90" + compact + "e",
			change(func(r *response) { r.minInterval = 90 * time.Second }),
		},
		"negative interval": {
			"d8:completei3e10:incompletei2e8:intervali-1e" + compact + "e",
			change(func(r *response) { r.interval = 0 }),
		},
		"interval beyond 64 bits": {
			"d8:completei3e10:incompletei2e8:intervali99999999999999999999e" + compact + "e",
			change(func(r *response) { r.interval = maxInterval }),
		},
		"lists and dictionaries": {
			"d8:completele10:incompletede8:intervalli1ee12:min intervalle14:failure reasonle" + compact + "10:tracker idlee",
			response{seeds: -1, leechers: -1, peers: []netip.AddrPort{peer}},
		},
		"a port as string, a name, and no address": {
			"d8:completei3e10:incompletei2e8:intervali1800e5:peersld2:ip9:192.0.2.74:port4:6881e" +
				"d2:ip9:localhost4:porti80eed2:ip5:[::9]4:porti9eed2:ip9:192.0.2.84:port5:70000e" +
				"d2:ip0:4:porti80eed2:ipi7e4:porti80eei5eee",
			change(func(r *response) {
				r.peers, r.names = append(r.peers, netip.MustParseAddrPort("[::9]:9")), []string{"localhost:80"}
			}),
		},
		"a warning and an id": {
			"d8:completei3e10:incompletei2e8:intervali1800e" + compact + "10:tracker id7:kept 2015:warning message4:movee",
			change(func(r *response) { r.trackerID, r.warning = "kept 20", "move" }),
		},
		"an id without end": {
			"d8:completei3e10:incompletei2e8:intervali1800e" + compact +
				"10:tracker id2000:" + strings.Repeat("i", 2000) + "e", plain,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseHTTP([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestXGzipResponse(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "x-gzip")
		zw := gzip.NewWriter(w)
		defer zw.Close()
		fmt.Fprint(zw, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	found := make(chan []netip.AddrPort, 8)
	a.Add(torrent(found, Tracker{URL: s.URL, Trusted: true}))
	if p := enginetest.Receive(t, found, "the peers"); len(p) != 1 || p[0] != peer {
		t.Errorf("found %v, want %v", p, peer)
	}
}

// TestNamesAndWarnings: a tracker may name peers by DNS names (BEP 3), and say something to the person.
func TestNamesAndWarnings(t *testing.T) {
	f := newFakeTracker(t,
		"d8:intervali1800e5:peersld2:ip12:peer.example4:porti6881eee15:warning message16:we move in May\x1b[e")
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	named := make(chan []string, 8)
	tor := torrent(nil, Tracker{URL: f.URL, Trusted: true})
	tor.AddNamedPeers = func(ctx context.Context, tracker netip.Addr, names []string) {
		if !tracker.IsLoopback() {
			t.Errorf("the tracker is at %v", tracker)
		}
		named <- names
		<-ctx.Done() // which Close does
	}
	a.Add(tor)
	if n := enginetest.Receive(t, named, "the names"); len(n) != 1 || n[0] != "peer.example:6881" {
		t.Errorf("named %q", n)
	}
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	s := a.States(tor.Infohash)[0]
	if s.Warning != "we move in May\x1b[" || s.Peers != 1 {
		t.Errorf("state %+v", s)
	}
	if total := a.Total(); len(total) != 1 || total[0].Warning != s.Warning {
		t.Errorf("in all %+v", total)
	}
}

// TestTrackerID: a tracker's id is sent with all later announces of the torrent, also if it is not repeated (BEP 3).
func TestTrackerID(t *testing.T) {
	asked := make(chan url.Values, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked <- q
		if q.Get("event") == "started" {
			fmt.Fprint(w, "d8:intervali1800e10:tracker id7:kept 20e")
			return
		}
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	tor := torrent(make(chan []netip.AddrPort, 8), Tracker{URL: s.URL, Trusted: true})
	a.Add(tor)
	if q := enginetest.Receive(t, asked, "the first announce"); q.Has("trackerid") {
		t.Errorf("the first announce has the id %q", q.Get("trackerid"))
	}
	for _, event := range []string{"", "", "stopped"} {
		wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
		if event == "stopped" {
			a.Remove(tor.Infohash)
		} else {
			a.Now(tor.Infohash)
		}
		if q := enginetest.Receive(t, asked, "an announce"); q.Get("event") != event || q.Get("trackerid") != "kept 20" {
			t.Errorf("event %q with the id %q", q.Get("event"), q.Get("trackerid"))
		}
	}
	closeIn(a, time.Minute)
}
