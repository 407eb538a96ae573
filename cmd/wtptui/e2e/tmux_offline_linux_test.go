package e2e_test

import (
	"os/exec"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// The first run on a machine without a network says so, in one sentence and once. Nothing hangs, and it ends at once.
func TestFirstRunWithoutNetworkSaysSoOnce(t *testing.T) {
	if out, err := exec.Command("unshare", "--map-root-user", "--net", "true").CombinedOutput(); err != nil {
		t.Skipf("needs a network namespace of its own: %v: %s", err, out)
	}
	runAtEachSize(t, func(t *testing.T, cols, rows int) {
		w := peers.NewWtptui(t, binaryPath(t), "--tracker", "udp://tracker.example.org:6969", "--peer-host", "")
		cmd := w.DashboardCommand()
		cmd.Args = append([]string{"unshare", "--map-root-user", "--net"}, cmd.Args...)
		tm := openTmux(t, cmd, cols, rows)
		tm.waitShown("offline", "Welcome", "100%", "this machine has no network: only sites that are here open")
		tm.press("a")
		tm.waitShown("↵")
		tm.press("example.org\r")
		tm.waitShown("example.org cannot be looked up: this machine has no network")
		tm.waitRow("ERR", "example.org")
		tm.press("\r")
		tm.waitShown("[Overview]", "looked up again by itself")
		tm.waitHidden("dial ")
		tm.waitHidden("lookup ")
		tm.press(esc)
		tm.waitShown("1 All 2")
		tm.press("q")
		tm.checkLeft(0)
	})
}
