//go:build !windows

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// ownCommands are a person's own: in the background, in the shell and failing, and over the whole screen.
const ownCommands = `
[commands.mirror]
key = "M"
run = ["sh", "-c", "echo $# $WTPTUI_HOST $WTPTUI_LABELS >>mirrored; echo 2 files sent >&2", "mirror"]
help = "copy it to the backup"

[commands.broken]
key = "f6"
run = "echo no such server >&2; exit 3"

[commands.look]
key = "f5"
run = 'clear; echo "looking at $WTPTUI_HOST"; read -r line; echo "$line" >looked'
screen = true
`

// Somebody has keys of their own. What a command is about is in its environment; a toast says how it went, and the
// dashboard is as it was after a command that had the terminal.
func TestOwnCommands(t *testing.T) {
	eachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.NewWtptui(t, binary(t), "--demo")
		putFile(t, w.DataDir, "config.toml", ownCommands)
		tm := openTmux(t, w.Dashboard(), cols, rows)
		tm.shows("1 All 1,000", "▸")
		filterTo(tm, "docs.example", "1")
		tm.press("M")
		tm.shows("mirror is done for Example Docs", "2 files sent")
		if got := readIn(t, tm.dir, "mirrored"); got != "0 docs.example" {
			t.Errorf("the command was told %q", got)
		}
		tm.press("\x1b[17~") // F6
		tm.shows("broken failed with exit code 3", "no such server")

		tm.press("\x1b[15~") // F5
		tm.shows("looking at docs.example")
		tm.hides("1 All")
		tm.press("seen\r")
		tm.shows("look is done for Example Docs", "1 of 1,000")
		if got := readIn(t, tm.dir, "looked"); got != "seen" {
			t.Errorf("the command over the screen read %q", got)
		}
		tm.hides("looking at")

		tm.press("?")
		tm.shows("First steps")
		tm.press("/")
		tm.shows("↵ keep")
		tm.press("backup\r")
		tm.row("M", "copy it to the backup")
		tm.press(esc + esc)
		tm.hides("copy it to the backup")
		tm.press(":")
		tm.shows("↵ do it")
		tm.press("commands.mirror")
		tm.row("▸", "mirror", "copy it to the backup", "M")
		tm.press("\r")
		tm.shows("mirror is done for")
		if got := readIn(t, tm.dir, "mirrored"); got != "0 docs.example\n0 docs.example" {
			t.Errorf("the command was told %q", got)
		}
		tm.press("q")
		tm.isLeft(0)
	})
}

// readIn is what a file has in it, without the last newline.
func readIn(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSuffix(string(data), "\n")
}
