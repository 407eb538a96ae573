package peers_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Firefox returns a page's document after its scripts have run, the browser's messages, and a picture of the requested
// size.
func TestFirefoxShowsAPage(t *testing.T) {
	f := peers.StartFirefox(t, 640, 480)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/text.js" {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><body><script>document.body.append(6 * 7)</script>"+
			"<script src=text.js></script><script>missing()</script>")
	}))
	t.Cleanup(server.Close)
	f.Navigate(t, server.URL)
	peers.Eventually(t, time.Minute, "the page", func() error {
		var text string
		if err := f.Eval(&text, "document.readyState === 'complete' ? document.body.innerText : ''"); err != nil ||
			text == "42" {
			return err
		}
		return fmt.Errorf("it has %q", text)
	})
	peers.Eventually(t, time.Minute, "the remarks", func() error {
		console := f.Console(t)
		for _, want := range []string{"missing is not defined", "/text.js"} {
			if !slices.ContainsFunc(console, func(line string) bool { return strings.Contains(line, want) }) {
				return fmt.Errorf("the console has %q", console)
			}
		}
		return nil
	})
	data, err := f.Screenshot()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil || picture.Bounds().Dx() != 640 || picture.Bounds().Dy() != 480 {
		t.Errorf("the picture: %v, %v", picture.Bounds(), err)
	}
	f.Navigate(t, "about:blank")
	if console := f.Console(t); len(console) != 0 {
		t.Errorf("after another visit the console still has %q", console)
	}
}

// A folder is served by the given directives.
func TestNginxServesByItsDirectives(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.css"), []byte("a{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := peers.StartNginx(t, dir, "location /b { try_files $uri /a.css; }")
	res, err := http.Get(n.URL + "b")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/css" {
		t.Errorf("%s, %q", res.Status, res.Header.Get("Content-Type"))
	}
}
