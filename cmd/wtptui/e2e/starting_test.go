//go:build !windows

package e2e_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// waitStarting waits for the first sign that `serve` is starting on a new data folder: it has taken the folder, as the
// number in the lock file says, or a connection to the port of its pages is accepted.
func waitStarting(t *testing.T, w *peers.Wtptui, pages string) {
	t.Helper()
	deadline := time.NewTimer(screenTimeout)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		if number, err := os.ReadFile(filepath.Join(w.DataDir, "lock")); err == nil && len(number) > 0 {
			return
		}
		if conn, err := net.Dial("tcp", pages); err == nil {
			conn.Close()
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatal("serve does not start")
		}
	}
}

// runningVerb is a verb that has been started.
type runningVerb struct {
	t       *testing.T
	cmd     *exec.Cmd
	stdout  strings.Builder
	mu      sync.Mutex
	stderr  strings.Builder
	waiting chan struct{} // Closed when it has said that it waits.
	ended   chan struct{}
}

func startVerb(t *testing.T, w *peers.Wtptui, args ...string) *runningVerb {
	t.Helper()
	r := &runningVerb{t: t, cmd: w.Command(args...), waiting: make(chan struct{}), ended: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, r
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.cmd.Wait() // The exit code tells.
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // It has ended already, or will now.
		<-r.ended
	})
	return r
}

// Write records the verb's standard error.
func (r *runningVerb) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.stderr.String()
	r.stderr.Write(p)
	if !strings.Contains(before, waitingMessage) && strings.Contains(r.stderr.String(), waitingMessage) {
		close(r.waiting)
	}
	return len(p), nil
}

// waitingMessage is part of the line that says what a verb waits for.
const waitingMessage = "wtptui: waiting for the wtptui (process "

// waitExit waits until the verb has ended and returns what it has printed.
func (r *runningVerb) waitExit(code int) (stdout, stderr string) {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(2 * screenTimeout):
		r.t.Fatalf("%q goes on", r.cmd.Args)
	}
	if got := r.cmd.ProcessState.ExitCode(); got != code {
		r.t.Errorf("%q: exit code %d, want %d; said %q", r.cmd.Args, got, code, r.stderr.String())
	}
	return r.stdout.String(), r.stderr.String()
}

// startServe starts `serve` on a new data folder and returns at its first sign.
func startServe(t *testing.T) (w *peers.Wtptui, ready func()) {
	t.Helper()
	pages := fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
	w = peers.NewWtptui(t, binaryPath(t), "--tracker", "none", "--listen", pages)
	ready = w.Launch(t)
	waitStarting(t, w, pages)
	return w, ready
}

// Verbs work from the first sign of `serve` on.
func TestVerbsWorkAsSoonAsServeStarts(t *testing.T) {
	t.Parallel()
	w, ready := startServe(t)
	list, add := startVerb(t, w, "ls", "--json"), startVerb(t, w, "add", unseededHost)
	stdout, _ := list.waitExit(0)
	var sites []peers.Site
	if err := json.Unmarshal([]byte(stdout), &sites); err != nil || len(sites) == 0 {
		t.Errorf("ls printed %q, %v", stdout, err)
	}
	if stdout, _ := add.waitExit(0); stdout != "added "+unseededHost+"\n" {
		t.Errorf("add printed %q", stdout)
	}
	ready()
	if sites := w.List(t); len(sites) != 2 {
		t.Errorf("there are %+v", sites)
	}
}

// A second `serve` on the same data folder ends at once, even if the first one hangs, which goes on.
func TestSecondServeEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	w.Signal(t, syscall.SIGSTOP) // It must not wait for the first one.
	stdout, stderr, code := w.RunCode(t, "serve", "--listen", "127.0.0.1:0")
	w.Signal(t, syscall.SIGCONT)
	if code != 1 || stdout != "" || !isOneLine(stderr) || !strings.Contains(stderr, "already runs") ||
		!strings.Contains(stderr, "`wtptui`") {
		t.Errorf("exit code %d, printed %q, said %q", code, stdout, stderr)
	}
	if sites := w.List(t); len(sites) != 1 {
		t.Errorf("the first has %+v", sites)
	}
}

