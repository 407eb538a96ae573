//go:build !windows

package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
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
	"wtptui/cmd/wtptui/e2e/peers"
)

// screenTimeout bounds every wait for the screen. A healthy dashboard answers in milliseconds, on a busy machine in
// seconds.
const screenTimeout = waitLong

// shellScript prints a line, runs the command, and prints its exit code. The command's process ID is written to the
// file "pid".
const shellScript = `echo "the shell's own line"
sh -c 'echo $$ >pid; exec "$0" "$@"' "$0" "$@"
echo "exit code $?"
read -r _`

// terminal is a person's terminal, with a shell in it that runs wtptui: the terminal outlives the command.
type terminal struct {
	t        *testing.T
	ptm, tty *os.File
	before   *term.State // The terminal's settings before anything ran in it.
	screen   *emulator.Screen
	dir      string // Where the shell is.

	mu      sync.Mutex
	written bytes.Buffer  // Everything that was ever written to the terminal.
	frames  []string      // What the screen has shown since a key was pressed last or the size was changed.
	changed chan struct{} // Closed and replaced with every output.
	over    chan struct{} // Closed when the shell has ended.
}

// openTerminal runs cmd in a terminal of that size. TERM and BROWSER may be in cmd.Env already.
func openTerminal(t *testing.T, cmd *exec.Cmd, cols, rows int) *terminal {
	t.Helper()
	ptm, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	tm := &terminal{
		t: t, ptm: ptm, tty: tty, dir: shellDir(t), screen: emulator.New(cols, rows, ptm),
		changed: make(chan struct{}), over: make(chan struct{}),
	}
	tm.screen.SetModern()
	tm.resize(cols, rows)
	if tm.before, err = term.GetState(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	shell := exec.Command("sh", append([]string{"-c", shellScript}, cmd.Args...)...)
	shell.Dir = tm.dir
	shell.Env = append([]string{"TERM=xterm-256color"}, cmd.Env...)
	shell.Stdin, shell.Stdout, shell.Stderr = tty, tty, tty
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if cmd.SysProcAttr != nil {
		shell.SysProcAttr.Credential = cmd.SysProcAttr.Credential
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { defer close(read); tm.read() }()
	go func() { defer close(tm.over); _ = shell.Wait() }()
	t.Cleanup(func() {
		if pid, err := tm.pid(); err == nil && tm.exitCode() < 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		_ = shell.Process.Kill()
		<-tm.over
		tty.Close()
		ptm.Close()
		<-read
		tm.screen.Close()
	})
	return tm
}

// shellDir makes a folder for the shell, which any user may use.
func shellDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wtptui-shell")
	if err == nil {
		err = os.Chmod(dir, 0o777) // There is only a process id in it.
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// outputSoFar returns everything that was ever written to the terminal, and a channel that is closed when there is
// more.
func (tm *terminal) outputSoFar() (string, <-chan struct{}) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.written.String(), tm.changed
}

// exitLine matches what the shell prints in the end. The terminal makes \r\n of a newline unless it is left raw.
var exitLine = regexp.MustCompile(`exit code (\d+)\r?\n`)

// exitCode returns the command's exit code as a shell has it, or -1 before its end.
func (tm *terminal) exitCode() int {
	written, _ := tm.outputSoFar()
	if m := exitLine.FindStringSubmatch(written); m != nil {
		code, _ := strconv.Atoi(m[1]) // It consists of digits.
		return code
	}
	return -1
}

// waitScreen waits until ok returns true for a frame that was shown since the last key, or for the current screen,
// whose lines are separated by newlines. Earlier frames count because, on a busy machine, a message may have come and
// gone before the test looks: a person would have seen it.
func (tm *terminal) waitScreen(what string, ok func(screen string) bool) {
	tm.t.Helper()
	tm.waitOutput(what, func() bool {
		tm.mu.Lock()
		frames := tm.frames
		tm.mu.Unlock()
		return ok(tm.screen.String()) || slices.ContainsFunc(frames, ok)
	})
}

// waitOutput waits until ok returns true. It is called again with every output.
func (tm *terminal) waitOutput(what string, ok func() bool) {
	tm.t.Helper()
	deadline := time.NewTimer(screenTimeout)
	defer deadline.Stop()
	for {
		_, changed := tm.outputSoFar()
		if ok() {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			tm.t.Fatalf("%s: not seen on\n%s", what, tm.screen.String())
		}
	}
}

// waitShown waits until all the texts are on the screen at once.
func (tm *terminal) waitShown(texts ...string) {
	tm.t.Helper()
	tm.waitScreen(fmt.Sprintf("%q", texts), containsAll(texts))
}

// waitHidden waits until the text is not on the screen any more.
func (tm *terminal) waitHidden(text string) {
	tm.t.Helper()
	tm.waitOutput(fmt.Sprintf("no %q", text), func() bool { return !strings.Contains(tm.screen.String(), text) })
}

// waitRow waits until a line of the screen contains all the texts, and returns it.
func (tm *terminal) waitRow(texts ...string) string {
	tm.t.Helper()
	return tm.waitLine(fmt.Sprintf("a line with %q", texts), containsAll(texts))
}

// containsAll returns a function that reports whether a line, or a screen, contains all the texts.
func containsAll(texts []string) func(line string) bool {
	return func(line string) bool {
		missing := func(text string) bool { return !strings.Contains(line, text) }
		return !slices.ContainsFunc(texts, missing)
	}
}

// waitLine waits until ok returns true for a line of the screen, and returns the line.
func (tm *terminal) waitLine(what string, ok func(line string) bool) (found string) {
	tm.t.Helper()
	tm.waitScreen(what, func(screen string) bool {
		for line := range strings.Lines(screen) {
			if found = strings.TrimRight(line, "\n"); ok(found) {
				return true
			}
		}
		return false
	})
	return found
}

func (tm *terminal) press(keys string) {
	tm.t.Helper()
	tm.forgetFrames()
	if _, err := tm.ptm.WriteString(keys); err != nil {
		tm.t.Fatal(err)
	}
}

// forgetFrames drops the frames that were shown.
func (tm *terminal) forgetFrames() {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	tm.frames = nil
}

// paste sends what a terminal sends for a paste while bracketed paste is on.
func (tm *terminal) paste(text string) {
	tm.t.Helper()
	tm.press("\x1b[200~" + text + "\x1b[201~")
}

func (tm *terminal) resize(cols, rows int) {
	tm.t.Helper()
	tm.forgetFrames()
	tm.screen.Resize(cols, rows)
	if err := pty.Setsize(tm.ptm, &pty.Winsize{Rows: uint16(rows), Cols: uint16(cols)}); err != nil {
		tm.t.Fatal(err)
	}
}

// pid returns the process ID of the command.
func (tm *terminal) pid() (int, error) {
	data, err := os.ReadFile(filepath.Join(tm.dir, "pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

func (tm *terminal) signal(sig syscall.Signal) {
	tm.t.Helper()
	pid, err := tm.pid()
	if err == nil {
		err = syscall.Kill(pid, sig)
	}
	if err != nil {
		tm.t.Fatal(err)
	}
}

// checkLeft waits until the command has ended with that code, as a shell counts them, and until the terminal's settings
// and modes are what they were before.
func (tm *terminal) checkLeft(code int) {
	tm.t.Helper()
	// After a kill the terminal is put in order by somebody else, who may need a moment: what the shell has written until
	// then is lost with the dashboard's screen.
	tm.waitOutput("the exit code", func() bool { return tm.exitCode() >= 0 })
	if got := tm.exitCode(); got != code {
		tm.t.Errorf("exit code %d, want %d:\n%s", got, code, tm.screen)
	}
	peers.Eventually(tm.t, screenTimeout, "the terminal to be as it was", func() error {
		after, err := term.GetState(tm.tty.Fd())
		if err == nil && !reflect.DeepEqual(after, tm.before) {
			err = fmt.Errorf("settings %+v, were %+v", after, tm.before)
		}
		written, _ := tm.outputSoFar()
		return errors.Join(err, checkModesRestored(written))
	})
}
