//go:build !windows

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A person at a dashboard stops the engine that runs in the background: it asks, and No changes nothing.
func TestStoppingTheEngineAsksFirst(t *testing.T) {
	runAtEachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.StartWtptui(t, binaryPath(t), "--tracker", "none")
		tm := openTmux(t, w.DashboardCommand(), cols, rows)
		tm.waitShown("Welcome", "1 All 1")
		tm.press("Q")
		tm.waitShown("End the engine?", "▸ No")
		tm.press("\r")
		tm.waitHidden("End the engine?")
		w.Run(t, "ls")
		tm.press("Q")
		tm.waitShown("End the engine?")
		tm.press("y")
		tm.checkLeft(0)
		if _, _, code := w.RunCode(t, "ls"); code == 0 {
			t.Error("the engine goes on")
		}
	})
}

// A person publishes a folder without one of its files, and publishes it again with a new file: earlier decisions are
// kept, the new file is marked, and w writes the decisions down for all programs.
func TestRepublishingRemembersDecisions(t *testing.T) {
	runAtEachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
		tm := openTmux(t, w.DashboardCommand(), cols, rows)
		dir := filepath.Join(t.TempDir(), "site")
		putFile(t, dir, "index.html", "<title>Mine</title>hello")
		putFile(t, dir, "id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\n")
		tm.waitShown("Welcome")
		tm.paste(dir)
		tm.waitShown("[Folder]", "site")
		tm.press("\r")
		tm.waitShown("[Check]", "id_ed25519")
		tm.press(" \r")
		tm.waitShown("[Review]", "first version")
		tm.press("y")
		tm.waitShown("[Live]")
		tm.press(esc)
		tm.waitHidden("[Live]")

		putFile(t, dir, "news.html", "<title>News</title>")
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press("site\r")
		tm.waitShown("1 of 2")
		tm.press("P")
		tm.waitShown("[Folder]", "site") // It is known.
		tm.press("\r")
		tm.waitShown("[Check]", "id_ed25519")
		tm.waitHidden("to be decided")
		tm.press("\r")
		tm.waitShown("[Review]", "news.html", "w adds what you left out")
		tm.press("w")
		tm.waitShown(".wtpignore gets 1 line more")
		tm.press("y")
		tm.waitShown("[Live]")
		ignored, err := os.ReadFile(filepath.Join(dir, ".wtpignore"))
		if err != nil || !strings.Contains(string(ignored), "id_ed25519") {
			t.Errorf(".wtpignore: %v: %q", err, ignored)
		}
		if sites := w.List(t); len(sites) != 2 {
			t.Errorf("%d sites are listed, want the welcome and the new version in the place of the one before", len(sites))
		}
		tm.press(esc)
		tm.waitHidden("[Live]")
		tm.press("q")
		tm.checkLeft(0)
	})
}
