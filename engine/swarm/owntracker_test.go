package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// homeTracker is a tracker in this process. It reports its announces, such as "http started", and returns the given
// peers.
type homeTracker struct {
	*enginetest.PipeListener
	heard chan string
	peers atomic.Pointer[[]netip.AddrPort]
}

func newHomeTracker(t *testing.T) *homeTracker {
	t.Helper()
	h := &homeTracker{PipeListener: enginetest.NewPipeListener(t), heard: make(chan string, 1000)}
	h.peers.Store(&[]netip.AddrPort{})
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(h) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return h
}

func (h *homeTracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		q := r.URL.Query()
		h.heard <- fmt.Sprintf("http %s %x", q.Get("event"), q.Get("info_hash"))
		var compact []byte
		for _, p := range *h.peers.Load() {
			ip := p.Addr().As4()
			compact = append(append(compact, ip[:]...), byte(p.Port()>>8), byte(p.Port()))
		}
		_, _ = fmt.Fprintf(w, "d8:completei1e10:incompletei0e8:intervali1800e5:peers%d:%se", len(compact), compact)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	for {
		_, data, err := ws.Read(context.Background())
		if err != nil {
			return
		}
		var m struct {
			Event    string `json:"event"`
			InfoHash string `json:"info_hash"`
		}
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		var hash []byte
		for _, b := range m.InfoHash {
			hash = append(hash, byte(b))
		}
		h.heard <- fmt.Sprintf("web %s %x", m.Event, hash)
		answer, _ := json.Marshal(map[string]any{"action": "announce", "info_hash": m.InfoHash, "interval": 120})
		_ = ws.Write(context.Background(), websocket.MessageText, answer)
	}
}

// expect waits for announces, in any order.
func (h *homeTracker) expect(t *testing.T, want ...string) {
	t.Helper()
	for len(want) > 0 {
		got := enginetest.Receive(t, h.heard, fmt.Sprint(want))
		i := slices.Index(want, got)
		if i < 0 {
			t.Fatalf("the tracker hears %q, not one of %q", got, want)
		}
		want = slices.Delete(want, i, i+1)
	}
}

// expectNone fails if there was another announce.
func (h *homeTracker) expectNone(t *testing.T) {
	t.Helper()
	select {
	case got := <-h.heard:
		t.Errorf("the tracker hears %q", got)
	default:
	}
}

// configure returns a config with the tracker, which must not be dialed: it is at a listener that counts.
func (h *homeTracker) configure(t *testing.T) (cfg Config, at string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Error("the network was used")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	at = l.Addr().String()
	cfg = config(t)
	cfg.OwnTracker = &OwnTracker{
		URLs:    []string{"https://" + at + "/announce", "wss://" + at + "/announce", "udp://" + at},
		Aliases: []string{"udp://" + at + "/announce", "http://" + at + "/announce", "wss://www.home.example/announce"},
		Dial:    h.Dial,
	}
	return cfg, at
}

func announced(event, hash string) []string {
	return []string{"http " + event + " " + hash, "web " + event + " " + hash}
}

func TestOwnTracker(t *testing.T) {
	h := newHomeTracker(t)
	cfg, at := h.configure(t)
	s := newSite(t, 16<<10, 20_000)
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, Tracked: true, Trackers: []string{
		"HTTPS://" + at + "/announce?x=1", " wss://" + at + "/announce", "udp://" + at, "udp://" + at + "/announce",
		"http://" + at + "/announce", "wss://WWW.home.example.:443/announce",
	}})
	h.expect(t, announced("started", s.hash)...)
	var urls []string
	for _, tr := range tor.Trackers() {
		urls = append(urls, tr.URL)
	}
	if want := []string{"https://" + at + "/announce", "wss://" + at + "/announce"}; !slices.Equal(urls, want) {
		t.Errorf("announced to %q, want %q", urls, want)
	}
	eventually(t, "answers", func() bool {
		return !slices.ContainsFunc(tor.Trackers(), func(tr engine.Tracker) bool { return tr.Status != "working" })
	})
	if st := c.Status(); st.Online || st.WebTrackers != 1 {
		t.Errorf("the status is %+v", st)
	}
	tor.Drop()
	h.expect(t, announced("stopped", s.hash)...)
	h.expectNone(t)
}

// The addresses that a tracker returns come from any announcer, so private ones are not dialed.
func TestOwnTrackerNamesNoPrivatePeers(t *testing.T) {
	h := newHomeTracker(t)
	cfg, at := h.configure(t)
	private := []netip.AddrPort{
		netip.MustParseAddrPort(at), netip.MustParseAddrPort("192.168.7.7:6881"), netip.MustParseAddrPort("10.0.0.1:6881"),
	}
	h.peers.Store(&private)
	s := newSite(t, 16<<10, 20_000)
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Tracked: true})
	eventually(t, "an answer", func() bool { return tor.Trackers()[0].Peers == len(private) })
	if n := tor.Stats().Known; n != 0 {
		t.Errorf("%d of them are known", n)
	}
	if !c.addresses.allowsFrom(netip.Addr{}, netip.MustParseAddr("25.1.1.1")) {
		t.Error("a public address is not admitted")
	}
}

