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

// trials has the outcome of each tool's trial: a func() string, why the tool does not work, empty if it does.
var trials sync.Map

// broken tries the tool, the first time that it is asked for in this process, and returns why it cannot be used; empty
// if it can.
func (tool Tool) broken() string {
	if tool.triedInInternet() {
		return ""
	}
	outcome, _ := trials.LoadOrStore(tool, sync.OnceValue(func() string { return try(tool.trial(), trialLimit()) }))
	return outcome.(func() string)() // There is nothing else in it.
}

// trialLimit is how long a trial may take. Where a skip is no failure, nobody waits long for a program that hangs.
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
		return func(t testing.TB) { npmFile(t, "webtorrent", "dist", "webtorrent.min.js") }
	case NPMSites:
		return tryNPMSites
	case PkarrTool:
		return tryPkarr
	case AddonsLinter:
		return func(t testing.TB) { npmFile(t, addonsLinter...) }
	case LibtorrentTool:
		return tryLibtorrent
	case TransmissionTool:
		return tryTransmission
	case Aria2Tool:
		return func(t testing.TB) { says(t, "aria2c", "--version") }
	case RTorrentTool:
		return func(t testing.TB) { says(t, "rtorrent", "-h") }
	case ChromiumTool:
		return tryChromium
	case FirefoxTool:
		return tryFirefox
	case NginxTool:
		return tryNginx
	case CaddyTool:
		return tryCaddy
	case UnboundTool:
		return func(t testing.TB) { startUnbound(t).Say(t, `site 5 IN TXT "text"`) }
	case PebbleTool:
		return func(t testing.TB) { startPebble(t, PebbleOptions{}) }
	case OpenSSH:
		return trySSH
	case TmuxTool:
		return tryTmux
	case Systemd:
		return trySystemd
	case IPRoute2:
		return func(t testing.TB) { says(t, systemProgram("ip"), "-V") }
	case PrometheusTool:
		return func(t testing.TB) { says(t, "promtool", "--version") }
	case PacmanTool:
		return func(t testing.TB) { says(t, "pacman", "--version") }
	case BusyboxTool:
		return func(t testing.TB) { says(t, "busybox", "--list") }
	case MandocTool:
		return tryMandoc
	case XDGUtils:
		return func(t testing.TB) {
			says(t, "xdg-open", "--version")
			says(t, "xdg-mime", "--version")
		}
	default:
		return func(t testing.TB) { says(t, string(tool), "--version") }
	}
}

// trySystemd has a unit looked at.
func trySystemd(t testing.TB) {
	unit := filepath.Join(t.TempDir(), "wtptui-trial.service")
	if err := os.WriteFile(unit, []byte("[Service]\nExecStart=/bin/sh -c true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	output(t, "systemd-analyze", "verify", "--man=no", unit)
	says(t, "systemd-analyze", "security", "--no-pager", "--offline=true", unit)
}

// tryMandoc has a man page shown.
func tryMandoc(t testing.TB) {
	page := filepath.Join(t.TempDir(), "trial.1")
	if err := os.WriteFile(page, []byte(".TH TRIAL 1\n.SH NAME\ntrial\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, "mandoc", "-Tutf8", page)
}

// says runs a program that has to write something.
func says(t testing.TB, name string, args ...string) {
	if output(t, name, args...) == "" {
		t.Fatalf("%s %q: it says nothing", name, args)
	}
}

// tryTmux has a server of its own show what a program writes.
func tryTmux(t testing.TB) {
	dir := PlainDir(t)
	socket := filepath.Join(dir, "s")
	output(t, "tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh", "-c",
		"echo it works; read -r _")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() })
	Eventually(t, time.Minute, "tmux to show it", func() error {
		if screen := output(t, "tmux", "-S", socket, "capture-pane", "-p"); !strings.Contains(screen, "it works") {
			return fmt.Errorf("it shows %q", screen)
		}
		return nil
	})
}

// try runs a trial and returns why it failed; empty if it did not.
func try(trial func(testing.TB), limit time.Duration) string {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	t := &attempt{ctx: ctx}
	ended := make(chan struct{})
	// FailNow ends the goroutine that it is called in.
	go func() {
		defer close(ended)
		defer t.end()
		trial(t)
	}()
	<-ended
	return oneLine(t.failure)
}

// attempt is the testing.TB of a trial: what would end a test ends the trial alone. Its context has a deadline, which
// the functions of this package keep. A method that is not here is none that a trial may call.
type attempt struct {
	testing.TB

	ctx      context.Context //nolint:containedctx // A testing.TB has one.
	failure  string          // The first one.
	cleanups []func()
}

// end runs what is to be run at the end, the last thing first, and the others too when one of them fails.
func (t *attempt) end() {
	last := len(t.cleanups) - 1
	if last < 0 {
		return
	}
	defer t.end()
	cleanup := t.cleanups[last]
	t.cleanups = t.cleanups[:last]
	cleanup()
}

func (t *attempt) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *attempt) Context() context.Context { return t.ctx }
func (t *attempt) Failed() bool             { return t.failure != "" }
func (t *attempt) Helper()                  {}
func (t *attempt) Log(...any)               {}
func (t *attempt) Logf(string, ...any)      {}

func (t *attempt) Error(args ...any) {
	if t.failure == "" {
		t.failure = fmt.Sprint(args...)
	}
}
func (t *attempt) Errorf(format string, args ...any) { t.Error(fmt.Sprintf(format, args...)) }

func (t *attempt) FailNow() { runtime.Goexit() }
func (t *attempt) Fatal(args ...any) {
	t.Error(args...)
	t.FailNow()
}
func (t *attempt) Fatalf(format string, args ...any) { t.Fatal(fmt.Sprintf(format, args...)) }

// TempDir returns a folder that is removed at the end.
func (t *attempt) TempDir() string {
	dir, err := os.MkdirTemp("", "wtptui-trial")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
