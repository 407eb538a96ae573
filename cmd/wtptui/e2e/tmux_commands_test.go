//go:build !windows

package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// customCommands configures a person's own commands: in the background, in the shell and failing, and over the whole
// screen.
const customCommands = `
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

// Custom commands run on their keys. Their environment says what they are about, a toast reports their result, and the
// dashboard is restored after a command that had the terminal.
func TestCustomCommandsRunAndReport(t *testing.T) {
	runAtEachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.NewWtptui(t, binaryPath(t), "--demo")
		putFile(t, w.DataDir, "config.toml", customCommands)
		tm := openTmux(t, w.DashboardCommand(), cols, rows)
		tm.waitShown("1 All 1,000", "▸")
		filterSites(tm, "docs.example", "1")
		tm.press("M")
		tm.waitShown("mirror is done for Example Docs", "2 files sent")
		if got := readTrimmed(t, tm.dir, "mirrored"); got != "0 docs.example" {
			t.Errorf("the command was told %q", got)
		}
		tm.press("\x1b[17~") // F6
		tm.waitShown("broken failed with exit code 3", "no such server")

		tm.press("\x1b[15~") // F5
		tm.waitShown("looking at docs.example")
		tm.waitHidden("1 All")
		tm.press("seen\r")
		tm.waitShown("look is done for Example Docs", "1 of 1,000")
		if got := readTrimmed(t, tm.dir, "looked"); got != "seen" {
			t.Errorf("the command over the screen read %q", got)
		}
		tm.waitHidden("looking at")

		tm.press("?")
		tm.waitShown("First steps")
		tm.press("/")
		tm.waitShown("↵ keep")
		tm.press("backup\r")
		tm.waitRow("M", "copy it to the backup")
		tm.press(esc + esc)
		tm.waitHidden("copy it to the backup")
		tm.press(":")
		tm.waitShown("↵ do it")
		tm.press("commands.mirror")
		tm.waitRow("▸", "mirror", "copy it to the backup", "M")
		tm.press("\r")
		tm.waitShown("mirror is done for")
		if got := readTrimmed(t, tm.dir, "mirrored"); got != "0 docs.example\n0 docs.example" {
			t.Errorf("the command was told %q", got)
		}
		tm.press("q")
		tm.checkLeft(0)
	})
}

// readTrimmed returns a file's contents without the last newline.
func readTrimmed(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSuffix(string(data), "\n")
}
