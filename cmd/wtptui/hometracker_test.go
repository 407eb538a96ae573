package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

func TestTrackerURLs(t *testing.T) {
	homes := []engine.Home{
		{Name: "a.example", URL: "https://a.example:8443/"}, {Name: "b.example", URL: "https://b.example:8443/"},
	}
	for _, tt := range []struct {
		homes              []engine.Home
		udpPort, plainPort string
		urls, others       []string
	}{
		{
			homes, "6969", "80",
			[]string{"wss://a.example:8443/announce", "udp://a.example:6969/announce", "https://a.example:8443/announce"},
			[]string{
				"http://a.example/announce", "ws://a.example/announce",
				"wss://b.example:8443/announce", "udp://b.example:6969/announce", "https://b.example:8443/announce",
				"http://b.example/announce", "ws://b.example/announce",
			},
		},
		{
			[]engine.Home{{Name: "a.example", URL: "https://a.example/"}},
			"", "8080",
			[]string{"wss://a.example/announce", "https://a.example/announce"},
			[]string{"http://a.example:8080/announce", "ws://a.example:8080/announce"},
		},
	} {
		urls, others := trackerURLs(tt.homes, tt.udpPort, tt.plainPort)
		if diff := cmp.Diff([][]string{tt.urls, tt.others}, [][]string{urls, others}); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.homes, diff)
		}
	}
}

// The engine announces to the URLs that need no UDP, and knows all aliases.
func TestOwnTracker(t *testing.T) {
	var none *homeTracker
	if none.ownTracker() != nil || none.status().URLs != nil || none.close() != nil {
		t.Error("without a tracker there is one")
	}
	tracker := &homeTracker{urls: []string{"wss://a", "udp://a", "https://a"}, aliases: []string{"http://a"}, isOpen: true}
	own := tracker.ownTracker()
	if !slices.Equal(own.URLs, []string{"wss://a", "https://a"}) ||
		!slices.Equal(own.Aliases, []string{"http://a", "udp://a"}) || !own.Open {
		t.Errorf("%+v", own)
	}
}

func TestTrackerSockets(t *testing.T) {
	all, err := listenUDP(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer closeSockets(all)
	for _, socket := range all {
		if addrPort(socket.LocalAddr()) != addrPort(all[0].LocalAddr()) {
			t.Errorf("the families have the ports of %v and %v", all[0].LocalAddr(), socket.LocalAddr())
		}
	}
	if again, err := listenUDP("[::]:" + addrPort(all[0].LocalAddr())); err == nil {
		closeSockets(again)
		t.Error("a port was taken twice")
	}
	one, err := listenUDP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closeSockets(one)
	if len(one) != 1 || !strings.HasPrefix(one[0].LocalAddr().String(), "127.0.0.1:") {
		t.Errorf("an address has the sockets %v", one)
	}
}

// If the default port for UDP is in use, the tracker starts without UDP and warns; a chosen port that is in use is an
// error.
func TestDefaultTrackerPortInUseIsAWarning(t *testing.T) {
	taken, err := net.ListenPacket("udp4", "127.0.0.1:"+trackerPort)
	if err == nil { // Otherwise another process uses it.
		defer taken.Close()
	}
	start := func(h homeSettings) (*homeTracker, []string, error) {
		n := &node{log: slog.New(slog.DiscardHandler)}
		h.Homes = []string{"a.example"}
		n.public.homes = h.homesAt("443")
		t.Cleanup(func() { _ = n.close(context.Background()) })
		warnings, err := n.listenTracker(&h)
		return n.tracker, warnings, err
	}
	tracker, warnings, err := start(homeSettings{Listen: "127.0.0.1:443"})
	const without = "--home-listen-udp (or none); the tracker does without UDP"
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], without) {
		t.Errorf("warned %q, %v", warnings, err)
	}
	if want := []string{"wss://a.example/announce", "https://a.example/announce"}; !slices.Equal(tracker.urls, want) {
		t.Errorf("its addresses are %v", tracker.urls)
	}
	tracker, _, err = start(homeSettings{ListenUDP: "127.0.0.1:" + trackerPort})
	const advice = "choose another address with --home-listen-udp"
	if tracker != nil || err == nil || !strings.Contains(engine.Message(err), advice) {
		t.Errorf("chosen and taken: %v", err)
	}
	tracker, warnings, err = start(homeSettings{ListenUDP: "none"})
	if tracker == nil || len(warnings) > 0 || err != nil {
		t.Errorf("without UDP: %q, %v", warnings, err)
	}
	tracker, warnings, err = start(homeSettings{Tracker: trackerOff})
	if tracker != nil || len(warnings) > 0 || err != nil {
		t.Errorf("off: %q, %v", warnings, err)
	}
}

// The engine of this process gets a connection as soon as the tracker knows which sites are pinned.
func TestTrackerWaitsForTheEngine(t *testing.T) {
	n := &node{log: slog.New(slog.DiscardHandler)}
	defer func() { _ = n.close(context.Background()) }()
	h := homeSettings{Homes: []string{"a.example"}, ListenUDP: noAddress}
	n.public.homes = h.homesAt("443")
	if _, err := n.listenTracker(&h); err != nil {
		t.Fatal(err)
	}
	shortCtx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := n.tracker.dial(shortCtx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("before: %v", err)
	}
	n.tracker.setReady(func(infohash [20]byte) bool { return infohash[0] == 'a' })
	conn, err := n.tracker.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if !n.tracker.serves([20]byte{'a'}) || n.tracker.serves([20]byte{'b'}) {
		t.Error("it is for other torrents than the engine says")
	}
	if err := n.tracker.close(); err != nil {
		t.Error(err)
	}
	if _, err := n.tracker.dial(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("afterwards: %v", err)
	}
}
