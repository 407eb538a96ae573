package overssh

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// Options are the options of Dial.
type Options struct {
	// Batch prevents ssh from asking for anything. It must be set while a dashboard owns the terminal.
	Batch bool
	// Env is ssh's environment; nil means this program's.
	Env []string
}

// Conn is a connection to the control socket of another machine, over its own ssh process.
type Conn struct {
	target    Target
	env       []string
	cmd       *exec.Cmd
	in        *os.File    // ssh's standard input
	out       *os.File    // ssh's standard output
	stderr    *tailBuffer // the end of what ssh and the remote program wrote to standard error
	dir       string      // the folder of ssh's control socket; empty for none
	done      chan struct{}
	closeOnce sync.Once
}

var _ net.Conn = (*Conn)(nil)

// exitTimeout is how long ssh may take to exit after its standard input was closed.
const exitTimeout = 2 * time.Second

// Dial runs ssh, and returns when the program on the other machine is connected to its engine. Unless opts.Batch is
// set, ssh may ask the person at the terminal for a password or about a host key. The error says which step failed,
// and what to do.
func Dial(ctx context.Context, target Target, opts Options) (*Conn, error) {
	path, err := findSSH()
	if err != nil {
		return nil, err
	}
	c := &Conn{target: target, env: opts.Env, stderr: &tailBuffer{}, done: make(chan struct{})}
	if err := c.start(path, opts.Batch); err != nil {
		return nil, cannotRun(path, err)
	}
	// Kill fails only if ssh has exited already.
	stop := context.AfterFunc(ctx, func() { _ = c.cmd.Process.Kill() })
	err = control.AwaitGreeting(c.out)
	if !stop() && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		c.Close()
		return nil, sshExit{target, c.cmd.ProcessState.ExitCode(), c.stderr.lastLine()}.toError(ctx, err)
	}
	return c, nil
}

func findSSH() (string, error) {
	path, err := exec.LookPath("ssh")
	if err != nil {
		return "", &engine.Error{
			Op: "ssh", Kind: engine.Unavailable, Err: err,
			Msg: "there is no ssh command on this machine: install OpenSSH's client (apt install openssh-client)",
		}
	}
	return path, nil
}

// sshOptions are the options of all ssh processes: no terminal, no forwarding, no local commands. A dead connection is
// detected within a minute.
var sshOptions = []string{
	"-T", "-a", "-x", "-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no",
	"-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=20",
}

// start starts ssh with pipes for its standard input and output.
func (c *Conn) start(path string, batch bool) error {
	args := slices.Clone(sshOptions)
	if batch {
		args = append(args, "-o", "BatchMode=yes")
	}
	if canMultiplex {
		dir, err := os.MkdirTemp("", "wtptui-ssh")
		if err != nil {
			return err
		}
		c.dir = dir
		args = append(args, "-M", "-S", c.muxSocket(), "-o", "ControlPersist=no")
	}
	args = append(append(args, c.target.sshArgs()...), c.target.remoteCommand(RemoteVerb))
	stdin, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer stdin.Close()
	out, stdout, err := os.Pipe()
	if err != nil {
		in.Close()
		return err
	}
	defer stdout.Close()
	c.in, c.out = in, out
	c.cmd = exec.Command(path, args...) //nolint:noctx // It lives as long as the connection.
	c.cmd.Env = c.env
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = stdin, stdout, c.stderr
	c.cmd.WaitDelay = exitTimeout
	if batch {
		detachFromTerminal(c.cmd)
	}
	if err := c.cmd.Start(); err != nil {
		in.Close()
		out.Close()
		return errors.Join(err, c.removeDir())
	}
	go func() {
		defer close(c.done)
		_ = c.cmd.Wait() // Dial reads the exit code.
	}()
	return nil
}

// muxSocket returns the path of ssh's control socket (ControlPath in ssh_config(5)).
func (c *Conn) muxSocket() string { return filepath.Join(c.dir, "s") }

func (c *Conn) removeDir() error {
	if c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) { return c.out.Read(p) }

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) { return c.in.Write(p) }

// Close implements net.Conn. It returns when ssh has exited.
func (c *Conn) Close() error {
	var err error
	c.closeOnce.Do(func() {
		c.in.Close() // The remote program exits then, and ssh with it.
		t := time.NewTimer(exitTimeout)
		defer t.Stop()
		select {
		case <-c.done:
		case <-t.C:
			_ = c.cmd.Process.Kill()
			<-c.done
		}
		c.out.Close()
		err = c.removeDir()
	})
	return err
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return addr("ssh") }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return addr(c.target.Name()) }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.out.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.in.SetWriteDeadline(t) }

// addr is the address of one end of a Conn.
type addr string

// Network implements net.Addr.
func (addr) Network() string { return "ssh" }

// String implements net.Addr.
func (a addr) String() string { return string(a) }

// tailBuffer keeps the end of what is written to it.
type tailBuffer struct {
	mu   sync.Mutex
	text []byte
}

// maxTail is how many bytes a tailBuffer keeps.
const maxTail = 4 << 10

// Write implements io.Writer.
func (t *tailBuffer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(p), nil
}

// lastLine returns the last line that is not blank.
func (t *tailBuffer) lastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.text), []byte("\n"))
	return engine.Clean(string(bytes.TrimSpace(lines[len(lines)-1])))
}
