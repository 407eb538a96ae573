package overssh_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/localserve/control"
	"wtptui/localserve/control/overssh"
)

// socketVariable is the environment variable that makes this test binary act as `wtptui control-stdio` for the socket
// that it names.
const socketVariable = "WTPTUI_TEST_SOCKET"

func TestMain(m *testing.M) {
	if path := os.Getenv(socketVariable); path != "" {
		if err := control.Pipe(context.Background(), path, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "wtptui:", engine.Message(err))
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// startMachine starts an ssh server, as another machine, whose wtptui has its socket at path.
func startMachine(t *testing.T, path string) (*peers.SSHMachine, overssh.Target, overssh.Options) {
	t.Helper()
	m := peers.StartSSH(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m.Install(t, "wtptui",
		"echo Hello from your profile\n"+socketVariable+"="+peers.Quote(path)+" exec "+peers.Quote(self))
	target, err := overssh.ParseTarget(m.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", m.ClientPath+string(os.PathListSeparator)+os.Getenv("PATH"))
	return m, target, overssh.Options{Batch: true}
}

// serve runs a server for eng until the test ends.
func serve(t *testing.T, eng engine.Engine) (path string) {
	t.Helper()
	path = filepath.Join(enginetest.ShortDir(t), "control.sock")
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, ln, eng, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := enginetest.Receive(t, done, "Serve to return"); err != nil {
			t.Error(err)
		}
	})
	return path
}

func dial(t *testing.T, target overssh.Target, opts overssh.Options) *overssh.Conn {
	t.Helper()
	conn, err := overssh.Dial(t.Context(), target, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestConformance runs the suite of all engines over ssh to this machine, with all its parts real but the engine.
func TestConformance(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	fetchable := strings.Repeat("a1", 20)
	peers.Require(t, peers.OpenSSH)
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL})
		t.Cleanup(func() { eng.Close() })
		enginetest.StepWhileFetching(t, eng, fetchable)
		_, target, opts := startMachine(t, serve(t, eng))
		c, err := control.DialOver(t.Context(), dial(t, target, opts))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return enginetest.Harness{
			Engine: c, Fetchable: fetchable, Unseeded: strings.Repeat("b2", 20), CacheTTL: cacheTTL,
			Advance: eng.Step, Stop: func() { eng.Close() },
		}
	})
}

// TestDialReportsWhatIsWrong promises that an error of Dial names the machine, the step that failed, and what to do.
func TestDialReportsWhatIsWrong(t *testing.T) {
	m, target, opts := startMachine(t, filepath.Join(t.TempDir(), "none.sock"))
	nobody := target
	nobody.Port = peers.FreePort(t)
	stranger := target
	stranger.User = "nobody-of-this-name"
	checkError := func(name string, target overssh.Target, texts ...string) {
		t.Helper()
		conn, err := overssh.Dial(t.Context(), target, opts)
		if err == nil {
			conn.Close()
			t.Fatalf("%s: Dial succeeds", name)
		}
		for _, want := range append(texts, target.Host) {
			if !strings.Contains(engine.Message(err), want) {
				t.Errorf("%s: the message is %q, want %q in it", name, engine.Message(err), want)
			}
		}
		if engine.KindOf(err) != engine.Unavailable {
			t.Errorf("%s: kind %v", name, engine.KindOf(err))
		}
	}
	checkError("refused", nobody, "refused", "`ssh -p ")
	checkError("not let in", stranger, "Permission denied", "`ssh -p ")
	checkError("no engine", target, "no wtptui is running for this data folder", "wtptui serve")
	m.Install(t, "wtptui", `echo 'wtptui: unknown command "control-stdio" for "wtptui"' >&2; exit 2`)
	checkError("too old", target, "upgrade it there")
	m.Install(t, "wtptui", "exit 7")
	checkError("broken", target, "7")
	if err := os.Remove(filepath.Join(m.Bin, "wtptui")); err != nil {
		t.Fatal(err)
	}
	checkError("not installed", target, "install it there")

	t.Setenv("PATH", t.TempDir())
	_, err := overssh.Dial(t.Context(), target, opts)
	if err == nil || !strings.Contains(engine.Message(err), "no ssh command on this machine") {
		t.Errorf("without ssh: %v", err)
	}
}

// TestRun promises that Run copies the output of a remote verb, and reports its failure.
func TestRun(t *testing.T) {
	m, target, _ := startMachine(t, "unused")
	run := func(wantFailed bool, wantErr, wantOut string) {
		t.Helper()
		var out strings.Builder
		failed, err := overssh.Run(t.Context(), target, &out, "doctor", "--json")
		if out.String() != wantOut || failed != wantFailed || (err == nil) != (wantErr == "") {
			t.Errorf("failed %v, output %q, %v", failed, out.String(), err)
		}
		if err != nil && !strings.Contains(engine.Message(err), wantErr) {
			t.Errorf("got %q, want %q in it", engine.Message(err), wantErr)
		}
	}
	m.Install(t, "wtptui", `echo "$@"`)
	run(false, "", "doctor --json\n")
	m.Install(t, "wtptui", `echo "$@"; exit 1`)
	run(true, "", "doctor --json\n")
	m.Install(t, "wtptui", `echo "wtptui: it is broken" >&2; exit 1`)
	run(false, "it is broken", "")
	m.Install(t, "wtptui", `echo "wtptui: config.toml:1: there is no such setting" >&2; exit 2`)
	run(false, "config.toml:1: there is no such setting", "")
	m.Install(t, "wtptui", `echo "Warning: a banner" >&2; echo told; exit 1`)
	run(true, "", "told\n")
	m.Install(t, "wtptui", `echo "unknown command" >&2; exit 2`)
	run(false, "upgrade it there", "")
	target.Port = peers.FreePort(t)
	run(false, "refused", "")
}

// TestDialEndsWithItsContext promises that Dial does not wait for a machine that does not respond.
func TestDialEndsWithItsContext(t *testing.T) {
	m, target, opts := startMachine(t, "unused")
	started := filepath.Join(t.TempDir(), "begun")
	m.Install(t, "wtptui", "touch "+peers.Quote(started)+"; exec sleep 1000")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opened := make(chan error, 1)
	go func() {
		_, err := overssh.Dial(ctx, target, opts)
		opened <- err
	}()
	peers.Eventually(t, time.Minute, "the command to start", func() error {
		_, err := os.Stat(started)
		return err
	})
	cancel()
	err := enginetest.Receive(t, opened, "Dial to return")
	if err == nil || !strings.Contains(engine.Message(err), "interrupted") {
		t.Errorf("got %v", err)
	}
}

// TestForward promises that a port of the other machine can be reached here.
func TestForward(t *testing.T) {
	eng := fake.New(fake.Options{})
	defer eng.Close()
	_, target, opts := startMachine(t, serve(t, eng))
	conn := dial(t, target, opts)

	port := peers.FreePort(t)
	pages, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Forward(t.Context(), port)
	if engine.KindOf(err) != engine.Conflict || !strings.Contains(engine.Message(err), "--listen") {
		t.Errorf("a port that is in use here: %v", err)
	}
	pages.Close()
	if err := conn.Forward(t.Context(), port); err != nil {
		t.Fatal(err)
	}
	// Do not connect: both machines are this one, so the port is forwarded to itself.
	if ln, err := net.Listen("tcp", pages.Addr().String()); err == nil {
		ln.Close()
		t.Error("the port is not in use here")
	}
	conn.Close()
	err = conn.Forward(t.Context(), port)
	if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), "-L") {
		t.Errorf("over a closed connection: %v", err)
	}
}
