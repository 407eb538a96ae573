package announce

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

const notRegistered = "not registered here"

// numbered returns a torrent whose infohash begins with n.
func numbered(n byte, trackers ...Tracker) Torrent {
	t := torrent(make(chan []netip.AddrPort, 64), trackers...)
	t.Infohash = [20]byte{n}
	return t
}

// newPickyHTTP is a tracker that refuses all torrents but those it serves.
func newPickyHTTP(t *testing.T, serves func(first byte) bool) (announceURL string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if serves(r.URL.Query().Get("info_hash")[0]) {
			fmt.Fprint(w, answer)
			return
		}
		w.WriteHeader(http.StatusForbidden) // as some trackers do
		fmt.Fprintf(w, "d14:failure reason%d:%se", len(notRegistered), notRegistered)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// newPickyUDP is the same over UDP. Its connection ids stay good for ever.
func newPickyUDP(t *testing.T, serves func(first byte) bool) (announceURL string) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			b := buf[:n]
			action, body := binary.BigEndian.Uint32(b[8:]), "\x00\x00\x07\x08\x00\x00\x00\x02\x00\x00\x00\x03"
			switch {
			case action == udpConnect:
				body = "eightbyt"
			case !serves(b[16]):
				action, body = udpError, notRegistered
			}
			out := append(binary.BigEndian.AppendUint32(nil, action), b[12:16]...)
			_, _ = c.WriteTo(append(out, body...), from)
		}
	}()
	return "udp://" + c.LocalAddr().String()
}

// TestRefusalAffectsOneTorrent: no other torrent of the tracker waits because one was refused.
func TestRefusalAffectsOneTorrent(t *testing.T) {
	for protocol, newTracker := range map[string]func(*testing.T, func(byte) bool) string{
		"HTTP": newPickyHTTP, "UDP": newPickyUDP,
	} {
		for name, tc := range map[string]struct{ before, refused, after []byte }{
			"one is refused":     {[]byte{1, 2}, []byte{3}, []byte{4, 5}},
			"only one is served": {nil, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, []byte{10}},
			"most are refused":   {[]byte{1}, []byte{2, 3, 4, 5, 6, 7, 8}, []byte{9}},
		} {
			t.Run(protocol+", "+name, func(t *testing.T) {
				url := newTracker(t, func(first byte) bool { return !strings.Contains(string(tc.refused), string(first)) })
				checkRefusals(t, url, tc.before, tc.refused, tc.after)
			})
		}
	}
}

