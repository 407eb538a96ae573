package announce

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// TestDeadTrackerIsAskedOnceForAll: the announces that fail together are one failure, and all others wait.
func TestDeadTrackerIsAskedOnceForAll(t *testing.T) {
	asked, together := make(chan struct{}, 64), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-together
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html>dead")
	}))
	defer s.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Minute)
	tr := Tracker{URL: s.URL, Trusted: true}
	for i := range 40 {
		a.Add(numbered(byte(i), tr))
	}
	for range maxPerTracker {
		enginetest.Receive(t, asked, "as many announces as there may be at a time")
	}
	close(together)
	wait(t, "all planned", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.due) == 40 && a.running == 0
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(asked); n != 0 || a.trackers[tr].failures != 1 {
		t.Errorf("a tracker that failed once was asked %d times more, and has %d failures", n, a.trackers[tr].failures)
	}
}

func FuzzParseHTTP(f *testing.F) {
	f.Add([]byte(answer))
	f.Add([]byte("d5:peersld2:ip9:127.0.0.14:porti80eeee"))
	f.Add([]byte("d6:peers618:aaaaaaaaaaaaaaaabbe"))
	f.Add([]byte("d14:failure reason2:no8:retry in5:nevere"))
	f.Add([]byte("d8:completel1:3e8:interval4:180010:tracker id2:idee"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseHTTP(b)
		if err != nil {
			return
		}
		next := r.next(Config{}.waitsAt(Tracker{}), true)
		if len(r.peers) > maxPeers || r.interval < 0 || next < minInterval {
			t.Errorf("%q gave %+v", b, r)
		}
	})
}

// Only trackers that the person configured may be announced to more often than once a minute.
func TestMinInterval(t *testing.T) {
	quick, usual := response{interval: time.Second}, response{interval: 10 * time.Minute}
	for _, tc := range []struct {
		least      time.Duration
		trusted    bool
		r          response
		needsPeers bool
		want       time.Duration
	}{
		{0, true, quick, false, time.Minute},
		{0, true, usual, true, 2 * time.Minute},
		{time.Minute, true, quick, false, time.Minute},
		{2 * time.Second, true, quick, false, 2 * time.Second},
		{2 * time.Second, true, usual, false, 10 * time.Minute},
		{2 * time.Second, true, usual, true, 4 * time.Second},
		{2 * time.Second, true, response{interval: time.Second, minInterval: time.Minute}, true, time.Minute},
		{2 * time.Second, false, quick, true, time.Minute},
		{2 * time.Hour, true, usual, true, 2 * time.Hour},
	} {
		w := Config{MinInterval: tc.least}.waitsAt(Tracker{Trusted: tc.trusted})
		if got := tc.r.next(w, tc.needsPeers); got != tc.want {
			t.Errorf("%+v: %v", tc, got)
		}
	}
	want := Config{}.waitsAt(Tracker{})
	for name, got := range map[string]waits{
		"the default": Config{MinInterval: time.Minute}.waitsAt(Tracker{Trusted: true}),
		"foreign":     Config{MinInterval: time.Second}.waitsAt(Tracker{}),
	} {
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	got := Config{MinInterval: 4 * time.Second}.waitsAt(Tracker{Trusted: true})
	if want = (waits{4 * time.Second, 8 * time.Second, time.Second, 8 * time.Second, 2 * time.Minute}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
