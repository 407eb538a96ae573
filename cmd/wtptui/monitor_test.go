//go:build !windows

package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// monitoredTerminal returns a terminal in raw mode, as a crashed dashboard leaves it, with a monitor.
func monitoredTerminal(
	t *testing.T, dir string,
) (m *monitorProcess, tty *os.File, before *term.State, output func() string) {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { ptmx.Close() })
	t.Cleanup(func() { tty.Close() })
	if before, err = term.GetState(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	if m, err = startMonitor(tty, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = debug.SetCrashOutput(nil, debug.CrashOptions{}) })
	if _, err := term.MakeRaw(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	return m, tty, before, func() string {
		const end = "END OF OUTPUT"
		if _, err := io.WriteString(tty, end); err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for buf := make([]byte, 4096); !strings.Contains(all.String(), end); {
			n, err := ptmx.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(buf[:n])
		}
		return strings.TrimSuffix(all.String(), end)
	}
}

// simulateCrash writes what the runtime would write, closes the pipe like the end of the process, and waits for the
// monitor.
func (m *monitorProcess) simulateCrash(t *testing.T, trace string) {
	t.Helper()
	if err := debug.SetCrashOutput(nil, debug.CrashOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(m.pipe, trace); err != nil {
		t.Fatal(err)
	}
	m.pipe.Close()
	if err := m.cmd.Wait(); err == nil {
		t.Error("the monitor ended well after a crash")
	}
}

func TestMonitorRestoresTerminalAndKeepsReport(t *testing.T) {
	dir := t.TempDir()
	m, tty, before, output := monitoredTerminal(t, dir)
	const trace = "panic: oh\n\ngoroutine 1 [running]:\nmain.main()\n"
	m.simulateCrash(t, trace)

	after, err := term.GetState(tty.Fd())
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the terminal is in another state: %+v, was %+v, %v", after, before, err)
	}
	reports, err := filepath.Glob(filepath.Join(dir, "crash-*.txt"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("reports %q, %v; want one", reports, err)
	}
	report, err := os.ReadFile(reports[0])
	if err != nil || !strings.HasPrefix(string(report), "wtptui "+version()) || !strings.HasSuffix(string(report), trace) {
		t.Errorf("report %q, %v", report, err)
	}
	if got := output(); !strings.HasPrefix(got, resetTerminal) || !strings.Contains(got, "The report is in "+reports[0]) {
		t.Errorf("the terminal got %q", got)
	}
}

func TestMonitorNoticesKill(t *testing.T) {
	dir := t.TempDir()
	m, _, _, output := monitoredTerminal(t, dir)
	m.simulateCrash(t, "")
	if got := output(); !strings.HasPrefix(got, resetTerminal) || !strings.Contains(got, "wtptui was killed") {
		t.Errorf("the terminal got %q", got)
	}
	if reports, _ := filepath.Glob(filepath.Join(dir, "*")); len(reports) != 0 {
		t.Errorf("there is a report of nothing: %q", reports)
	}
}

func TestMonitorIsSilentWhenDismissed(t *testing.T) {
	dir := t.TempDir()
	m, _, _, output := monitoredTerminal(t, dir)
	m.dismiss()
	if got := output(); got != "" {
		t.Errorf("the terminal got %q", got)
	}
	if reports, _ := filepath.Glob(filepath.Join(dir, "*")); len(reports) != 0 {
		t.Errorf("there is a report of nothing: %q", reports)
	}
}

// Without a data folder, reports are in a folder that others can write to.
func TestReportFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	precious, report := filepath.Join(dir, "precious"), filepath.Join(dir, "crash.txt")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, report); err != nil {
		t.Fatal(err)
	}
	if err := writeReport(report, strings.NewReader("trace")); err == nil {
		t.Error("it was written")
	}
	if data, err := os.ReadFile(precious); err != nil || string(data) != "precious" {
		t.Errorf("the file is now %q, %v", data, err)
	}
}