func checkRefusals(t *testing.T, url string, before, refused, after []byte) {
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	var answers atomic.Int64
	a.cfg.OnAnswer = func() { answers.Add(1) }
	tr := Tracker{URL: url, Trusted: true}
	expect := func(torrents []byte, status Status) {
		t.Helper()
		for _, n := range torrents {
			a.Add(numbered(n, tr))
		}
		for _, n := range torrents {
			wait(t, string(status), func() bool { return a.States([20]byte{n})[0].Status == status })
		}
	}
	expect(before, Working)
	expect(refused, Failing)
	added := time.Now()
	expect(after, Working)
	for _, n := range after {
		if d := a.States([20]byte{n})[0].Last.Sub(added); d >= retryFirst {
			t.Errorf("torrent %d was announced after %v", n, d)
		}
	}
	for _, n := range refused {
		s := a.States([20]byte{n})[0]
		if s.Err == nil || !strings.HasSuffix(s.Err.Error(), "the tracker says: "+notRegistered) {
			t.Errorf("torrent %d: error %v", n, s.Err)
		}
		if d := s.Next.Sub(s.Last); d != retryFirst {
			t.Errorf("torrent %d is announced again in %v", n, d)
		}
	}
	if n, want := answers.Load(), int64(len(before)+len(refused)+len(after)); n != want {
		t.Errorf("%d answers were counted, want %d", n, want)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if tr := a.trackers[tr]; tr.failures != 0 || !tr.retry.IsZero() {
		t.Errorf("the tracker has %d failures and is not asked before %v", tr.failures, tr.retry)
	}
}

// TestRefusedTorrentBacksOff: the tracker may say for how long (BEP 31), and a person's request is never put off.
func TestRefusedTorrentBacksOff(t *testing.T) {
	const never = -1
	for name, tc := range map[string]struct {
		retryIn string
		waits   []time.Duration
	}{
		"unsaid": {"", []time.Duration{
			15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute,
			16 * time.Minute, 30 * time.Minute, 30 * time.Minute,
		}},
		"minutes":           {"8:retry ini5e", []time.Duration{5 * time.Minute, 5 * time.Minute}},
		"minutes as string": {"8:retry in2:90", []time.Duration{90 * time.Minute}},
		"too long":          {"8:retry ini9999999999999e", []time.Duration{maxRetryIn}},
		"never":             {"8:retry in5:never", []time.Duration{never, never}},
		"negative":          {"8:retry ini-5e", []time.Duration{15 * time.Second, 30 * time.Second}},
		"of no kind":        {"8:retry inle", []time.Duration{15 * time.Second, 30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeTracker(t, "d14:failure reason2:no"+tc.retryIn+"e")
			a := newAnnouncer(t)
			tor := numbered(1, Tracker{URL: f.URL, Trusted: true})
			a.Add(tor)
			for i, want := range tc.waits {
				if q := enginetest.Receive(t, f.asked, "an announce"); q.Get("event") != "started" {
					t.Errorf("event %q, want started until it is accepted", q.Get("event"))
				}
				wait(t, "failing", func() bool { return a.States(tor.Infohash)[0].Status == Failing })
				s := a.States(tor.Infohash)[0]
				if got := s.Next.Sub(s.Last); got != want && !(want == never && s.Next.IsZero()) {
					t.Errorf("after %d refusals the next announce is in %v, want %v", i+1, got, want)
				}
				a.Complete(tor.Infohash) // which is no reason to ask at once
				if i < len(tc.waits)-1 {
					a.Now(tor.Infohash)
				}
			}
			closeIn(a, time.Minute)
			if len(f.asked) != 0 {
				t.Errorf("there was another announce: %v", <-f.asked)
			}
		})
	}
}

// TestAcceptedAfterRefusals: after an accepted announce, earlier refusals have no effect.
func TestAcceptedAfterRefusals(t *testing.T) {
	var serves atomic.Bool
	url := newPickyHTTP(t, func(byte) bool { return serves.Load() })
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	tor := numbered(1, Tracker{URL: url, Trusted: true})
	a.Add(tor)
	for _, accept := range []bool{false, true, false} {
		status := Failing
		if accept {
			status = Working
		}
		serves.Store(accept)
		a.Now(tor.Infohash)
		wait(t, string(status), func() bool { return a.States(tor.Infohash)[0].Status == status })
	}
	if s := a.States(tor.Infohash)[0]; s.Next.Sub(s.Last) != retryFirst || s.Seeds != 3 {
		t.Errorf("state %+v", s)
	}
}

// TestRefusedStopped: a refused Stopped is not sent again.
func TestRefusedStopped(t *testing.T) {
	events := make(chan string, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event := r.URL.Query().Get("event")
		events <- event
		if event == "stopped" {
			fmt.Fprint(w, "d14:failure reason2:noe")
			return
		}
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	tor := numbered(1, Tracker{URL: s.URL, Trusted: true})
	a.Add(tor)
	enginetest.Receive(t, events, "started")
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	a.Remove(tor.Infohash)
	if e := enginetest.Receive(t, events, "stopped"); e != "stopped" {
		t.Errorf("event %q", e)
	}
	wait(t, "it is forgotten", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.leaving) == 0 && len(a.trackers) == 0 && len(a.due) == 0
	})
	closeIn(a, time.Minute)
	if len(events) != 0 {
		t.Errorf("after stopped there was %q", <-events)
	}
}

// TestMalformedResponseAffectsOneTorrent: a tracker that sends a malformed response for one torrent is asked for all
// others as usual, and for that one less and less often.
func TestMalformedResponseAffectsOneTorrent(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("info_hash")[0] == 1 {
			fmt.Fprint(w, "<html>no")
			return
		}
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	tr := Tracker{URL: s.URL, Trusted: true}
	a.Add(numbered(1, tr))
	wait(t, "failing", func() bool { return a.States([20]byte{1})[0].Status == Failing })
	added := time.Now()
	a.Add(numbered(2, tr))
	wait(t, "working", func() bool { return a.States([20]byte{2})[0].Status == Working })
	if d := a.States([20]byte{2})[0].Last.Sub(added); d >= retryFirst {
		t.Errorf("the other torrent was announced after %v", d)
	}
	w := a.cfg.waitsAt(tr)
	for times, want := range map[int]time.Duration{
		1: 2 * time.Second, 2: 4 * time.Second, 6: 64 * time.Second, 11: 30 * time.Minute, 99: 30 * time.Minute,
	} {
		if got := w.invalid(times); got != want {
			t.Errorf("after %d such answers: %v, want %v", times, got, want)
		}
	}
}

// TestRecoveredTrackerIsAskedSoon: a tracker that is still starting is tried again soon.
func TestRecoveredTrackerIsAskedSoon(t *testing.T) {
	var mu sync.Mutex
	broken := make(map[string]bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash := r.URL.Query().Get("info_hash")
		mu.Lock()
		first := !broken[hash]
		broken[hash] = true
		mu.Unlock()
		if first {
			fmt.Fprint(w, "<html>starting</html>")
			return
		}
		fmt.Fprint(w, answer)
	}))
	defer s.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	a.cfg.MinInterval = 40 * time.Millisecond // so that a retry is not long in coming
	for n := range byte(6) {
		a.Add(numbered(n, Tracker{URL: s.URL, Trusted: true}))
	}
	for n := range byte(6) {
		wait(t, "working", func() bool { return a.States([20]byte{n})[0].Status == Working })
		if s := a.States([20]byte{n})[0]; s.Err != nil || s.Peers != 1 {
			t.Errorf("state %+v", s)
		}
	}
}
