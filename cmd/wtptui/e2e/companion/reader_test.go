package companion_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/companion"
	"wtptui/cmd/wtptui/e2e/peers"
)

// unknownHost is a site that has not been opened here.
var unknownHost = strings.Repeat("c3", 20)

// reader is a person with a wtptui and the extension, whose browsers are registered.
type reader struct {
	w *peers.Wtptui
	// home is their folder, where browsers look for what `wtptui register` writes, and extension what `wtptui companion`
	// has written.
	home, extension string
}

// newReader prepares a reader, whose wtptui does not run yet.
func newReader(t testing.TB, flags ...string) *reader {
	t.Helper()
	r := &reader{w: peers.NewWtptui(t, binaryPath(t), flags...), home: peers.PlainDir(t)}
	r.w.Setenv("HOME=" + r.home)
	r.extension = filepath.Join(r.home, "companion")
	r.w.Run(t, "companion", r.extension)
	told := r.w.Run(t, "register", "--companion")
	for _, browser := range []string{"Chromium starts", "Firefox starts"} {
		if !strings.Contains(told, browser) {
			t.Fatalf("wtptui register --companion: %s", told)
		}
	}
	return r
}

// addCachedSite has a site of two pages and a larger file downloaded from a seed.
func (r *reader) addCachedSite(t testing.TB, title string) (peers.Site, *peers.Libtorrent) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), title)
	writeFile(t, filepath.Join(dir, "large.bin"), strings.Repeat(title, 1<<18))
	writeFile(t, filepath.Join(dir, "index.html"), "<!doctype html><title>"+title+"</title><h1>"+title+"</h1>")
	writeFile(t, filepath.Join(dir, "page.html"), "<!doctype html><title>A page of "+title+"</title>")
	seed := peers.StartSeed(t, dir, peers.SeedOptions{})
	r.w.Run(t, "add", "wtp://"+seed.InfoHash)
	seed.Connect(t, r.w.PeerPort)
	return r.w.WaitSeeding(t, waitLong, seed.InfoHash), seed
}

// makePermittedExtension returns the folder of the extension with its optional permission for all pages, as if the
// person had granted it.
func (r *reader) makePermittedExtension(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(r.home, "allowed")
	r.w.Run(t, "companion", dir)
	name := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var manifest map[string]any
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	manifest["host_permissions"] = []string{"http://*.localhost/*", "*://*/*"}
	if text, err = json.Marshal(manifest); err != nil {
		t.Fatal(err)
	}
	writeFile(t, name, string(text))
	return dir
}

func writeFile(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// waitPinned waits until `ls` says that a site is pinned, or is not.
func (r *reader) waitPinned(t *testing.T, host string, pinned bool) {
	t.Helper()
	r.w.WaitSite(t, waitLong, host, "to be pinned or not", func(s peers.Site) error {
		if s.Pinned != pinned {
			return fmt.Errorf("pinned: %v", s.Pinned)
		}
		return nil
	})
}

// waitGone waits until a site has left the cache.
func (r *reader) waitGone(t *testing.T, host string) {
	t.Helper()
	peers.Eventually(t, waitLong, host+" to leave the cache", func() error {
		if s, there := r.w.Find(t, host); there {
			return fmt.Errorf("it expires at %v", s.ExpiresAt)
		}
		return nil
	})
}

// popupURL returns the address of the extension's popup in Chromium for a tab at page.
func popupURL(page string) string { return companion.ChromiumOrigin + "popup.html?page=" + page }
