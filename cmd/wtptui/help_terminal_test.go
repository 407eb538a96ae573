//go:build !windows

package main

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

// Help is as wide as the terminal, up to a hundred cells. It has escape sequences where they are supported and wanted.
// It sends no query to the terminal: where nobody answers, a query costs seconds, and a terminal that does not
// understand it shows it.
func TestHelpOnTerminals(t *testing.T) {
	const bold = "\x1b[1mUsage\x1b[m"
	for _, test := range []struct {
		args    []string
		env     string
		columns uint16
		width   int
		bold    bool
	}{
		{[]string{"publish", "--help"}, "TERM=xterm-256color", 60, 60, true},
		{[]string{"help", "publish"}, "TERM=xterm-256color", 130, maxTextWidth, true},
		{[]string{"help"}, "NO_COLOR=1", 130, maxTextWidth, false},
		{[]string{"help", "ls"}, "TERM=dumb", 80, 80, false},
	} {
		cmd := exec.Command("wtptui", test.args...)
		cmd.Env = append(isolatedEnv(t.TempDir()), "TERM=xterm", "NO_COLOR=", test.env)
		text := outputOnTerminal(t, cmd, test.columns)
		if strings.Contains(text, bold) != test.bold || strings.Contains(text, "\x1b") != test.bold {
			t.Errorf("%q with %s writes %q", test.args, test.env, text)
		}
		if strings.Contains(text, "\x1b]") || strings.Contains(text, "\x1b[c") {
			t.Errorf("%q with %s asks the terminal: %q", test.args, test.env, text)
		}
		widest := 0
		for line := range strings.Lines(text) {
			widest = max(widest, ansi.StringWidth(strings.TrimRight(line, "\r\n")))
		}
		if widest > test.width || widest < test.width-15 {
			t.Errorf("%q is %d cells wide in %d columns", test.args, widest, test.columns)
		}
	}
	cmd := exec.Command("wtptui", "ls", "--no-such-flag")
	cmd.Env = isolatedEnv(t.TempDir())
	if text := outputOnTerminal(t, cmd, 80); !strings.Contains(text, "wtptui: ") || strings.Contains(text, "\x1b") {
		t.Errorf("an error is %q", text)
	}
}

// outputOnTerminal returns what a program writes to a terminal with the given number of columns.
func outputOnTerminal(t *testing.T, cmd *exec.Cmd, columns uint16) string {
	t.Helper()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: columns})
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	defer tty.Close()
	out, err := io.ReadAll(tty)
	if err != nil && !errors.Is(err, syscall.EIO) { // how a terminal ends
		t.Fatal(err)
	}
	_ = cmd.Wait() // It fails for an invalid command line.
	return string(out)
}