// While a start takes long, verbs wait for it and say so, and can be interrupted. Completion does not wait.
func TestVerbsWaitForSlowStart(t *testing.T) {
	t.Parallel()
	w, ready := startServe(t)
	w.Signal(t, syscall.SIGSTOP)

	list, add, given := startVerb(t, w, "ls", "--json"), startVerb(t, w, "add", unseededHost), startVerb(t, w, "ls")
	stdout, stderr := startVerb(t, w, "__complete", "pin", "").waitExit(0)
	if stdout != ":4\n" || strings.Contains(stderr, waitingMessage) {
		t.Errorf("completion printed %q, said %q", stdout, stderr)
	}
	for _, r := range []*runningVerb{list, add, given} {
		select {
		case <-r.waiting:
		case <-r.ended:
			r.waitExit(0)
			t.Fatalf("%q does not say that it waits: %q", r.cmd.Args, r.stderr.String())
		case <-time.After(screenTimeout):
			t.Fatalf("%q does not say that it waits", r.cmd.Args)
		}
	}
	if err := given.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if stdout, stderr := given.waitExit(1); stdout != "" || !strings.HasSuffix(stderr, "\nwtptui: interrupted\n") {
		t.Errorf("interrupted, ls printed %q, said %q", stdout, stderr)
	}

	w.Signal(t, syscall.SIGCONT)
	stdout, stderr = list.waitExit(0)
	var sites []peers.Site
	if err := json.Unmarshal([]byte(stdout), &sites); err != nil || len(sites) == 0 || !isOneLine(stderr) {
		t.Errorf("ls printed %q, said %q, %v", stdout, stderr, err)
	}
	add.waitExit(0)
	ready()
	if sites := w.List(t); len(sites) != 2 {
		t.Errorf("there are %+v", sites)
	}
}

// A dashboard waits as verbs do, and can be left meanwhile.
func TestDashboardWaitsForSlowStart(t *testing.T) {
	t.Parallel()
	w, ready := startServe(t)
	w.Signal(t, syscall.SIGSTOP)
	stays, leaves := openTerminal(t, w.DashboardCommand(), 100, 30), openTerminal(t, w.DashboardCommand(), 100, 30)
	attached := openTerminal(t, w.Command("attach"), 100, 30)
	stays.waitShown("Starting the engine")
	leaves.waitShown("Starting the engine")
	leaves.press("q")
	leaves.checkLeft(0)
	attached.waitShown(waitingMessage)
	w.Signal(t, syscall.SIGCONT)
	for _, tm := range []*terminal{stays, attached} {
		tm.waitShown("Welcome to wtp")
		tm.press("q")
		tm.checkLeft(0)
	}
	ready()
}

// The doctor does not wait long for an engine that does not answer, since that is what it looks for.
func TestDoctorFindsSilentEngine(t *testing.T) {
	t.Parallel()
	w, _ := startServe(t)
	w.Signal(t, syscall.SIGSTOP)
	stdout, _ := startVerb(t, w, "doctor", "--json", "--no-upnp", "--no-dht", "--tracker", "none", "--stun", "none",
		"--peer-host", "127.0.0.1").waitExit(1)
	var all []finding
	if err := json.Unmarshal([]byte(stdout), &all); err != nil {
		t.Fatalf("%v\n%s", err, stdout)
	}
	for _, f := range all {
		switch f.Check {
		case "engine":
			if f.Status != "fail" || !strings.Contains(f.Found, "does not answer") || !strings.Contains(f.Found, "(process ") {
				t.Errorf("engine: %+v", f)
			}
		case "database":
			if f.Status != "warn" {
				t.Errorf("database: %+v", f)
			}
		}
	}
}

// Several links that are opened at once, with no engine running, start one engine, and one of them says so.
func TestLinksAtOnceStartOneEngine(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	w.Setenv("BROWSER=true", "WTPTUI_LISTEN=127.0.0.1:0", "WTPTUI_PEER_HOST=127.0.0.1",
		fmt.Sprint("WTPTUI_PEER_PORT=", w.PeerPort), "WTPTUI_NO_DHT=true", "WTPTUI_NO_LSD=true",
		"WTPTUI_NO_UPNP=true", "WTPTUI_TRACKER=none")
	t.Cleanup(func() { _ = w.Command("stop").Run() })
	var wg sync.WaitGroup
	outputs := make([]string, 4)
	for i := range outputs {
		wg.Go(func() {
			_, stderr, code := w.RunCode(t, "open", "wtp://"+strings.Repeat(fmt.Sprint(i), 40))
			if outputs[i] = stderr; code != 0 {
				t.Errorf("open ends with code %d: %s", code, stderr)
			}
		})
	}
	wg.Wait()
	if n := strings.Count(strings.Join(outputs, ""), "started an engine in the background"); n != 1 {
		t.Errorf("%d of %d say that they have started the engine: %q", n, len(outputs), outputs)
	}
	if sites := w.List(t); len(sites) != len(outputs)+1 {
		t.Errorf("%d sites are listed, want the welcome and one for each link", len(sites))
	}
}
