package localserve

import (
	"testing"

	"wtptui/engine"
)

// Every request is observed once, those that the guard refuses as well.
func TestObserve(t *testing.T) {
	seen := make(chan engine.Request, 1)
	s := start(t, Config{
		Opener:  scriptOf(&memory{files: map[string]string{"index.html": "home"}}),
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
		body := s.do(tt.method, tt.host, tt.target).body
		if tt.bytes < 0 {
			tt.bytes = int64(len(body))
		}
		r := <-seen
		if r.Method != tt.method || r.Path != tt.target || r.Status != tt.status || r.Bytes != tt.bytes || r.Took < r.Wait || r.Took <= 0 || r.At.IsZero() {
			t.Errorf("%s %s: observed %+v", tt.method, tt.target, r)
		}
	}
}
