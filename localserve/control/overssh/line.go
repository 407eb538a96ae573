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

// Options says how to make a line.
type Options struct {
	// Batch keeps ssh from asking anybody anything, as is needed while a dashboard owns the terminal.
	Batch bool
	// Env is ssh's environment; this program's when nil.
	Env []string
}

// Line is a connection to the control socket of another machine, over an ssh process of its own.
type Conn struct {
	target    Target
	env       []string
	cmd       *exec.Cmd
	in        *os.File    // ssh's standard input
	out       *os.File    // ssh's standard output
	stderr    *tailBuffer // what ssh and the program there have said
	dir       string      // holds the socket by which more can be asked of the ssh process; empty for none
	done      chan struct{}
	closeOnce sync.Once
}

var _ net.Conn = (*Conn)(nil)

// exitTimeout is how long ssh may take to end after it has been told to.
const exitTimeout = 2 * time.Second

// Open runs ssh, which may ask the person at the terminal for a password or about a host key unless the options say
// otherwise, and returns when the program at the other end is connected to its engine. The error says which of all the
// things on the way went wrong, and what to do.
func Dial(ctx context.Context, target Target, opts Options) (*Conn, error) {
	path, err := findSSH()
	if err != nil {
		return nil, err
	}
	l := &Conn{target: target, env: opts.Env, stderr: &tailBuffer{}, done: make(chan struct{})}
	if err := l.start(path, opts.Batch); err != nil {
		return nil, &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err, Msg: "cannot run " + path + ": " + err.Error()}
	}
	stop := context.AfterFunc(ctx, func() { _ = l.cmd.Process.Kill() }) // It has ended already, or will now.
	err = control.AwaitGreeting(l.out)
	if !stop() && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		l.Close()
		return nil, sshExit{target, l.cmd.ProcessState.ExitCode(), l.stderr.lastLine()}.toError(ctx, err)
	}
	return l, nil
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

// sshOptions are the options that keep ssh from doing more than it is asked to. A line that is dead is noticed within a
// minute.
var sshOptions = []string{
	"-T", "-a", "-x", "-o", "ClearAllForwardings=yes", "-o", "PermitLocalCommand=no",
	"-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=20",
}

// start runs ssh with pipes for everything.
func (l *Conn) start(path string, batch bool) error {
	args := slices.Clone(sshOptions)
	if batch {
		args = append(args, "-o", "BatchMode=yes")
	}
	if canMultiplex {
		dir, err := os.MkdirTemp("", "wtptui-ssh")
		if err != nil {
			return err
		}
		l.dir = dir
		args = append(args, "-M", "-S", l.muxSocket(), "-o", "ControlPersist=no")
	}
	args = append(append(args, l.target.sshArgs()...), l.target.remoteCommand(RemoteVerb))
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
	l.in, l.out = in, out
	l.cmd = exec.Command(path, args...) //nolint:noctx // It lives as long as the line.
	l.cmd.Env = l.env
	l.cmd.Stdin, l.cmd.Stdout, l.cmd.Stderr = stdin, stdout, l.stderr
	l.cmd.WaitDelay = exitTimeout
	if batch {
		detachFromTerminal(l.cmd)
	}
	if err := l.cmd.Start(); err != nil {
		in.Close()
		out.Close()
		return errors.Join(err, l.removeDir())
	}
	go func() {
		defer close(l.done)
		_ = l.cmd.Wait() // explain asks for the exit code.
	}()
	return nil
}

// socket is where the ssh process takes further orders.
func (l *Conn) muxSocket() string { return filepath.Join(l.dir, "s") }

func (l *Conn) removeDir() error {
	if l.dir == "" {
		return nil
	}
	return os.RemoveAll(l.dir)
}

// Read implements net.Conn.
func (l *Conn) Read(p []byte) (int, error) { return l.out.Read(p) }

// Write implements net.Conn.
func (l *Conn) Write(p []byte) (int, error) { return l.in.Write(p) }

// Close implements net.Conn: it ends ssh, and returns when that is so.
func (l *Conn) Close() error {
	var err error
	l.closeOnce.Do(func() {
		l.in.Close() // The program there ends then, and ssh with it.
		t := time.NewTimer(exitTimeout)
		defer t.Stop()
		select {
		case <-l.done:
		case <-t.C:
			_ = l.cmd.Process.Kill()
			<-l.done
		}
		l.out.Close()
		err = l.removeDir()
	})
	return err
}

// LocalAddr implements net.Conn.
func (l *Conn) LocalAddr() net.Addr { return addr("ssh") }

// RemoteAddr implements net.Conn.
func (l *Conn) RemoteAddr() net.Addr { return addr(l.target.Name()) }

// SetDeadline implements net.Conn.
func (l *Conn) SetDeadline(t time.Time) error {
	return errors.Join(l.SetReadDeadline(t), l.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (l *Conn) SetReadDeadline(t time.Time) error { return l.out.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (l *Conn) SetWriteDeadline(t time.Time) error { return l.in.SetWriteDeadline(t) }

// addr is an end of a line.
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

// maxTail is how many bytes a tail keeps.
const maxTail = 4 << 10

// Write implements io.Writer.
func (t *tailBuffer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(p), nil
}

// last is the last line with something in it.
func (t *tailBuffer) lastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := bytes.Split(bytes.TrimSpace(t.text), []byte("\n"))
	return engine.Clean(string(bytes.TrimSpace(lines[len(lines)-1])))
}
