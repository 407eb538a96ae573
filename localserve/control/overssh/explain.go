package overssh

import (
	"context"
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

// explain says why there is no line, after the ssh process has ended.
func (l *Line) explain(ctx context.Context, err error) error {
	e := &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err}
	said, name := l.said.last(), engine.Clean(l.target.Name())
	switch code := l.cmd.ProcessState.ExitCode(); {
	case ctx.Err() != nil:
		e.Msg = "ssh did not connect to " + name + " in time, or was interrupted"
	case code == codeSSH:
		e.Msg = fmt.Sprintf("ssh could not connect to %s: %s: see whether %s works", name, orSilent(said), "`"+l.target.Shell()+"`")
	case code == codeNoCommand, code == codeNoProgram:
		e.Msg = fmt.Sprintf("no wtptui can be run on %s: install it there, in the PATH that %s shows", name, "`"+l.target.Shell()+" 'echo $PATH'`")
	case code == codeUsage:
		e.Msg = fmt.Sprintf("the wtptui on %s does not know how to be attached to over ssh: upgrade it there", name)
	case strings.HasPrefix(said, "wtptui: "):
		e.Msg = "on " + name + ", " + strings.TrimPrefix(said, "wtptui: ")
	default:
		e.Msg = fmt.Sprintf("the program on %s ended (%d): %s", name, code, orSilent(said))
	}
	return e
}

func orSilent(said string) string {
	if said == "" {
		return "it does not say why"
	}
	return said
}
