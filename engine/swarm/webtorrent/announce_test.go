package webtorrent

import (
	"bytes"
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

func TestAnnounces(t *testing.T) {
	tr := newTestTracker(t)
	tr.set(func() { tr.interval = 0 }) // so the client's own interval counts
	c := newTestClient(t, "a", func(cfg *Config) { cfg.UserAgent = "test/1" })
	spec, want := newSpec(25, tr.url)
	tor := c.Add(spec)
	m := tr.expect(t, "started", func(trackerRequest) bool { return true })
	id := peerID("a")
	if m.Action != "announce" || m.Event != started || m.InfoHash != encodeBinary(testInfohash[:]) ||
		m.PeerID != encodeBinary(id[:]) ||
		m.Uploaded != 5 || m.Downloaded != 6 || m.Left != 7 || m.from.header.Get("User-Agent") != "test/1" {
		t.Errorf("first announce: %+v", m)
	}
	if len(m.Offers) != maxOffersEach || m.NumWant != maxOffersEach {
		t.Errorf("%d offers, numwant %d", len(m.Offers), m.NumWant)
	}
	for _, o := range m.Offers {
		if len([]rune(o.OfferID)) != 20 || o.Offer.Type != "offer" || !strings.Contains(o.Offer.SDP, " 127.0.0.1 ") {
			t.Errorf("offer %+v", o)
		}
	}
	m = tr.expect(t, "an update", func(trackerRequest) bool { return true })
	if m.Event != noEvent || bytes.Contains(m.raw, []byte(`"event"`)) {
		t.Errorf("second announce: %s", m.raw)
	}
	want.Store(0)
	tor.Completed()
	m = tr.expect(t, "completed", func(m trackerRequest) bool { return m.Event != noEvent })
	if m.Event != completed || m.Left != 0 || len(m.Offers) != 0 {
		t.Errorf("completed: %s", m.raw)
	}
	m = tr.expect(t, "an update", func(trackerRequest) bool { return true })
	if !bytes.Contains(m.raw, []byte(`"numwant":0,"offers":[]`)) {
		t.Errorf("a complete torrent announces %s", m.raw)
	}
	tor.Drop()
	if m = tr.expect(t, "stopped", func(m trackerRequest) bool { return m.Event != noEvent }); m.Event != stopped ||
		m.from != tr.all()[0] {
		t.Errorf("dropped: %s", m.raw)
	}
	eventually(t, "the connection ends with its last torrent", func() bool {
		return len(tr.all()) == 0 && len(c.Status().Trackers) == 0
	})
}

// TestCompletedWhileTheFirstAnnounceIsPrepared: a download that ends before Started is sent, as that of a small site
// may, is announced as complete all the same.
func TestCompletedWhileTheFirstAnnounceIsPrepared(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", nil)
	for range cap(c.describeSlots) {
		c.describeSlots <- struct{}{} // Offers cannot be made.
	}
	spec, want := newSpec(1, tr.url)
	tor := c.Add(spec)
	eventually(t, "the announce is being prepared", func() bool {
		preparing := false
		tor.update(func(_ *state, ts *torrentState) {
			e := ts.entries[0]
			preparing = e.preparing && e.event == noEvent
		})
		return preparing
	})
	want.Store(0)
	tor.Completed()
	for range cap(c.describeSlots) {
		<-c.describeSlots
	}
	for _, want := range []event{started, completed} {
		if m := tr.expect(t, "an announce", func(trackerRequest) bool { return true }); m.Event != want {
			t.Fatalf("the tracker receives %q instead of %q", m.Event, want)
		}
	}
}

// TestStoppedFollowsTheAnnounce drops torrents while their announces, which have offers, are being sent: if a tracker
// received Stopped first, it would go on listing this client.
func TestStoppedFollowsTheAnnounce(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) { cfg.times.linger = time.Hour })
	for i := range byte(9) {
		spec, _ := newSpec(5, tr.url)
		spec.Infohash[19] = i
		tor := c.Add(spec)
		for announced := false; !announced; runtime.Gosched() {
			tor.update(func(_ *state, ts *torrentState) { announced = ts.entries[0].announced })
		}
		tor.Drop()
		for _, want := range []event{started, stopped} {
			if m := tr.expect(t, "an announce", func(trackerRequest) bool { return true }); m.Event != want {
				t.Fatalf("the tracker receives %q of torrent %d instead of %q", m.Event, i, want)
			}
		}
	}
}

func TestUnknownSizeIsNotComplete(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(0, tr.url)
	spec.Stats = func() (int64, int64, int64) { return 0, 0, -1 }
	c.Add(spec)
	if m := tr.expect(t, "started", func(trackerRequest) bool { return true }); m.Left <= 0 {
		t.Errorf("left is %d", m.Left)
	}
}

