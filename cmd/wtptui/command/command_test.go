//go:build !windows

package command_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine/enginetest"
)

// oneMinute is longer than any command of these tests takes.
var oneMinute = command.Options{Timeout: time.Minute}

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := command.Command{Shell: `echo "$WHAT"; echo '$WHAT' >&2`}
	err := c.Run(t.Context(), oneMinute, []string{"WHAT=$(date)"}, &out)
	if err != nil || out.String() != "$(date)\n$WHAT\n" {
		t.Errorf("%v, it said %q", err, out.String())
	}
	out.Reset()
	c = command.Command{Argv: []string{"printf", "%s.", "a b", "$WHAT"}}
	if err := c.Run(t.Context(), oneMinute, nil, &out); err != nil || out.String() != "a b.$WHAT." {
		t.Errorf("%v, it said %q", err, out.String())
	}
	out.Reset()
	dir := t.TempDir()
	c = command.Command{Shell: "pwd"}
	err = c.Run(t.Context(), command.Options{Timeout: time.Minute, Dir: dir}, nil, &out)
	if err != nil || filepath.Base(strings.TrimSpace(out.String())) != filepath.Base(dir) {
		t.Errorf("%v, it ran in %q", err, out.String())
	}
	var exit *exec.ExitError
	err = command.Command{Shell: "exit 3"}.Run(t.Context(), oneMinute, nil, &out)
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("it failed with %v", err)
	}
	c = command.Command{Argv: []string{filepath.Join(t.TempDir(), "none")}}
	if err := c.Run(t.Context(), oneMinute, nil, &out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that does not exist fails with %v", err)
	}
}

// A command ends after its timeout with all that it has started, and what a command leaves behind ends with it.
func TestRunEndsAllProcesses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		limit  time.Duration
		ended  bool // by its timeout
	}{
		"hanging": {`sleep 1000 & sleep 1000`, 2 * time.Second, true},
		"leaving": {`sleep 1000 >/dev/null 2>&1 &`, time.Minute, false},
		"deaf":    {`trap "" TERM INT; (trap "" TERM INT; sleep 1000) & while :; do sleep 1; done`, 2 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// All processes hold the pipe open: reading it ends with the last of them.
			pipe := filepath.Join(t.TempDir(), "held")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() {
				f, err := os.Open(pipe)
				if err == nil {
					_, err = io.ReadAll(f)
					f.Close()
				}
				ended <- err
			}()
			var out strings.Builder
			c := command.Command{Shell: `exec 3>"$HELD"; ` + test.script}
			err := c.Run(t.Context(), command.Options{Timeout: test.limit}, []string{"HELD=" + pipe}, &out)
			if test.ended != (err != nil) || test.ended && !strings.Contains(err.Error(), "did not end within") {
				t.Errorf("it ended with %v", err)
			}
			if err := enginetest.Receive(t, ended, "the end of all that it has started"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A command that takes too long can clean up.
func TestRunTerminatesBeforeItKills(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := command.Command{Shell: `trap "echo put in order; exit 0" TERM; while :; do sleep 0.1; done`}.
		Run(t.Context(), command.Options{Timeout: 2 * time.Second}, nil, &out)
	if err == nil || !strings.HasSuffix(out.String(), "put in order\n") {
		t.Errorf("it ended with %v, and said %q", err, out.String())
	}
}

// The error of a command that is cancelled does not speak of a timeout.
func TestRunReturnsTheErrorOfItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := command.Command{Shell: "sleep 1000"}.Run(ctx, oneMinute, nil, os.Stderr)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
