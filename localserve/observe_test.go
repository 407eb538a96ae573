package localserve

import (
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// TestObserve promises that each request is observed once, including those that are refused.
func TestObserve(t *testing.T) {
	seen := make(chan engine.Request, 1)
	s := startServer(t, Config{
		Opener:  openerOf(&memorySite{Files: map[string]string{"index.html": "home"}}),
		Observe: func(r engine.Request) { seen <- r },
	})
	tests := []struct {
		method, host, target string
		status               int
		bytes                int64
	}{
		{"GET", label, "/", 200, 4},
		{"HEAD", label, "/?x", 200, 0},
		{"POST", label, "/", 405, -1},
		{"GET", "", "/", 200, -1},
		{"GET", "a.b", "/", 421, -1},
	}
	for _, tt := range tests {
		body := s.request(tt.method, tt.host, tt.target).body
		if tt.bytes < 0 {
			tt.bytes = int64(len(body))
		}
		r := enginetest.Receive(t, seen, "the record of "+tt.target)
		if r.Method != tt.method || r.Path != tt.target || r.Status != tt.status || r.Bytes != tt.bytes || r.Took < r.Wait ||
			r.Took <= 0 || r.At.IsZero() {
			t.Errorf("%s %s: observed %+v", tt.method, tt.target, r)
		}
	}
}

// TestFailedOpensAreObserved promises that requests for which no site could be opened are observed as well.
func TestFailedOpensAreObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("", 0)
		o := openerOf(m)
		o.BeforeOpen = waitForContext
		unserved := make(chan engine.Request, 1)
		p, _ := startPipedConfig(t, Config{Opener: o, ObserveUnserved: func(host string, r engine.Request) {
			if host != domain {
				t.Errorf("a request to %s", host)
			}
			unserved <- r
		}})
		p.get(t, "/a", typed...)
		if r := <-unserved; r.Path != "/a" || r.Status != 503 || r.Wait != int64(time.Second) {
			t.Errorf("the loading page: %+v", r)
		}
		conn := p.dial()
		p.send(t, conn, "/b")
		synctest.Wait()
		conn.Close()
		if r := <-unserved; r.Path != "/b" || r.Status != statusGone {
			t.Errorf("a client that is gone: %+v", r)
		}
		o.BeforeOpen = nil
		if p.get(t, "/d.bin"); len(unserved) != 0 || len(m.Requests) != 1 {
			t.Errorf("a site that is open: %d, %d requests of its own", len(unserved), len(m.Requests))
		}
	})
}
