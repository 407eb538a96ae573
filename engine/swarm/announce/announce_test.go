package announce

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var peer = netip.MustParseAddrPort("192.0.2.7:6881")

// fakeTracker answers HTTP announces and records them.
type fakeTracker struct {
	*httptest.Server
	asked chan url.Values
}

const answer = "d8:completei3e10:incompletei2e8:intervali1800e5:peers6:\xc0\x00\x02\x07\x1a\xe1e"

func newFakeTracker(t *testing.T, body string) *fakeTracker {
	t.Helper()
	f := &fakeTracker{asked: make(chan url.Values, 64)}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked <- r.URL.Query()
		fmt.Fprint(w, body)
	}))
	t.Cleanup(f.Server.Close)
	return f
}

func newAnnouncer(t *testing.T) *Announcer {
	t.Helper()
	a := New(Config{PeerID: [20]byte([]byte("-WP0100-abcdefghijkl")), Port: 4242, UserAgent: "test"})
	a.timeout, a.stopTimeout = time.Minute, time.Minute // A busy machine is not a tracker that is down.
	return a
}

func closeIn(a *Announcer, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	a.Close(ctx)
}

func torrent(found chan<- []netip.AddrPort, trackers ...Tracker) Torrent {
	return Torrent{
		Infohash: [20]byte{0x20, 0xff, '+', '&'}, Trackers: trackers,
		Counters:      func() Counters { return Counters{Uploaded: 1, Downloaded: 2, Left: 3} },
		NeedsPeers:    func() bool { return false },
		AddPeers:      func(_ netip.Addr, p []netip.AddrPort) { found <- p },
		AddNamedPeers: func(context.Context, netip.Addr, []string) {},
	}
}

// wait polls a state that changes right after the event that a test waited for.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("timeout: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

