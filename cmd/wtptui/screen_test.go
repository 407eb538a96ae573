//go:build !windows

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"wtptui/cmd/wtptui/e2e/emulator"
	"wtptui/engine/enginetest"
)

// waitTimeout bounds every wait of a test; a working program answers in milliseconds.
const waitTimeout = 60 * time.Second

// altScreen is the DEC private mode in which a dashboard draws.
const altScreen = 1049

// screen is a terminal. A shell runs in it and starts wtptui, whose data folder is dir.
type screen struct {
	t    *testing.T
	dir  string
	ptmx *os.File
	term *emulator.Screen

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced with each output
	shellEnded chan struct{} // closed when the shell has ended
	before     *term.State   // the terminal's settings at the start
}

// isolatedEnv returns the environment of a program without a network, independent of that of the tests.
func isolatedEnv(dir string) []string {
	env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "WTPTUI_") })
	return append(
		env, "WTPTUI_DATA_DIR="+dir, "WTPTUI_LISTEN=127.0.0.1:0", "WTPTUI_TRACKER=none",
		"WTPTUI_PEER_HOST=127.0.0.1", "WTPTUI_PEER_PORT=0", "WTPTUI_NO_DHT=1", "WTPTUI_NO_UPNP=1", "WTPTUI_NO_LSD=1",
		"TERM=xterm-256color", "BROWSER="+filepath.Join(dir, "browser"),
	)
}

// openScreen starts wtptui in a shell, which prints its exit code and compares the terminal's settings afterwards.
func openScreen(t *testing.T, dir string, args ...string) *screen {
	t.Helper()
	s := &screen{t: t, dir: dir, changed: make(chan struct{}), shellEnded: make(chan struct{})}
	const script = `stty -a >before; wtptui "$@"; code=$?; echo $code >code; echo "exit code $code"
		stty -a >after; cmp before after && echo same settings`
	cmd := exec.Command("sh", "-c", script, "sh")
	cmd.Args = append(cmd.Args, args...)
	cmd.Dir, cmd.Env = dir, isolatedEnv(dir)
	// Under nohup the tests ignore SIGHUP, and so would their child processes, unless the tests handle the signal.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	if s.before, err = term.GetState(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(ptmx, &pty.Winsize{Rows: 30, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	signal.Stop(hangups)
	tty.Close()
	if err != nil {
		t.Fatal(err)
	}
	s.ptmx, s.term = ptmx, emulator.New(100, 30, ptmx)
	read := make(chan struct{})
	go func() { defer close(read); s.read() }()
	go func() { defer close(s.shellEnded); _ = cmd.Wait() }()
	t.Cleanup(func() {
		select {
		case <-s.shellEnded:
		default: // Otherwise a pending read would keep the terminal open.
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGHUP)
		}
		ptmx.Close()
		enginetest.Receive(t, s.shellEnded, "the shell to end")
		enginetest.Receive(t, read, "the end of the terminal's output")
		s.term.Close()
	})
	return s
}

// read draws the output until the other end of the terminal is closed.
func (s *screen) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.ptmx.Read(buf)
		if n > 0 {
			_, _ = s.term.Write(buf[:n])
			s.mu.Lock()
			close(s.changed)
			s.changed = make(chan struct{})
			s.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// waitFor waits until the screen's text satisfies ok.
func (s *screen) waitFor(what string, ok func(text string) bool) {
	s.t.Helper()
	deadline := time.NewTimer(waitTimeout)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if ok(s.term.String()) {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			s.t.Fatalf("%s: not seen on\n%s", what, s.term.String())
		}
	}
}

// inAltScreen reports whether the alternate screen is active.
func (s *screen) inAltScreen() bool { return slices.Contains(s.term.ChangedModes(), altScreen) }

func (s *screen) waitForText(text string) {
	s.t.Helper()
	s.waitFor(fmt.Sprintf("%q", text), func(all string) bool { return strings.Contains(all, text) })
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := s.ptmx.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// pid returns the process that has locked the data folder.
func (s *screen) pid() (int, error) {
	data, err := os.ReadFile(filepath.Join(s.dir, "lock"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

func (s *screen) signal(sig syscall.Signal) {
	s.t.Helper()
	pid, err := s.pid()
	if err == nil {
		err = syscall.Kill(pid, sig)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// waitForExit waits until the dashboard has ended with the given code, and checks that the terminal's settings are
// restored.
func (s *screen) waitForExit(code int) {
	s.t.Helper()
	s.waitForText(fmt.Sprintf("exit code %d", code))
	s.waitForText("same settings")
	if modes := s.term.ChangedModes(); len(modes) > 0 {
		s.t.Errorf("the terminal's modes %d are not as they were", modes)
	}
}

// waitForMonitorExit is waitForExit for a dashboard that was killed: the monitor restores the terminal. The shell's
// output may be lost then, since it went to the dashboard's screen.
func (s *screen) waitForMonitorExit(code int) {
	s.t.Helper()
	enginetest.Receive(s.t, s.shellEnded, "the shell to end")
	exitCode, err := os.ReadFile(filepath.Join(s.dir, "code"))
	if err != nil || strings.TrimSpace(string(exitCode)) != strconv.Itoa(code) {
		s.t.Errorf("exit code %q, %v", exitCode, err)
	}
	if modes := s.term.ChangedModes(); len(modes) > 0 {
		s.t.Errorf("the terminal's modes %d are not as they were", modes)
	}
	if after, err := term.GetState(s.ptmx.Fd()); err != nil || !reflect.DeepEqual(after, s.before) {
		s.t.Errorf("the terminal's settings were %+v, and are %+v, %v", s.before, after, err)
	}
}
