package webtorrent_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// pages opens real browser pages that run the real WebTorrent.
type pages struct {
	*httptest.Server
	reports chan report
}

// report is what a page reports.
type report struct {
	Name  string  `json:"name"`
	Event string  `json:"event"`
	Text  string  `json:"text"`
	MS    float64 `json:"ms"`
}

func (r report) at() time.Duration { return time.Duration(r.MS * float64(time.Millisecond)) }

// job is what a page is to do.
type job struct {
	Name        string `json:"name"`
	Do          string `json:"do"`
	Data        string `json:"data,omitempty"`
	Tracker     string `json:"tracker,omitempty"`
	PieceLength int    `json:"pieceLength,omitempty"` // in bytes; 0 for the page's choice
	Magnet      string `json:"magnet,omitempty"`
}

func newPages(t testing.TB, data []byte) *pages {
	t.Helper()
	script := filepath.Join("..", "..", "..", ".ci", "npm", "node_modules", "webtorrent", "dist", "webtorrent.min.js")
	mux := http.NewServeMux()
	p := &pages{reports: make(chan report, 1000)}
	mux.HandleFunc("GET /webtorrent.min.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, script) })
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "testdata/page.html")
	})
	mux.HandleFunc("GET /data", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "data.bin", time.Time{}, bytes.NewReader(data))
	})
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		var rep report
		if json.NewDecoder(r.Body).Decode(&rep) == nil {
			p.reports <- rep
		}
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// open runs a page in a browser of its own until the test ends or the function that it returns is called.
func (p *pages) open(t testing.TB, j job) (closePage func()) {
	t.Helper()
	browser := peers.Chromium(t)
	hash, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp(peers.PlainTemp(), "page") // Its storage fails in folders with odd names.
	if err != nil {
		t.Fatal(err)
	}
	args := append(slices.Clone(browser.Flags), "--user-data-dir="+profile, p.URL+"/page#"+url.PathEscape(string(hash)))
	cmd := exec.Command(browser.Path, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+peers.PlainTemp())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	closed := false
	closePage = func() {
		if !closed {
			closed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			// Its helpers end by themselves a moment later and may still write.
			peers.Eventually(t, 10*time.Second, "the browser's end", func() error { return os.RemoveAll(profile) })
		}
	}
	t.Cleanup(closePage)
	return closePage
}

// wait returns a page's report of an event; others are logged.
func (p *pages) wait(t testing.TB, limit time.Duration, name, event string) report {
	t.Helper()
	timeout := time.After(limit)
	for {
		select {
		case r := <-p.reports:
			if r.Name == name && r.Event == event {
				return r
			}
			t.Logf("%s: %s %.0f ms %.200s", r.Name, r.Event, r.MS, r.Text)
		case <-timeout:
			t.Fatalf("page %s: no %q within %v", name, event, limit)
		}
	}
}