func TestOwnTrackerIsForTracked(t *testing.T) {
	h := newHomeTracker(t)
	cfg, at := h.configure(t)
	s := newSite(t, 16<<10, 20_000)
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, Trackers: []string{"wss://" + at + "/announce"}})
	if got := tor.Trackers(); len(got) != 0 {
		t.Errorf("it is announced to %+v", got)
	}
	tor.SetTracked(true)
	tor.SetTracked(true)
	h.expect(t, announced("started", s.hash)...)
	eventually(t, "answers", func() bool {
		return !slices.ContainsFunc(tor.Trackers(), func(tr engine.Tracker) bool { return tr.Status != "working" })
	})
	tor.SetTracked(false)
	h.expect(t, announced("stopped", s.hash)...)
	if got := tor.Trackers(); len(got) != 0 {
		t.Errorf("it is announced to %+v", got)
	}
	tor.SetPaused(true)
	tor.SetTracked(true) // which is known when it joins again
	tor.SetPaused(false)
	h.expect(t, announced("started", s.hash)...)
	tor.Drop()
	tor.SetTracked(false)
	h.expect(t, announced("stopped", s.hash)...)
	h.expectNone(t)
}

func TestPrivateTorrentsAndTheOwnTracker(t *testing.T) {
	h := newHomeTracker(t)
	cfg, at := h.configure(t)
	s := privateSite(t)
	c := start(t, cfg)
	// Nobody knows yet that it is private.
	tor := add(t, c, Spec{Infohash: s.hash, Tracked: true})
	h.expect(t, announced("started", s.hash)...)
	eventually(t, "answers", func() bool {
		return !slices.ContainsFunc(tor.Trackers(), func(tr engine.Tracker) bool { return tr.Status != "working" })
	})
	tor.SetInfo(s.info)
	h.expect(t, announced("stopped", s.hash)...)
	tor.AddSources([]string{"https://" + at + "/announce"}, nil, nil)
	h.expect(t, announced("started", s.hash)...)
}

func TestOwnTrackerListsTorrents(t *testing.T) {
	for _, tt := range []struct {
		open, configured, named, tracked, private, want bool
	}{
		{tracked: true, want: true},
		{tracked: true, private: true},
		{tracked: true, private: true, named: true, want: true},
		{tracked: true, private: true, configured: true, want: true},
		{},
		{named: true},
		{configured: true},
		{open: true},
		{open: true, named: true, want: true},
		{open: true, configured: true, want: true},
		{open: true, tracked: true, private: true},
	} {
		o := &ownTracker{urls: []string{"x"}, open: tt.open, configured: tt.configured}
		if got := o.announceURLs(tt.named, tt.tracked, tt.private); (len(got) > 0) != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func TestConfiguredOwnTracker(t *testing.T) {
	own, others := newOwnTracker(&OwnTracker{URLs: []string{"wss://home.example/announce"}},
		[]string{"udp://a.example:1", "WSS://Home.example/announce", "wss://home.example/other"})
	if !own.configured || !slices.Equal(others, []string{"udp://a.example:1", "wss://home.example/other"}) {
		t.Errorf("%t, %q", own.configured, others)
	}
	if own, others := newOwnTracker(nil, others); own != nil || len(others) != 2 ||
		own.announceURLs(true, true, false) != nil {
		t.Errorf("without one: %v, %q", own, others)
	}
}

func TestTrackerKeysOfEqualURLs(t *testing.T) {
	for _, same := range [][]string{
		{"wss://bücher.example/announce", "WSS://xn--bcher-kva.Example:443/announce", "wss://BÜCHER.example./announce?a#b"},
		{"http://a.example", "http://a.example:80/"},
		{"udp://a.example:6969", "udp://A.example:6969/announce", " udp://a.example:6969/x "},
		{"ws://[2001:DB8::1]/announce", "ws://[2001:db8::1]:80/announce"},
	} {
		for _, u := range same {
			if normalizeTrackerURL(u) != normalizeTrackerURL(same[0]) {
				t.Errorf("%q is another one than %q", u, same[0])
			}
		}
	}
	seen := map[string]string{}
	for _, u := range []string{
		"ws://a.example/announce", "wss://a.example/announce", "http://a.example/announce", "https://a.example/announce",
		"https://a.example/Announce", "https://a.example:8443/announce", "https://b.example/announce", "udp://a.example:6969",
		"udp://a.example:80",
	} {
		if other := seen[normalizeTrackerURL(u)]; other != "" {
			t.Errorf("%q and %q are the same", u, other)
		}
		seen[normalizeTrackerURL(u)] = u
	}
}

// The tracker ends before the client does.
func TestOwnTrackerIsGone(t *testing.T) {
	h := newHomeTracker(t)
	cfg, _ := h.configure(t)
	s := newSite(t, 16<<10, 20_000)
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, Tracked: true})
	h.expect(t, announced("started", s.hash)...)
	eventually(t, "answers", func() bool {
		return !slices.ContainsFunc(tor.Trackers(), func(tr engine.Tracker) bool { return tr.Status != "working" })
	})
	_ = h.Close()
	if _, err := h.Dial(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Close() }()
	if err := enginetest.Receive(t, done, "the end"); err != nil {
		t.Error(err)
	}
}
