// Package command runs the commands that a person has written into the settings or on the command line. What a command
// is about is in its environment only, where no shell reads it as code. It ends with its process group: what it has
// started does not outlive it.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
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

// outputWait is how long a process that has ended may leave its output open before nobody reads it any more.
const outputWait = 2 * time.Second

// Foreground makes a process with some variables more than this one has. It stays in the process group of this one, as
// a program must that has the terminal. It is killed when ctx ends.
func (c Command) Foreground(ctx context.Context, environ []string) *exec.Cmd {
	argv := c.Argv
	if len(argv) == 0 {
		argv = []string{"sh", "-c", c.Shell}
		if runtime.GOOS == "windows" {
			argv = []string{"cmd", "/c", c.Shell}
		}
	}
	//nolint:gosec // What the person has written is what is to run.
	p := exec.CommandContext(ctx, argv[0], argv[1:]...)
	p.Env = append(os.Environ(), environ...)
	p.WaitDelay = outputWait
	return p
}

// Background makes a process as Foreground does, in a process group of its own, all of which is killed when ctx ends.
func (c Command) Background(ctx context.Context, environ []string) *exec.Cmd {
	p := c.Foreground(ctx, environ)
	group(p)
	return p
}

// Run runs the command in the background until it ends, at most for limit, and writes what it says to out. Then all is
// ended that it has started. The error is an *exec.ExitError for one that failed, and says so of one that took too
// long.
func (c Command) Run(ctx context.Context, limit time.Duration, environ []string, out io.Writer) error {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p := c.Background(timed, environ)
	p.Stdout, p.Stderr = out, out
	err := p.Run()
	endGroup(p)
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		return nil
	case err != nil && ctx.Err() == nil && timed.Err() != nil:
		return fmt.Errorf("it did not end within %s, and was killed with all that it had started", limit)
	}
	return err
}