func TestTrackerStates(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) {
		cfg.times.minBackoff, cfg.times.maxBackoff = time.Hour, time.Hour
		cfg.times.silentInterval = time.Hour // No announce clears the warning and the refusal below.
	})
	spec, _ := newSpec(0, tr.url, "ws://127.0.0.1:1", "udp://x:1", "::")
	tor := c.Add(spec)
	eventually(t, "states", func() bool {
		s := tor.Trackers()
		return len(s) == 4 && s[0].Status == "working" && s[1].Status == "failing"
	})
	s := tor.Trackers()
	if s[0].URL != tr.url || s[0].Seeds != 3 || s[0].Leechers != 1 || s[0].Error != "" || s[0].Last.IsZero() {
		t.Errorf("working: %+v", s[0])
	}
	if d := time.Until(s[0].Next.Std()); d < 50*time.Second || d > 70*time.Second {
		t.Errorf("next announce in %v, asked for 60 s", d)
	}
	if !strings.Contains(s[1].Error, "it refuses the connection") || s[1].Seeds != -1 ||
		time.Until(s[1].Next.Std()) < 50*time.Minute {
		t.Errorf("unreachable: %+v", s[1])
	}
	for _, bad := range s[2:] {
		if bad.Status != "failing" || bad.Error == "" {
			t.Errorf("not a URL: %+v", bad)
		}
	}
	conn := tr.all()[0]
	conn.send(map[string]any{
		"action": "announce", "info_hash": encodeBinary(testInfohash[:]), "warning message": "moving\x1b",
	})
	eventually(t, "the warning", func() bool {
		return tor.Trackers()[0].Warning == "moving" && c.Total()[0].Warning == "moving"
	})
	conn.send(map[string]any{
		"action": "announce", "info_hash": encodeBinary(testInfohash[:]), "failure reason": "go\x1b away",
	})
	eventually(t, "the refusal", func() bool { s := tor.Trackers()[0]; return s.Error == "go away" && s.Warning == "" })
}

func TestOneConnectionForAllTorrents(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) { cfg.times.closeTimeout = time.Hour }) // Close ends when all is said
	for i := range 30 {
		spec, _ := newSpec(0, tr.url, strings.Replace(tr.url, "ws:", "WS:", 1), tr.url+"#x")
		spec.Infohash[0] = byte(i)
		c.Add(spec)
	}
	seen := map[string]bool{}
	for len(seen) < 30 {
		seen[tr.expect(t, "all torrents", func(trackerRequest) bool { return true }).InfoHash] = true
	}
	if n := len(tr.all()); n != 1 {
		t.Errorf("%d connections", n)
	}
	if s := c.Status(); len(s.Trackers) != 1 || s.Trackers[0].Torrents != 30 || !s.Trackers[0].Connected {
		t.Errorf("%+v", s)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		tr.expect(t, "stopped, for all torrents", func(m trackerRequest) bool { return m.Event == stopped })
	}
}

func addHundred(c *Client, tr *testTracker) {
	for i := range 100 {
		spec, _ := newSpec(0, tr.url)
		spec.Infohash[0], spec.Infohash[1] = 9, byte(i)
		c.Add(spec)
	}
}

func TestAnnouncesArePaced(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) { cfg.times.pace = 10 * time.Millisecond })
	start := time.Now()
	addHundred(c, tr)
	for range 100 {
		tr.expect(t, "all of them", func(trackerRequest) bool { return true })
	}
	if d := time.Since(start); d < 700*time.Millisecond {
		t.Errorf("100 announces in %v", d)
	}
}

// Announces that request peers do not wait for those that do not.
func TestUrgentTorrentsAreAnnouncedFirst(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) { cfg.times.pace = 2 * time.Second }) // All would take minutes.
	addHundred(c, tr)
	tr.expect(t, "the first", func(trackerRequest) bool { return true })
	spec, _ := newSpec(1, tr.url)
	c.Add(spec)
	before := 0
	tr.expect(t, "the one that wants", func(m trackerRequest) bool { before++; return len(m.Offers) > 0 })
	if before > 60 {
		t.Errorf("%d announces came before the one that wants peers", before)
	}
}

func TestReconnect(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(2, tr.url)
	c.Add(spec)
	tr.expect(t, "started", func(m trackerRequest) bool { return m.Event == started && len(m.Offers) == 2 })
	tr.stop()
	eventually(t, "the loss of the tracker, and of the offers made there", func() bool {
		s := c.Status()
		return !s.Trackers[0].Connected && s.Trackers[0].Err != "" && s.Offers == 0
	})
	tr.restart(t)
	tr.expect(t, "started again", func(m trackerRequest) bool { return m.Event == started && len(m.Offers) == 2 })
}

func TestNetworkChanged(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", func(cfg *Config) { cfg.times.minBackoff, cfg.times.maxBackoff = time.Hour, time.Hour })
	spec, _ := newSpec(0, tr.url)
	c.Add(spec)
	tr.expect(t, "started", func(trackerRequest) bool { return true })
	c.NetworkChanged() // a connection that works stays
	tr.stop()
	eventually(t, "the loss of the tracker", func() bool { return !c.Status().Trackers[0].Connected })
	tr.restart(t)
	c.NetworkChanged()
	tr.expect(t, "started again", func(trackerRequest) bool { return true })
}

