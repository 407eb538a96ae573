package overssh

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wtptui/engine"
)

// Exit codes of ssh: codeSSH if it could not run the command at all, else the command's own code. The remote shell
// returns codeNoCommand or codeNoProgram if it cannot run the command.
const (
	codeSSH       = 255
	codeNoCommand = 127
	codeNoProgram = 126
	codeUsage     = 2
)

// sshExit is an ssh process that has ended.
type sshExit struct {
	target   Target
	code     int    // its exit code
	lastLine string // the last line that it or the remote program wrote to standard error
}

// ErrNeedsInput is wrapped by an error of Dial or Run if ssh may succeed when it can ask the person at the terminal:
// for a password, or whether a host key is right.
var ErrNeedsInput = errors.New("ssh needs an answer from a person")

// saysInputNeeded reports whether a line of ssh's output means that it would have to ask the person something.
func saysInputNeeded(line string) bool {
	return strings.Contains(line, "Permission denied") || strings.Contains(line, "Host key verification failed")
}

// toError returns the error that says why ssh or the remote program failed, and what to do.
func (p sshExit) toError(ctx context.Context, err error) error {
	e := &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err}
	name, shell := engine.Clean(p.target.Name()), p.target.ShellCommand()
	reason := p.lastLine
	if reason == "" {
		reason = "it gave no reason"
	}
	switch code := p.code; {
	case ctx.Err() != nil:
		e.Msg = "ssh did not connect to " + name + " in time, or was interrupted"
	case code == codeSSH:
		if saysInputNeeded(p.lastLine) {
			e.Err = errors.Join(err, ErrNeedsInput)
		}
		e.Msg = fmt.Sprintf("ssh could not connect to %s: %s: check whether %#q works", name, reason, shell)
	case code == codeNoCommand, code == codeNoProgram:
		e.Msg = fmt.Sprintf(
			"no wtptui can be run on %s: install it there, in the PATH that `%s 'echo $PATH'` shows", name, shell,
		)
	case code == codeUsage:
		e.Msg = fmt.Sprintf("the wtptui on %s is too old to be reached over ssh: upgrade it there", name)
	case strings.HasPrefix(p.lastLine, errorPrefix):
		e.Msg = remoteMessage(p.target, p.lastLine)
	default:
		e.Msg = fmt.Sprintf("wtptui on %s exited with code %d: %s", name, code, reason)
	}
	return e
}

// errorPrefix is the start of each error message of a wtptui.
const errorPrefix = "wtptui: "

// remoteMessage returns the error message of a wtptui on another machine, with the machine's name.
func remoteMessage(target Target, line string) string {
	return "on " + engine.Clean(target.Name()) + ", " + strings.TrimPrefix(line, errorPrefix)
}
