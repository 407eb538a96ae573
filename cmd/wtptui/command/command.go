// Package command runs the commands that a person has written into the settings or on the command line. What a command
// is about is in its environment only, where no shell reads it as code.
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

// Command is a program with its arguments, or a text for the shell of the system (cmd on Windows). The zero value is no
// command.
type Command struct {
	Argv  []string
	Shell string
}

// IsZero reports whether there is nothing to run.
func (c Command) IsZero() bool { return len(c.Argv) == 0 && c.Shell == "" }

// endWait is how long a process that is asked to end may take for that, and how long one that has ended may leave its
// output open before nobody reads it any more.
const endWait = 2 * time.Second

// Foreground makes a process with some variables more than this one has. It stays in the process group of this one, as
// a program must that has the terminal. It is killed when ctx ends.
func (c Command) Foreground(ctx context.Context, environ []string) *exec.Cmd {
	argv := c.Argv
	if len(argv) == 0 {
		argv = []string{"sh", "-c", c.Shell}
		if runtime.GOOS == "windows" {
			argv, environ = []string{"cmd", "/c", c.Shell}, withoutOperators(environ)
		}
	}
	//nolint:gosec // What the person has written is what is to run.
	p := exec.CommandContext(ctx, argv[0], argv[1:]...)
	p.Env = append(os.Environ(), environ...)
	p.WaitDelay = endWait
	return p
}

// Background makes a process as Foreground does, in a process group of its own, all of which is killed when ctx ends.
func (c Command) Background(ctx context.Context, environ []string) *exec.Cmd {
	p := c.Foreground(ctx, environ)
	group(p)
	return p
}

// withoutOperators returns variables whose values mean nothing to cmd: that puts them into a line before it looks for
// operators there.
func withoutOperators(environ []string) []string {
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

// Bounds are those of a run.
type Bounds struct {
	// Limit is how long it may take.
	Limit time.Duration
	// Dir is the folder in which it runs; empty for that of this process.
	Dir string
	// Terminal reports whether it may ask the person who sits there, and so stays in the foreground.
	Terminal bool
}

// Run runs the command until it ends, and writes what it says to out. When it has taken too long, or ctx ends, it is
// asked to end, and killed soon after that. Whatever it has started in the background ends with it (not on Windows).
// The error is an *exec.ExitError for one that failed, and says so of one that took too long.
func (c Command) Run(ctx context.Context, bounds Bounds, environ []string, out io.Writer) error {
	timed, cancel := context.WithTimeout(ctx, bounds.Limit)
	defer cancel()
	p := c.Foreground(timed, environ)
	if bounds.Terminal {
		p.Stdin = os.Stdin
	} else {
		group(p)
		terminateGroup(p)
	}
	p.Dir, p.Stdout, p.Stderr = bounds.Dir, out, out
	err := p.Run()
	if !bounds.Terminal {
		endGroup(p)
	}
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		return nil
	case err != nil && ctx.Err() == nil && timed.Err() != nil:
		return fmt.Errorf("it did not end within %s, and was ended", bounds.Limit)
	}
	return err
}