// A tracker whose machine has vanished is detected, though its connection is not closed.
func TestSilentTracker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tr := newTestTracker(t)
	proxied := "ws://" + l.Addr().String() + "/"
	frozen := make(chan struct{})
	dials := make(chan struct{}, 100)
	c := newTestClient(t, "a", func(cfg *Config) {
		cfg.times.ping, cfg.times.pong, cfg.times.write = 50*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
		cfg.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, tr.url[len("ws://"):len(tr.url)-1])
			dials <- struct{}{}
			return &freezing{Conn: conn, frozen: frozen}, err
		}
	})
	_ = l.Close()
	spec, _ := newSpec(0, proxied)
	c.Add(spec)
	tr.expect(t, "started", func(trackerRequest) bool { return true })
	enginetest.Receive(t, dials, "the first dial")
	close(frozen)
	enginetest.Receive(t, dials, "a dial after the silence")
}

// freezing is a connection that at some time loses all that is written.
type freezing struct {
	net.Conn
	frozen chan struct{}
}

func (f *freezing) Write(p []byte) (int, error) {
	select {
	case <-f.frozen:
		return len(p), nil
	default:
		return f.Conn.Write(p)
	}
}

// Only a trusted tracker is announced to as often as the person allows; the default changes nothing.
func TestMinInterval(t *testing.T) {
	if got := defaultTimes().withMinInterval(30 * time.Second); *got != *defaultTimes() {
		t.Errorf("%+v, want %+v", got, defaultTimes())
	}
	c := newTestClient(t, "a", func(cfg *Config) { cfg.times, cfg.MinInterval = nil, time.Second })
	for _, tc := range []struct {
		trusted             bool
		minInterval, minGap time.Duration
		maxBackoff          time.Duration
	}{
		{true, time.Second, time.Second / 6, 10 * time.Second},
		{false, 30 * time.Second, 5 * time.Second, 5 * time.Minute},
	} {
		var got *times
		c.update(func(s *state) { got = s.timesFor(tc.trusted) })
		if got.minInterval != tc.minInterval || got.minGap != tc.minGap || got.maxBackoff != tc.maxBackoff {
			t.Errorf("%+v: %+v", tc, got)
		}
	}
}

// What torrents name leads to public addresses only.
func TestForeignTrackers(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(0, tr.url)
	spec.Trackers[0].Trusted = false
	tor := c.Add(spec)
	eventually(t, "the refusal", func() bool { return strings.Contains(tor.Trackers()[0].Error, "not a public address") })
	if n := len(tr.all()); n != 0 {
		t.Errorf("%d connections", n)
	}
	// When the person configures it as well it is used.
	spec.Infohash[0]++
	spec.Trackers[0].Trusted = true
	c.Add(spec)
	tr.expect(t, "both torrents", func(m trackerRequest) bool { return m.InfoHash == encodeBinary(testInfohash[:]) })
}

func TestForeignDial(t *testing.T) {
	dialed := make(chan string, maxForeign)
	c := newTestClient(t, "a", func(cfg *Config) {
		cfg.DialForeign = func(_ context.Context, _, address string) (net.Conn, error) {
			dialed <- address
			return nil, errors.New("guarded")
		}
		cfg.Dial = nil
		cfg.times.minBackoff, cfg.times.maxBackoff = time.Hour, time.Hour // Each is dialed once.
	})
	spec, _ := newSpec(0)
	for i := range 2 * maxForeign {
		spec.Trackers = append(spec.Trackers, Tracker{
			URL: "ws://tracker.example:" + strings.Repeat("1", 1+i%4) + "/" + strings.Repeat("x", i),
		})
	}
	tor := c.Add(spec)
	if n := len(tor.Trackers()); n != maxForeign {
		t.Errorf("%d foreign trackers", n)
	}
	for range maxForeign {
		if a := enginetest.Receive(t, dialed, "a dial of each foreign tracker"); !strings.HasPrefix(a, "tracker.example:1") {
			t.Errorf("dialed %s", a)
		}
	}
}

func TestAddAgainAndAfterClose(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(0, tr.url)
	old := c.Add(spec)
	tr.expect(t, "started", func(trackerRequest) bool { return true })
	c.Add(spec)
	seen := map[event]bool{}
	for !seen[stopped] || !seen[started] {
		seen[tr.expect(t, "stopped and started", func(trackerRequest) bool { return true }).Event] = true
	}
	old.Drop() // once more, to no effect
	old.Announce()
	if n := c.Status().Trackers[0].Torrents; n != 1 {
		t.Errorf("%d torrents", n)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	late := c.Add(spec)
	late.Announce()
	late.Completed()
	late.Drop()
	if _, err := c.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept: %v", err)
	}
	c.NetworkChanged()
	if s := c.Status(); len(s.Trackers) != 0 {
		t.Errorf("%+v", s)
	}
}
