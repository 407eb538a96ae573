// Package command runs the commands that a person has written into the settings or on the command line. What a command
// is about is passed in its environment only, where no shell reads it as code.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Command is a program with its arguments, or a text for the system's shell (cmd on Windows). The zero value is no
// command.
type Command struct {
	Argv  []string
	Shell string
}

// IsZero reports whether there is nothing to run.
func (c Command) IsZero() bool { return len(c.Argv) == 0 && c.Shell == "" }

// waitDelay is how long a process may take to exit once it is asked to, and how long after it has exited its output is
// read if something still holds it open.
const waitDelay = 2 * time.Second

// Foreground returns a process that is not started yet, with environ added to the environment of this process. It
// stays in the process group of this one, as a program that uses the terminal must. It is killed when ctx ends.
func (c Command) Foreground(ctx context.Context, environ []string) *exec.Cmd {
	argv := c.Argv
	if len(argv) == 0 {
		argv = []string{"sh", "-c", c.Shell}
		if runtime.GOOS == "windows" {
			argv, environ = []string{"cmd", "/c", c.Shell}, replaceCmdOperators(environ)
		}
	}
	// What the person has written is what is to run.
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), environ...)
	cmd.WaitDelay = waitDelay
	return cmd
}

// Background returns a process as Foreground does, in a process group of its own. The whole group is killed when ctx
// ends.
func (c Command) Background(ctx context.Context, environ []string) *exec.Cmd {
	cmd := c.Foreground(ctx, environ)
	setProcessGroup(cmd)
	return cmd
}

// replaceCmdOperators replaces the operators of cmd in the values by blanks: cmd expands variables before it looks for
// operators in a line.
func replaceCmdOperators(environ []string) []string {
	clean := make([]string, len(environ))
	for i, variable := range environ {
		clean[i] = strings.Map(func(r rune) rune {
			if strings.ContainsRune("&|<>^\"%!()\r\n", r) {
				return ' '
			}
			return r
		}, variable)
	}
	return clean
}

// Options are those of a run.
type Options struct {
	// Timeout is how long it may take.
	Timeout time.Duration
	// Dir is its working directory; empty for that of this process.
	Dir string
	// Terminal reports whether it may read from the terminal, and so stays in the foreground.
	Terminal bool
}

// Run runs the command until it ends, and writes its standard output and standard error to out. After its timeout, or
// when ctx ends, it is terminated, and killed soon after that. All that it has started in the background ends with it
// (not on Windows). The error is an *exec.ExitError for a command that failed. That of a timeout says so.
func (c Command) Run(ctx context.Context, options Options, environ []string, out io.Writer) error {
	timeoutCtx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	cmd := c.Foreground(timeoutCtx, environ)
	if options.Terminal {
		cmd.Stdin = os.Stdin
	} else {
		setProcessGroup(cmd)
		terminateGroupOnCancel(cmd)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = options.Dir, out, out
	err := cmd.Run()
	if !options.Terminal {
		killGroup(cmd)
	}
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		return nil
	case err != nil && ctx.Err() == nil && timeoutCtx.Err() != nil:
		return fmt.Errorf("it did not end within %s, and was ended", options.Timeout)
	}
	return err
}
