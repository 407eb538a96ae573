//go:build !windows

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// nobodyUID is the user ID of an ordinary user.
const nobodyUID = 65534

// Where a dashboard cannot run, it ends with one line that says what to do, and leaves the terminal alone.
func TestDashboardRefusesInOneLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*testing.T, *peers.Wtptui, *exec.Cmd)
		code    int
		says    []string
	}{
		"data folder that cannot be written": {
			prepare: makeDataDirReadOnly, code: 1, says: []string{"wtptui: cannot use the data folder /", "--data-dir"},
		},
		"data folder that is a file": {
			prepare: makeDataDirAFile, code: 1, says: []string{"wtptui: cannot use the data folder /", "--data-dir"},
		},
		"dumb terminal": {
			prepare: func(_ *testing.T, _ *peers.Wtptui, cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "TERM=dumb") },
			code:    2, says: []string{"wtptui: the dashboard needs a terminal", "`wtptui serve`", "`wtptui ls`"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
			cmd := w.DashboardCommand()
			tt.prepare(t, w, cmd)
			tm := openTerminal(t, cmd, 300, 36)
			tm.checkLeft(tt.code)
			tm.waitRow(tt.says...)
			written, _ := tm.outputSoFar()
			if strings.Count(written, "\n") != 3 || strings.Contains(written, "\x1b") {
				t.Errorf("want one plain line between the shell's two, got %q", written)
			}
		})
	}
}

// makeDataDirReadOnly gives the data folder to another user.
func makeDataDirReadOnly(t *testing.T, w *peers.Wtptui, cmd *exec.Cmd) {
	t.Helper()
	if err := os.Chmod(w.DataDir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		return
	}
	// Nothing is read-only to root. Others may not even look into a test's folder.
	if err := os.Chmod(filepath.Dir(w.DataDir), 0o711); err != nil { // There are no secrets in it.
		t.Fatal(err)
	}

	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyUID, Gid: nobodyUID}}
}

func makeDataDirAFile(t *testing.T, w *peers.Wtptui, _ *exec.Cmd) {
	t.Helper()
	if err := os.Remove(w.DataDir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.DataDir, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Without a terminal there is no dashboard, and no files are created for it.
func TestDashboardNeedsTerminal(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	cmd := w.DashboardCommand()
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 2 || len(out) > 0 {
		t.Errorf("%v, exit code %d, printed %q", err, cmd.ProcessState.ExitCode(), out)
	}
	if output := errs.String(); strings.Count(output, "\n") != 1 || !strings.Contains(output, "`wtptui serve`") ||
		!strings.Contains(output, "`wtptui ls`") {
		t.Errorf("it said %q", output)
	}
	if made, err := filepath.Glob(filepath.Join(w.DataDir, "*")); err != nil || len(made) != 0 {
		t.Errorf("it made %q, %v", made, err)
	}
}

// In a terminal that is too small, only the needed size is shown, and the dashboard can be left.
func TestDashboardInSmallTerminalSaysHowLargeItHasToBe(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	tm := openTerminal(t, w.DashboardCommand(), 40, 10)
	tm.waitShown("wtptui needs more room:", "60×16 at least, this is 40×10.", "q quits")
	tm.resize(120, 36)
	tm.waitRow("⌂ MINE", "Welcome to wtp", "100%")
	tm.resize(40, 10)
	tm.waitShown("wtptui needs more room:")
	tm.press("q")
	tm.checkLeft(0)
}
