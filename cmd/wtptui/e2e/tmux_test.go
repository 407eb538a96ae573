//go:build !windows

package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// tmuxConfig is the default of tmux before version 3.6, which is still common: what follows Esc within half a second is
// taken for one key together with it.
const tmuxConfig = `set -g escape-time 500
set -g status off
`

// openTmux runs cmd in tmux, in a terminal of that size. Keys go through tmux's own parser, which send-keys would
// bypass.
func openTmux(t *testing.T, cmd *exec.Cmd, cols, rows int) *terminal {
	t.Helper()
	peers.Require(t, peers.TmuxTool)
	dir := peers.PlainDir(t) // A socket's path is short.
	config, socket := filepath.Join(dir, "conf"), filepath.Join(dir, "s")
	if err := os.WriteFile(config, []byte(tmuxConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() })
	outer := exec.Command("tmux",
		append([]string{"-S", socket, "-f", config, "new-session", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows), "--"},
			cmd.Args...)...)
	outer.Env = cmd.Env
	return openTerminal(t, outer, cols, rows)
}

// terminalSizes are those of a small terminal, a usual one, and a whole screen.
var terminalSizes = [][2]int{{80, 24}, {120, 36}, {200, 60}}

// runAtEachSize runs a test for each of terminalSizes.
func runAtEachSize(t *testing.T, test func(t *testing.T, cols, rows int)) {
	t.Helper()
	t.Parallel()
	for _, size := range terminalSizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			test(t, size[0], size[1])
		})
	}
}

// runDemoAtEachSize runs a scripted user of the demo in tmux, at each of terminalSizes.
func runDemoAtEachSize(t *testing.T, user func(tm *terminal), flags ...string) {
	t.Helper()
	runAtEachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.NewWtptui(t, binaryPath(t), append([]string{"--demo"}, flags...)...)
		tm := openTmux(t, w.DashboardCommand(), cols, rows)
		tm.waitShown("1 All 1,000", "docs.example")
		user(tm)
	})
}

func TestTmuxPassesKeysOn(t *testing.T) {
	runDemoAtEachSize(t, func(tm *terminal) {
		tm.press("/")
		tm.waitShown("keep")
		tm.press("garden\r")
		tm.waitShown("/garden")
		tm.press("\x1b")
		tm.waitHidden("/garden")
		tm.press("q")
		tm.checkLeft(0)
	})
}