func TestAnnouncesOverHTTP(t *testing.T) {
	f := newFakeTracker(t, answer)
	a := newAnnouncer(t)
	found := make(chan []netip.AddrPort, 8)
	tor := torrent(found, Tracker{URL: f.URL + "/announce?pass=1", Trusted: true})
	a.Add(tor)
	q := enginetest.Receive(t, f.asked, "the first announce")
	for k, want := range map[string]string{
		"event": "started", "port": "4242", "left": "3", "downloaded": "2", "uploaded": "1", "pass": "1",
		"info_hash": string(tor.Infohash[:]), "compact": "1", "peer_id": "-WP0100-abcdefghijkl",
	} {
		if got := q.Get(k); got != want {
			t.Errorf("%s is %q, want %q", k, got, want)
		}
	}
	if p := enginetest.Receive(t, found, "the peers of the first response"); len(p) != 1 || p[0] != peer {
		t.Errorf("found %v, want %v", p, peer)
	}
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	s := a.States(tor.Infohash)[0]
	if s.Seeds != 3 || s.Leechers != 2 || s.Peers != 1 || s.Err != nil || s.Last.IsZero() {
		t.Errorf("state %+v", s)
	}
	if d := s.Next.Sub(s.Last); d < 29*time.Minute || d > 30*time.Minute {
		t.Errorf("the next announce is in %v, want half an hour", d)
	}
	a.Complete(tor.Infohash)
	if q := enginetest.Receive(t, f.asked, "the announce after Complete"); q.Get("event") != "completed" {
		t.Errorf("event %q, want completed", q.Get("event"))
	}
	wait(t, "idle", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	a.Now(tor.Infohash)
	if q := enginetest.Receive(t, f.asked, "the announce after Now"); q.Has("event") {
		t.Errorf("event %q, want none", q.Get("event"))
	}
	a.Remove(tor.Infohash)
	if q := enginetest.Receive(t, f.asked, "the announce after Remove"); q.Get("event") != "stopped" {
		t.Errorf("event %q, want stopped", q.Get("event"))
	}
	closeIn(a, time.Minute)
	if len(f.asked) != 0 {
		t.Errorf("after Stopped there was %v", <-f.asked)
	}
	if len(a.trackers) != 0 || len(a.due) != 0 {
		t.Errorf("%d trackers and %d entries are left", len(a.trackers), len(a.due))
	}
}

// TestNowWhileAnnouncing: what is asked for during an announce is not lost, since that may tell old numbers.
func TestNowWhileAnnouncing(t *testing.T) {
	asked, answerNow := make(chan string, 8), make(chan struct{}, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("left")
		<-answerNow
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	defer close(answerNow)
	a := newAnnouncer(t)
	tor := torrent(make(chan []netip.AddrPort, 8), Tracker{URL: s.URL, Trusted: true})
	var left atomic.Int64
	left.Store(9)
	tor.Counters = func() Counters { return Counters{Left: left.Load()} }
	a.Add(tor)
	enginetest.Receive(t, asked, "the first announce")
	left.Store(0)
	a.Now(tor.Infohash)
	answerNow <- struct{}{}
	if got := enginetest.Receive(t, asked, "the announce after Now"); got != "0" {
		t.Errorf("the tracker was told that %s bytes are left", got)
	}
	answerNow <- struct{}{}
	answerNow <- struct{}{}
	closeIn(a, time.Minute)
}

// TestNowWhileWaiting: a torrent that waits for its turn at a tracker is announced once, however often it is asked for
// meanwhile.
func TestNowWhileWaiting(t *testing.T) {
	asked := make(chan string, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("event")
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	tor := torrent(make(chan []netip.AddrPort, 8), Tracker{URL: s.URL, Trusted: true})
	a.mu.Lock()
	a.trackers[tor.Trackers[0]] = &tracker{
		Tracker: tor.Trackers[0], waits: a.cfg.waitsAt(tor.Trackers[0]), active: maxPerTracker,
	}
	a.mu.Unlock()
	a.Add(tor)
	wait(t, "waiting", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.waiting) == 1
	})
	a.Now(tor.Infohash)
	a.Now(tor.Infohash)
	a.mu.Lock()
	a.trackers[tor.Trackers[0]].active = 0
	a.mu.Unlock()
	a.wake.notify()
	hear := func(want string) {
		t.Helper()
		if got := enginetest.Receive(t, asked, "the event "+want); got != want {
			t.Errorf("the tracker hears %q, want %q", got, want)
		}
	}
	hear("started")
	wait(t, "answered", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	a.Remove(tor.Infohash)
	hear("stopped")
	closeIn(a, time.Minute)
}

// TestAddAgain: in whatever order a torrent leaves and joins, the last announce is Started.
func TestAddAgain(t *testing.T) {
	asked, answerNow := make(chan string, 8), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("event")
		<-answerNow
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	defer close(answerNow)
	tor := torrent(make(chan []netip.AddrPort, 8), Tracker{URL: s.URL, Trusted: true})
	hear := func(want string) {
		t.Helper()
		if got := enginetest.Receive(t, asked, "the event "+want); got != want {
			t.Errorf("the tracker hears %q, want %q", got, want)
		}
	}
	a.Add(tor)
	hear("started")
	answerNow <- struct{}{}
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	a.mu.Lock()
	for _, e := range a.torrents[tor.Infohash] { // Stopped cannot begin yet
		e.tracker.active = maxPerTracker
	}
	a.mu.Unlock()
	a.Remove(tor.Infohash)
	a.Add(tor)
	a.mu.Lock()
	for _, e := range a.torrents[tor.Infohash] {
		e.tracker.active = 0
	}
	a.mu.Unlock()
	a.Now(tor.Infohash)
	hear("started")
	answerNow <- struct{}{}
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	a.Remove(tor.Infohash)
	hear("stopped") // on its way, not answered yet
	a.Add(tor)
	select {
	case e := <-asked:
		t.Fatalf("%q overtakes stopped", e)
	case <-time.After(50 * time.Millisecond):
	}
	answerNow <- struct{}{}
	hear("started")
	answerNow <- struct{}{}
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.leaving) != 0 || len(a.trackers) != 1 {
		t.Errorf("%d are leaving, %d trackers are known", len(a.leaving), len(a.trackers))
	}
}

func TestCloseTellsStoppedOfAll(t *testing.T) {
	f := newFakeTracker(t, answer)
	a := newAnnouncer(t)
	found := make(chan []netip.AddrPort, 64)
	for i := range 30 {
		tor := torrent(found, Tracker{URL: f.URL, Trusted: true})
		tor.Infohash[19] = byte(i)
		a.Add(tor)
	}
	for range 30 {
		enginetest.Receive(t, found, "the peers of all torrents")
		enginetest.Receive(t, f.asked, "an announce of each torrent")
	}
	closeIn(a, time.Minute)
	told := 0
	for len(f.asked) > 0 {
		if q := <-f.asked; q.Get("event") == "stopped" {
			told++
		}
	}
	if told != 30 {
		t.Errorf("%d of 30 torrents were stopped", told)
	}
}

func TestCloseDoesNotWaitForDeadTracker(t *testing.T) {
	hang := make(chan struct{})
	asked := make(chan struct{}, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(hang)
	a := newAnnouncer(t)
	a.timeout, a.stopTimeout = time.Hour, time.Hour // Only Close can end the announce.
	a.Add(torrent(nil, Tracker{URL: s.URL, Trusted: true}))
	enginetest.Receive(t, asked, "the first announce")
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		closeIn(a, 200*time.Millisecond)
	}()
	enginetest.Receive(t, closed, "Close to give up")
}

func TestFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		body, want string
		retry      time.Duration
	}{
		"refusal": {"d14:failure reason9:not todaye", "not today", retryFirst},
		"html":    {"<html>hello", "not a tracker's", invalidFirst},
		"empty":   {"", "not a tracker's", invalidFirst},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeTracker(t, tc.body)
			a := newAnnouncer(t)
			defer closeIn(a, time.Minute)
			tor := torrent(nil, Tracker{URL: f.URL, Trusted: true})
			a.Add(tor)
			enginetest.Receive(t, f.asked, "the first announce")
			wait(t, "failing", func() bool { return a.States(tor.Infohash)[0].Status == Failing })
			s := a.States(tor.Infohash)[0]
			if s.Err == nil || !strings.Contains(s.Err.Error(), tc.want) {
				t.Errorf("error %v, want %q in it", s.Err, tc.want)
			}
			if d := s.Next.Sub(s.Last); d != tc.retry {
				t.Errorf("retry in %v", d)
			}
		})
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the announce reached a server with a bad certificate")
	}))
	defer s.Close()
	s.Config.ErrorLog = nil
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	tor := torrent(nil, Tracker{URL: s.URL, Trusted: true})
	a.Add(tor)
	wait(t, "failing", func() bool { return a.States(tor.Infohash)[0].Status == Failing })
	if err := a.States(tor.Infohash)[0].Err; !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v", err)
	}
}

