package webtorrent

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wtptui/engine/enginetest"
)

// newOwnTracker is a tracker in this process.
func newOwnTracker(t *testing.T) (*testTracker, *enginetest.PipeListener) {
	t.Helper()
	pipes := enginetest.NewPipeListener(t)
	tr := &testTracker{url: "wss://home.example/announce", interval: 60}
	tr.start(pipes)
	t.Cleanup(tr.stop)
	return tr, pipes
}

// dialOnlyOwnTracker has a client dial nothing but the tracker in this process.
func dialOnlyOwnTracker(t *testing.T, pipes *enginetest.PipeListener) func(*Config) {
	return func(cfg *Config) {
		cfg.DialOwn = pipes.Dial
		cfg.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
			t.Errorf("%s was dialed", address)
			return nil, errors.New("no network")
		}
		cfg.DialForeign = cfg.Dial
	}
}

func TestOwnTrackerNeedsNoNetwork(t *testing.T) {
	tr, pipes := newOwnTracker(t)
	c := newTestClient(t, "a", dialOnlyOwnTracker(t, pipes))
	spec, _ := newSpec(0)
	spec.Trackers = []Tracker{{URL: tr.url, Trusted: true, Own: true}}
	tor := c.Add(spec)
	tr.expect(t, "started", func(m trackerRequest) bool { return m.Event == started })
	if s := c.Status().Trackers; len(s) != 1 || !s[0].Connected || !s[0].Own {
		t.Errorf("the trackers are %+v", s)
	}
	var origin netip.Addr
	c.update(func(s *state) { origin = s.trackers["wss://home.example/announce"].remoteAddr })
	// The connection seems to lead to loopback, but whom it names comes from anywhere.
	mayReach := (&link{client: c}).mayReach(origin)
	for address, want := range map[string]bool{"127.0.0.1": false, "192.168.1.2": false, "25.1.1.1": true} {
		if got := mayReach(netip.MustParseAddr(address)); got != want {
			t.Errorf("it may name %s: %t, want %t", address, got, want)
		}
	}
	if origin.IsLoopback() {
		t.Error("it counts as a loopback tracker")
	}
	tor.Drop()
	tr.expect(t, "stopped", func(m trackerRequest) bool { return m.Event == stopped })
}

func TestOwnTrackerIsNotRedirected(t *testing.T) {
	pipes := enginetest.NewPipeListener(t)
	server := &httptest.Server{
		Listener: pipes,
		Config: &http.Server{
			Handler: http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound), ReadHeaderTimeout: patience,
		},
	}
	server.Start()
	defer server.Close()
	c := newTestClient(t, "a", dialOnlyOwnTracker(t, pipes))
	spec, _ := newSpec(0)
	spec.Trackers = []Tracker{{URL: "wss://home.example/announce", Trusted: true, Own: true}}
	tor := c.Add(spec)
	eventually(t, "the refusal", func() bool { return strings.Contains(tor.Trackers()[0].Error, "302") })
}

func TestClosedOwnTrackerIsNotWaitedFor(t *testing.T) {
	tr, pipes := newOwnTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) {
		dialOnlyOwnTracker(t, pipes)(cfg)
		cfg.times.minBackoff, cfg.times.maxBackoff, cfg.times.closeTimeout = time.Hour, time.Hour, time.Hour
	})
	spec, _ := newSpec(0)
	spec.Trackers = []Tracker{{URL: tr.url, Trusted: true, Own: true}}
	c.Add(spec)
	tr.expect(t, "started", func(m trackerRequest) bool { return m.Event == started })
	// The tracker goes away in the moment in which the client says goodbye.
	for _, conn := range tr.all() {
		go func() { _ = conn.ws.Close(websocket.StatusGoingAway, "") }()
	}
	_ = pipes.Close()
	done := make(chan error, 1)
	go func() { done <- c.Close() }()
	if err := enginetest.Receive(t, done, "the end"); err != nil {
		t.Error(err)
	}
}

func TestUpdate(t *testing.T) {
	first, second, third := newTestTracker(t), newTestTracker(t), newTestTracker(t)
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(0, first.url, second.url)
	tor := c.Add(spec)
	for _, tr := range []*testTracker{first, second} {
		tr.expect(t, "started", func(m trackerRequest) bool { return m.Event == started })
	}
	at := func(trackers ...*testTracker) (all []Tracker) {
		for _, tr := range trackers {
			all = append(all, Tracker{URL: tr.url, Trusted: true})
		}
		return all
	}
	tor.Update(at(third, first))
	third.expect(t, "started", func(m trackerRequest) bool { return m.Event == started })
	second.expect(t, "stopped", func(m trackerRequest) bool { return m.Event == stopped })
	var urls []string
	for _, tr := range tor.Trackers() {
		urls = append(urls, tr.URL)
	}
	if !slices.Equal(urls, []string{third.url, first.url}) {
		t.Errorf("announced to %v", urls)
	}
	tor.Update(nil)
	first.expect(t, "stopped", func(m trackerRequest) bool { return m.Event == stopped })
	tor.Update(at(second))
	second.expect(t, "started again", func(m trackerRequest) bool { return m.Event == started })
	tor.Drop()
	second.expect(t, "stopped again", func(m trackerRequest) bool { return m.Event == stopped })
	tor.Update(at(first))
	if n := len(tor.Trackers()); n != 0 {
		t.Errorf("one that was dropped is announced to %d trackers", n)
	}
}
