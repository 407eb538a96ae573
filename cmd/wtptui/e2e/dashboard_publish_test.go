//go:build !windows

package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// localAddress matches a site's local address on the screen.
var localAddress = regexp.MustCompile(`http://[0-9a-f]{40}\.localhost:\d+/`)

// A folder that contains a private key is published from the dashboard without the key. A browser can read the rest.
func TestDashboardPublishesFolder(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	tm := openTerminal(t, w.DashboardCommand(), 120, 36)
	dir := filepath.Join(t.TempDir(), "my site")
	for name, content := range map[string]string{
		"index.html":  "<title>Mine</title>hello",
		"id_ed25519":  "-----BEGIN OPENSSH PRIVATE KEY-----\n",
		".git/config": "x",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // A folder for everybody.
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tm.waitShown("Welcome to wtp")
	tm.paste("'" + dir + "'") // As a terminal pastes a folder that is dropped on it.
	tm.waitShown("[Folder]", "my site")
	tm.press("\r")
	tm.waitShown("[Check]", "✗ 1 to be decided", "id_ed25519", ".git")
	tm.press(" \r")
	tm.waitShown("[Review]", "1 file, 24 B", "first version", "▸ Not yet")
	tm.press("y")
	tm.waitShown("[Live]", "Who has it", "✗ no", "nobody can load it")
	local := localAddress.FindString(tm.screen.String())
	status, page, err := w.Get(t.Context(), local, "")
	if err != nil || status != http.StatusOK || !strings.Contains(string(page), "hello") {
		t.Errorf("GET %s: %d, %v: %q", local, status, err, page)
	}
	if status, page, err := w.Get(t.Context(), local+"id_ed25519", ""); err != nil ||
		strings.Contains(string(page), "PRIVATE KEY") {
		t.Errorf("the private key is answered with %d, %v: %q", status, err, page)
	}
	tm.press("\x1b")
	tm.waitHidden("[Live]")
	tm.waitShown("5 Mine 2")
	tm.press("q")
	tm.checkLeft(0)
}
