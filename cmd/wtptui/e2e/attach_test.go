//go:build !windows

package e2e_test

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// An attached dashboard survives the end of its engine: it goes on showing the last state, says that the engine is
// gone, and reconnects to the next one. Leaving the dashboard does not stop the engine.
func TestAttachedDashboardReconnectsToTheNextEngine(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	tm := openTerminal(t, w.Command("attach"), 120, 36)
	tm.waitShown("Welcome to wtp", "[1 All 1]")
	w.Kill()
	tm.waitRow("⚠", "reconnecting: ", "wtptui serve")
	tm.waitShown("[1 All 1]")
	w.Start(t)
	tm.waitHidden("reconnecting")
	w.Run(t, "add", unseededHost)
	tm.waitShown("[1 All 2]")
	tm.press("q")
	tm.checkLeft(0)
	if sites := w.List(t); len(sites) != 2 {
		t.Errorf("after the dashboard there are %+v", sites)
	}
}

func TestAttachWithoutEngineIsRefused(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t))
	tm := openTerminal(t, w.Command("attach"), 120, 36)
	tm.waitShown("no wtptui is running for this data folder: start one with `wtptui` or `wtptui serve`")
	tm.checkLeft(1)
	for _, url := range []string{"http://host/", "ssh://", "ssh://-oProxyCommand=true", "ssh://host:99999"} {
		if _, stderr, code := w.RunCode(t, "ls", "--attach", url); code != 2 || !isOneLine(stderr) ||
			!strings.Contains(stderr, "ssh://user@host") {
			t.Errorf("--attach %s: exit code %d, said %q", url, code, stderr)
		}
	}
	if _, stderr, code := w.RunCode(t, "serve", "--attach", "ssh://host"); code != 2 ||
		!strings.Contains(stderr, "this machine") {
		t.Errorf("serve --attach: exit code %d, said %q", code, stderr)
	}
}

// sshCommand returns `wtptui args...` for a person who has no data on this machine, only an engine that is reached over
// ssh.
func sshCommand(m *peers.SSHMachine, w *peers.Wtptui, args ...string) *exec.Cmd {
	far := w.Command()
	cmd := exec.Command(far.Path, args...)
	cmd.Env = m.Env(append(far.Env, "WTPTUI_ATTACH="+m.URL+w.DataDir))
	return cmd
}

// All that works with an engine on this machine works with one that is reached over ssh. A broken connection is made
// again.
func TestAttachOverSSHWorksAsOnThisMachine(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.OpenSSH)
	w := startWtptui(t, "--tracker", "none")
	m := peers.StartSSH(t)
	m.Install(t, "wtptui", "exec "+peers.Quote(w.Command().Path)+` "$@"`)

	run := func(args ...string) (string, error) {
		t.Helper()
		out, err := sshCommand(m, w, args...).CombinedOutput()
		return string(out), err
	}
	if out, err := run("add", unseededHost); err != nil {
		t.Errorf("add: %v: %s", err, out)
	}
	file := filepath.Join(t.TempDir(), "far.tar.gz")
	for _, args := range [][]string{{"label", "far", unseededHost}, {"backup", file}, {"restore", file}} {
		if out, err := run(args...); err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
	if out, err := run("ls"); err != nil || !strings.Contains(out, unseededHost) ||
		!strings.Contains(out, "Welcome to wtp") {
		t.Errorf("ls: %v: %s", err, out)
	}
	if out, err := run("open", unseededHost); err == nil || !strings.Contains(out, "wtptui attach ssh://") ||
		!strings.Contains(out, "ssh -N -L") {
		t.Errorf("open: %v: %s", err, out)
	}

	out, err := run("doctor", "--json")
	if !strings.Contains(out, "answers on it") || !strings.Contains(out, w.DataDir+" is writable") {
		t.Errorf("doctor: %v: %s", err, out)
	}
	if out, err := run("doctor", "--doh", "https://doh.example/"); err == nil || !isOneLine(out) ||
		!strings.Contains(out, "--doh") {
		t.Errorf("doctor --doh: %v: %s", err, out)
	}

	tm := openTerminal(t, sshCommand(m, w, "attach"), 120, 36)
	// Both machines are the same one, so that the port of the pages cannot be free here.
	tm.waitShown("Welcome to wtp", "[1 All 2]", "is taken on this machine")
	m.Disconnect()
	tm.waitShown("reconnecting: ")
	m.Reconnect()
	tm.waitHidden("reconnecting: ")
	tm.press("g") // The first one; the other is the welcome site, which is pinned.
	tm.press("p")
	tm.waitShown("2 Pinned 2")
	tm.press("q")
	tm.checkLeft(0)
	w.Terminate(t)

	tm = openTerminal(t, sshCommand(m, w, "attach"), 120, 36)
	tm.waitShown("on ", "no wtptui is running for this data folder")
	tm.checkLeft(1)
}

// Leaving a dashboard while peers download from it offers to go on without a screen, and does so.
func TestLeavingDuringUploadsOffersToSeedInTheBackground(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	tm := openTerminal(t, w.DashboardCommand(), 120, 36)
	tm.waitShown("Welcome to wtp")
	connectEmptyPeer(t, w)
	tm.waitRow("peers 1")
	tm.press("q")
	tm.waitShown("Others are still fetching 1 site from you", "Keep seeding in the background")
	tm.press("b")
	tm.checkLeft(0)
	tm.waitShown("goes on seeding in the background")
	sites := w.List(t)
	if len(sites) != 1 {
		t.Fatalf("in the background there are %+v", sites)
	}
	w.WaitSeeding(t, waitLong, sites[0].Host)
	if out, _, code := w.RunCode(t, "stop"); code != 0 || !strings.HasPrefix(out, "stopped wtptui") {
		t.Fatalf("stop: %d, %s", code, out)
	}
	if _, _, code := w.RunCode(t, "ls"); code == 0 {
		t.Error("it still answers")
	}
}

// connectEmptyPeer connects to the first site as a peer that has no pieces yet (BEP 3), and stays connected.
func connectEmptyPeer(t *testing.T, w *peers.Wtptui) {
	t.Helper()
	infohash := w.WaitSeeding(t, screenTimeout, w.List(t)[0].Host).InfoHash
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.PeerPort)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var hash []byte
	if _, err := fmt.Sscanf(infohash, "%x", &hash); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "\x13BitTorrent protocol%s%s-ST0001-%012d", make([]byte, 8), hash, 1); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, conn) }() // It ends with the connection.
}

// `wtptui stop` asks the person at a dashboard, and does what they answer.
func TestStopAsksThePersonAtTheDashboard(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	tm := openTerminal(t, w.DashboardCommand(), 120, 36)
	tm.waitShown("Welcome to wtp")
	for _, tt := range []struct {
		key  string
		code int
	}{{"n", 1}, {"y", 0}} {
		type end struct {
			out, err string
			code     int
		}
		ended := make(chan end, 1)
		go func() {
			out, err, code := w.RunCode(t, "stop")
			ended <- end{out, err, code}
		}()
		tm.waitShown("End this wtptui?")
		peers.Eventually(t, screenTimeout, "the answer", func() error {
			select {
			case e := <-ended:
				if e.code != tt.code || !strings.Contains(e.err, "which now asks whether to end") {
					t.Errorf("%s: %+v", tt.key, e)
				}
				return nil
			default:
				tm.press(tt.key) // The question takes no answer at first.
				return fmt.Errorf("it waits")
			}
		})
	}
	tm.checkLeft(0)
}
