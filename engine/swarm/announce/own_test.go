package announce

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// serveOwn is a tracker in this process at those pipes.
func serveOwn(t *testing.T, p *enginetest.PipeListener, h http.HandlerFunc) {
	t.Helper()
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(p) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
}

// noNetwork is the address of a listener that must not be called.
func noNetwork(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if conn, err := l.Accept(); err == nil {
			t.Error("the network was used")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

func TestOwnTrackerNeedsNoNetwork(t *testing.T) {
	pipes, asked := enginetest.NewPipeListener(t), make(chan url.Values, 64)
	at := noNetwork(t)
	serveOwn(t, pipes, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != at || r.TLS != nil || r.URL.Path != "/announce" {
			t.Errorf("asked for %s at %s", r.URL, r.Host)
		}
		asked <- r.URL.Query()
		fmt.Fprint(w, answer)
	})
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	a.http, a.cfg.OnAnswer = newHTTPClients(pipes.Dial), func() { t.Error("the network is said to be there") }
	type named struct {
		by    netip.Addr
		peers []netip.AddrPort
	}
	found := make(chan named, 8)
	tor := torrent(nil, Tracker{URL: "https://" + at + "/announce", Trusted: true, Own: true})
	tor.AddPeers = func(by netip.Addr, peers []netip.AddrPort) { found <- named{by, peers} }
	a.Add(tor)
	if q := enginetest.Receive(t, asked, "an announce"); q.Get("event") != "started" {
		t.Errorf("announced %v", q)
	}
	got := enginetest.Receive(t, found, "peers")
	if got.by.IsValid() || !slices.Equal(got.peers, []netip.AddrPort{peer}) {
		t.Errorf("found %+v", got)
	}
	a.Remove(tor.Infohash)
	if q := enginetest.Receive(t, asked, "the end"); q.Get("event") != "stopped" {
		t.Errorf("announced %v", q)
	}
}

func TestOwnTrackerIsNotRedirected(t *testing.T) {
	pipes, asked := enginetest.NewPipeListener(t), make(chan struct{}, 64)
	at := noNetwork(t)
	serveOwn(t, pipes, func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		http.Redirect(w, r, "http://"+at+"/", http.StatusFound)
	})
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	a.http = newHTTPClients(pipes.Dial)
	tor := torrent(nil, Tracker{URL: "http://home.example/announce", Trusted: true, Own: true})
	a.Add(tor)
	enginetest.Receive(t, asked, "an announce")
	wait(t, "a failure", func() bool { return a.States(tor.Infohash)[0].Status == Failing })
}

func TestClosedOwnTrackerIsNotWaitedFor(t *testing.T) {
	pipes, asked := enginetest.NewPipeListener(t), make(chan struct{}, 64)
	serveOwn(t, pipes, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, answer)
		asked <- struct{}{}
	})
	a := newAnnouncer(t)
	a.http = newHTTPClients(pipes.Dial)
	tor := torrent(nil, Tracker{URL: "http://home.example/announce", Trusted: true, Own: true})
	tor.AddPeers = func(netip.Addr, []netip.AddrPort) {}
	a.Add(tor)
	enginetest.Receive(t, asked, "an announce")
	wait(t, "an answer", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	_ = pipes.Close()
	began := time.Now()
	closeIn(a, time.Minute)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("closing took %s", took)
	}
}

func TestUpdate(t *testing.T) {
	first, second, third := newFakeTracker(t, answer), newFakeTracker(t, answer), newFakeTracker(t, answer)
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	at := func(f *fakeTracker) Tracker { return Tracker{URL: f.URL, Trusted: true} }
	tor := torrent(make(chan []netip.AddrPort, 64), at(first), at(second))
	a.Add(tor)
	for _, f := range []*fakeTracker{first, second} {
		enginetest.Receive(t, f.asked, "an announce")
	}
	wait(t, "answers", func() bool {
		return !slices.ContainsFunc(a.States(tor.Infohash), func(s State) bool { return s.Status != Working })
	})
	tor.Trackers = []Tracker{at(third), at(first)}
	a.Update(tor)
	if q := enginetest.Receive(t, third.asked, "an announce to the new one"); q.Get("event") != "started" {
		t.Errorf("the new one hears %v", q)
	}
	if q := enginetest.Receive(t, second.asked, "the end"); q.Get("event") != "stopped" {
		t.Errorf("the former one hears %v", q)
	}
	var urls []string
	for _, s := range a.States(tor.Infohash) {
		urls = append(urls, s.URL)
	}
	if !slices.Equal(urls, []string{third.URL, first.URL}) {
		t.Errorf("announced to %v", urls)
	}
	select {
	case q := <-first.asked:
		t.Errorf("the one that stays hears %v", q)
	default:
	}
	// One that comes back hears so after the end that it was told.
	tor.Trackers = []Tracker{at(second), at(first)}
	a.Update(tor)
	if q := enginetest.Receive(t, second.asked, "an announce again"); q.Get("event") != "started" {
		t.Errorf("one that comes back hears %v", q)
	}
}
