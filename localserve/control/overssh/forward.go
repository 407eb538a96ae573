package overssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"

	"wtptui/engine"
)

// Forward has a port of this machine's loopback lead to the same one there, until the line is closed: pages are only
// right under their own port. Kind Conflict if the port is taken here; the message says what a person can do.
func (l *Conn) Forward(ctx context.Context, port int) error {
	loopback := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	spec := loopback + ":" + loopback
	command := "`" + l.target.ShellCommand("-N", "-L", spec) + "`"
	if !canMultiplex {
		return forwardError(engine.Unavailable, nil, "to open its pages here, run %s beside this", command)
	}
	ln, err := net.Listen("tcp", loopback)
	if err != nil {
		return forwardError(engine.Conflict, err,
			"port %d is taken on this machine, so that pages of %s cannot be opened here: end what uses it, or give the wtptui there another --listen",
			port, engine.Clean(l.target.Name()))
	}
	ln.Close()
	var stderr tailBuffer
	cmd := exec.CommandContext(ctx, l.cmd.Path, append([]string{"-S", l.muxSocket(), "-O", "forward", "-L", spec}, l.target.sshArgs()...)...)
	cmd.Env, cmd.Stderr = l.env, &stderr
	detachFromTerminal(cmd)
	if err := cmd.Run(); err != nil {
		return forwardError(engine.Unavailable, errors.Join(err, errors.New(stderr.lastLine())),
			"ssh cannot forward port %d from %s: see why with %s", port, engine.Clean(l.target.Name()), command)
	}
	return nil
}

func forwardError(kind engine.Kind, err error, format string, args ...any) error {
	return &engine.Error{Op: "ssh: forward", Kind: kind, Err: err, Msg: fmt.Sprintf(format, args...)}
}
