package peers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// trialOutcomes holds the outcome of each tool's trial: a func() string that returns why the tool does not work, empty
// if it does.
var trialOutcomes sync.Map

// whyBroken tries the tool, the first time that it is called in this process, and returns why it cannot be used; empty
// if it can.
func (tool Tool) whyBroken() string {
	if tool.triedInInternet() {
		return ""
	}
	trial := sync.OnceValue(func() string { return runTrial(tool.trial(), trialLimit()) })
	outcome, _ := trialOutcomes.LoadOrStore(tool, trial)
	return outcome.(func() string)() // There is nothing else in it.
}

// trialLimit returns how long a trial may take. Where a skip is not a failure, a program that hangs is not waited for
// long.
func trialLimit() time.Duration {
	if required() {
		return 2 * time.Minute
	}
	return 30 * time.Second
}

// trial returns a function that uses the tool as tests do, and fails its argument when that is impossible.
func (tool Tool) trial() func(testing.TB) {
	switch tool {
	case BittorrentTracker:
		return func(t testing.TB) { startTracker(t, TrackerOptions{}) }
	case WebTorrentTool:
		return func(t testing.TB) { npmPath(t, "webtorrent", "dist", "webtorrent.min.js") }
	case NPMSites:
		return tryNPMSites
	case PkarrTool:
		return tryPkarr
	case AddonsLinter:
		return func(t testing.TB) { npmPath(t, addonsLinter...) }
	case LibtorrentTool:
		return tryLibtorrent
	case TransmissionTool:
		return tryTransmission
	case Aria2Tool:
		return func(t testing.TB) { checkOutput(t, "aria2c", "--version") }
	case RTorrentTool:
		return func(t testing.TB) { checkOutput(t, "rtorrent", "-h") }
	case ChromiumTool:
		return tryChromium
	case FirefoxTool:
		return tryFirefox
	case NginxTool:
		return tryNginx
	case CaddyTool:
		return tryCaddy
	case UnboundTool:
		return func(t testing.TB) { startUnbound(t).SetRecords(t, `site 5 IN TXT "text"`) }
	case PebbleTool:
		return func(t testing.TB) { startPebble(t, PebbleOptions{}) }
	case OpenSSH:
		return trySSH
	case TmuxTool:
		return tryTmux
	case Systemd:
		return trySystemd
	case IPRoute2:
		return func(t testing.TB) { checkOutput(t, findSystemProgram("ip"), "-V") }
	case PrometheusTool:
		return func(t testing.TB) { checkOutput(t, "promtool", "--version") }
	case PacmanTool:
		return func(t testing.TB) { checkOutput(t, "pacman", "--version") }
	case BusyboxTool:
		return func(t testing.TB) { checkOutput(t, "busybox", "--list") }
	case MandocTool:
		return tryMandoc
	case XDGUtils:
		return func(t testing.TB) {
			checkOutput(t, "xdg-open", "--version")
			checkOutput(t, "xdg-mime", "--version")
		}
	default:
		return func(t testing.TB) { checkOutput(t, string(tool), "--version") }
	}
}

// trySystemd has a unit checked.
func trySystemd(t testing.TB) {
	unit := filepath.Join(t.TempDir(), "wtptui-trial.service")
	if err := os.WriteFile(unit, []byte("[Service]\nExecStart=/bin/sh -c true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	runProgram(t, "systemd-analyze", "verify", "--man=no", unit)
	checkOutput(t, "systemd-analyze", "security", "--no-pager", "--offline=true", unit)
}

// tryMandoc has a man page rendered.
func tryMandoc(t testing.TB) {
	page := filepath.Join(t.TempDir(), "trial.1")
	if err := os.WriteFile(page, []byte(".TH TRIAL 1\n.SH NAME\ntrial\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checkOutput(t, "mandoc", "-Tutf8", page)
}

// checkOutput runs a program that has to write something.
func checkOutput(t testing.TB, name string, args ...string) {
	if runProgram(t, name, args...) == "" {
		t.Fatalf("%s %q: it says nothing", name, args)
	}
}

// tryTmux has a server of its own show the output of a program.
func tryTmux(t testing.TB) {
	dir := PlainDir(t)
	socket := filepath.Join(dir, "s")
	runProgram(t, "tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh", "-c",
		"echo it works; read -r _")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() })
	Eventually(t, time.Minute, "tmux to show it", func() error {
		if screen := runProgram(t, "tmux", "-S", socket, "capture-pane", "-p"); !strings.Contains(screen, "it works") {
			return fmt.Errorf("it shows %q", screen)
		}
		return nil
	})
}

// runTrial runs a trial and returns why it failed; empty if it did not.
func runTrial(trial func(testing.TB), limit time.Duration) string {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	t := &trialTB{ctx: ctx}
	ended := make(chan struct{})
	// FailNow ends the goroutine that it is called in.
	go func() {
		defer close(ended)
		defer t.runCleanups()
		trial(t)
	}()
	<-ended
	return shortenToOneLine(t.failure)
}

// trialTB is the testing.TB of a trial: what would end a test ends only the trial. Its context has a deadline, which
// the functions of this package observe. A trial must not call other methods of testing.TB than these.
type trialTB struct {
	testing.TB

	ctx      context.Context // A testing.TB has one.
	failure  string          // The first one.
	cleanups []func()
}

// runCleanups runs all cleanups, the last one first, even if one of them fails.
func (t *trialTB) runCleanups() {
	last := len(t.cleanups) - 1
	if last < 0 {
		return
	}
	defer t.runCleanups()
	cleanup := t.cleanups[last]
	t.cleanups = t.cleanups[:last]
	cleanup()
}

func (t *trialTB) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *trialTB) Context() context.Context { return t.ctx }
func (t *trialTB) Failed() bool             { return t.failure != "" }
func (t *trialTB) Helper()                  {}
func (t *trialTB) Log(...any)               {}
func (t *trialTB) Logf(string, ...any)      {}

func (t *trialTB) Error(args ...any) {
	if t.failure == "" {
		t.failure = fmt.Sprint(args...)
	}
}
func (t *trialTB) Errorf(format string, args ...any) { t.Error(fmt.Sprintf(format, args...)) }

func (t *trialTB) FailNow() { runtime.Goexit() }
func (t *trialTB) Fatal(args ...any) {
	t.Error(args...)
	t.FailNow()
}
func (t *trialTB) Fatalf(format string, args ...any) { t.Fatal(fmt.Sprintf(format, args...)) }

// TempDir returns a folder that is removed at the end.
func (t *trialTB) TempDir() string {
	dir, err := os.MkdirTemp("", "wtptui-trial")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
