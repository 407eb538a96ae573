package e2e_test

import (
	"os/exec"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// The first run on a machine without a network: it says so, in a sentence and once, nothing hangs, and it ends at once.
func TestFirstRunWithoutNetwork(t *testing.T) {
	if out, err := exec.Command("unshare", "--map-root-user", "--net", "true").CombinedOutput(); err != nil {
		t.Skipf("needs a network namespace of its own: %v: %s", err, out)
	}
	eachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.NewWtptui(t, binary(t), "--tracker", "udp://tracker.example.org:6969", "--peer-host", "")
		cmd := w.Dashboard()
		cmd.Args = append([]string{"unshare", "--map-root-user", "--net"}, cmd.Args...)
		tm := openTmux(t, cmd, cols, rows)
		tm.shows("offline", "Welcome", "100%", "this machine has no network: only sites that are here open")
		tm.press("a")
		tm.shows("↵")
		tm.press("example.org\r")
		tm.shows("example.org cannot be looked up: this machine has no network")
		tm.row("ERR", "example.org")
		tm.press("\r")
		tm.shows("[Overview]", "looked up again by itself")
		tm.hides("dial ")
		tm.hides("lookup ")
		tm.press(esc)
		tm.shows("1 All 2")
		tm.press("q")
		tm.isLeft(0)
	})
}
