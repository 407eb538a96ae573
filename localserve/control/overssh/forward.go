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

// Forward forwards a port of this machine's loopback address to the same port of the other machine, until the
// connection is closed. The number must be the same because pages link to their own port. The error has Kind Conflict
// if the port is in use here; its message says what a person can do.
func (c *Conn) Forward(ctx context.Context, port int) error {
	loopback := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	spec := loopback + ":" + loopback
	command := "`" + c.target.ShellCommand("-N", "-L", spec) + "`"
	if !canMultiplex {
		return forwardError(engine.Unavailable, nil, "to open its pages here, run %s in another terminal", command)
	}
	ln, err := net.Listen("tcp", loopback)
	if err != nil {
		return forwardError(engine.Conflict, err,
			"port %d is taken on this machine, so pages of %s cannot be opened here: "+
				"stop the program that uses it, or start the wtptui there with another --listen",
			port, engine.Clean(c.target.Name()))
	}
	ln.Close()
	var stderr tailBuffer
	args := append([]string{"-S", c.muxSocket(), "-O", "forward", "-L", spec}, c.target.sshArgs()...)
	cmd := exec.CommandContext(ctx, c.cmd.Path, args...)
	cmd.Env, cmd.Stderr = c.env, &stderr
	detachFromTerminal(cmd)
	if err := cmd.Run(); err != nil {
		return forwardError(engine.Unavailable, errors.Join(err, errors.New(stderr.lastLine())),
			"ssh cannot forward port %d from %s: see why with %s", port, engine.Clean(c.target.Name()), command)
	}
	return nil
}

func forwardError(kind engine.Kind, err error, format string, args ...any) error {
	return &engine.Error{Op: "ssh: forward", Kind: kind, Err: err, Msg: fmt.Sprintf(format, args...)}
}
