package overssh

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wtptui/engine"
)

// The exit codes of ssh: its own for whatever keeps it from running the command, else the command's, which is a shell's
// where there is no such command.
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
	lastLine string // the last line that it or the program there has said
}

// ErrAsks is among the causes of an error if ssh may get on when it can ask the person at the terminal something: for a
// password, or whether a host key is right.
var ErrNeedsInput = errors.New("ssh has to ask something")

// needsInput reports whether ssh has said that it would have to ask something.
func saysInputNeeded(line string) bool {
	return strings.Contains(line, "Permission denied") || strings.Contains(line, "Host key verification failed")
}

// explain says why it did not do what it was started for.
func (p sshExit) toError(ctx context.Context, err error) error {
	e := &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err}
	said, name := p.lastLine, engine.Clean(p.target.Name())
	switch code := p.code; {
	case ctx.Err() != nil:
		e.Msg = "ssh did not connect to " + name + " in time, or was interrupted"
	case code == codeSSH:
		if saysInputNeeded(said) {
			e.Err = errors.Join(err, ErrNeedsInput)
		}
		e.Msg = fmt.Sprintf(
			"ssh could not connect to %s: %s: see whether %s works", name, orNoReasonGiven(said), "`"+p.target.ShellCommand()+"`",
		)
	case code == codeNoCommand, code == codeNoProgram:
		e.Msg = fmt.Sprintf("no wtptui can be run on %s: install it there, in the PATH that %s shows", name, "`"+p.target.ShellCommand()+" 'echo $PATH'`")
	case code == codeUsage:
		e.Msg = fmt.Sprintf("the wtptui on %s does not know how to be attached to over ssh: upgrade it there", name)
	case strings.HasPrefix(said, errorPrefix):
		e.Msg = remoteMessage(p.target, said)
	default:
		e.Msg = fmt.Sprintf("the program on %s ended (%d): %s", name, code, orNoReasonGiven(said))
	}
	return e
}

// errorPrefix begins what a wtptui says of what went wrong.
const errorPrefix = "wtptui: "

// remoteMessage passes on a complaint.
func remoteMessage(target Target, line string) string {
	return "on " + engine.Clean(target.Name()) + ", " + strings.TrimPrefix(line, errorPrefix)
}

func orNoReasonGiven(line string) string {
	if line == "" {
		return "it does not say why"
	}
	return line
}