// TestForeignTrackersReachNoPrivateAddress waits on real listeners that must see nothing.
func TestForeignTrackersReachNoPrivateAddress(t *testing.T) {
	f := newFakeTracker(t, answer)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	port := strings.TrimPrefix(f.URL, "http://127.0.0.1:")
	_, udpPort, _ := net.SplitHostPort(udp.LocalAddr().String())
	var trackers []Tracker
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]", "127.1"} {
		trackers = append(trackers,
			Tracker{URL: "http://" + host + ":" + port}, Tracker{URL: "https://" + host + ":" + port},
			Tracker{URL: "udp://" + host + ":" + udpPort})
	}
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	tor := torrent(nil, trackers...)
	a.Add(tor)
	wait(t, "all failing", func() bool {
		return !slices.ContainsFunc(a.States(tor.Infohash), func(s State) bool { return s.Status != Failing })
	})
	if len(f.asked) != 0 {
		t.Error("the HTTP listener was asked")
	}
	_ = udp.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, from, err := udp.ReadFrom(make([]byte, 99)); err == nil {
		t.Errorf("%d bytes came by UDP from %v", n, from)
	}
}

// TestTrustedTrackerCannotRedirectInside: only the configured address is allowed, not where it leads to.
func TestTrustedTrackerCannotRedirectInside(t *testing.T) {
	inside := newFakeTracker(t, answer)
	outside := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusFound))
	defer outside.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	tor := torrent(nil, Tracker{URL: outside.URL, Trusted: true})
	a.Add(tor)
	wait(t, "failing", func() bool { return a.States(tor.Infohash)[0].Status == Failing })
	if len(inside.asked) != 0 {
		t.Error("the redirect was followed into a private network")
	}
}
