package webtorrent

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// scrapeTracker answers each request of a connection with what answer makes of it.
func scrapeTracker(t *testing.T, answer func(req scrapeRequest) string) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow() //nolint:errcheck // The test is over.
		for {
			_, data, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			var req scrapeRequest
			if err := json.Unmarshal(data, &req); err != nil {
				t.Error(err)
			}
			if text := answer(req); text != "" && conn.Write(r.Context(), websocket.MessageText, []byte(text)) != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http:", "ws:", 1)
}

func TestScrape(t *testing.T) {
	var hashes [][20]byte
	for i := range maxScrapes + 3 {
		hashes = append(hashes, [20]byte{0xe9, byte(i), 19: 0xff})
	}
	requests := 0
	url := scrapeTracker(t, func(req scrapeRequest) string {
		requests++
		files := map[string]map[string]int{encodeBinary([]byte("nobody asked for me.")): {"complete": 7}}
		for i, h := range req.InfoHash {
			files[h] = map[string]int{"complete": i, "incomplete": 2, "downloaded": 9}
		}
		text, err := json.Marshal(map[string]any{"action": req.Action, "files": files})
		if err != nil {
			t.Error(err)
		}
		return string(text)
	})
	c := newTestClient(t, "a", func(*Config) {})
	said, err := c.Scrape(t.Context(), Tracker{URL: url, Trusted: true}, hashes)
	if err != nil || len(said) != len(hashes) || requests != 2 {
		t.Fatalf("%d are told in %d requests, %v", len(said), requests, err)
	}
	for i, h := range hashes {
		if want := (Scraped{i % maxScrapes, 2}); said[h] != want {
			t.Errorf("%x: %+v, want %+v", h, said[h], want)
		}
	}
	if said, err := c.Scrape(t.Context(), Tracker{URL: url}, hashes); err == nil || len(said) > 0 || requests != 2 {
		t.Errorf("a tracker on loopback that a stranger named: %v, %v", said, err)
	}
}

func TestScrapeFaults(t *testing.T) {
	for name, c := range map[string]struct{ answer, fails string }{
		"refusal":  {`{"failure reason":"no \u001b[2Jscrapes"}`, "the tracker says: no [2Jscrapes"},
		"nonsense": {`[`, "not a tracker's message"},
		"silence":  {``, "read the answer"},
		"too much": {`"` + strings.Repeat("x", maxScrapeAnswer) + `"`, "read the answer"},
	} {
		t.Run(name, func(t *testing.T) {
			url := scrapeTracker(t, func(scrapeRequest) string { return c.answer })
			client := newTestClient(t, "a", func(cfg *Config) {
				times := *cfg.times
				times.dial = time.Second
				cfg.times = &times
			})
			said, err := client.Scrape(t.Context(), Tracker{URL: url, Trusted: true}, [][20]byte{{1}})
			if err == nil || !strings.Contains(err.Error(), c.fails) || len(said) > 0 {
				t.Errorf("%v, %v", said, err)
			}
		})
	}
	// What has no numbers is not known.
	url := scrapeTracker(t, func(req scrapeRequest) string {
		key, err := json.Marshal(req.InfoHash[0])
		if err != nil {
			t.Error(err)
		}
		return fmt.Sprintf(`{"action":"scrape","files":{%s:{},"x":{"complete":1}}}`, key)
	})
	c := newTestClient(t, "a", func(*Config) {})
	if said, err := c.Scrape(t.Context(), Tracker{URL: url, Trusted: true}, [][20]byte{{'a'}}); err != nil ||
		len(said) > 0 {
		t.Errorf("%v, %v", said, err)
	}
}
