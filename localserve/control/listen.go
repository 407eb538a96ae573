package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"wtptui/engine"
)

// answerTimeout is how long a program that listens on the socket may take to accept a connection.
const answerTimeout = time.Second

// Listen creates the socket at path, for its owner only (0600). It creates a missing folder with 0700, and replaces
// the socket of a program that has crashed. The error has Kind Conflict if a program listens there already, or if path
// is something other than a socket.
func Listen(path string) (net.Listener, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, listenError(engine.Unavailable, "cannot make the folder of the control socket", err)
	}
	if err := clearStale(path); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, listenError(engine.Unavailable, "cannot listen on "+path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, listenError(engine.Unavailable, "cannot make "+path+" private", err)
	}
	return ln, nil
}

// clearStale removes a socket on which nobody listens.
func clearStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return listenError(engine.Unavailable, "cannot check "+path, err)
	case info.Mode().Type() != fs.ModeSocket:
		return listenError(engine.Conflict, path+" is in the way and is not a socket: move it elsewhere", nil)
	}
	d := net.Dialer{Timeout: answerTimeout}
	conn, err := d.DialContext(context.Background(), "unix", path)
	if err == nil {
		conn.Close()
		return listenError(engine.Conflict, "a wtptui is already running for this data folder", nil)
	}
	if !nobodyListens(err) {
		return listenError(engine.Conflict, "another program may be using "+path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return listenError(engine.Unavailable, "cannot remove the stale socket "+path, err)
	}
	return nil
}

// CheckPath returns an error of Kind Invalid for a path that is too long for a socket: 108 bytes on Linux and Windows,
// 104 elsewhere, with a NUL at the end (unix(7), unix(4)).
func CheckPath(path string) error {
	longest := 103
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		longest = 107
	}
	if len(path) <= longest {
		return nil
	}
	msg := fmt.Sprintf("%s is too long for a socket (%d bytes, at most %d): choose a shorter --data-dir",
		path, len(path), longest)
	return listenError(engine.Invalid, msg, nil)
}

func listenError(kind engine.Kind, msg string, err error) error {
	return &engine.Error{Op: "control: listen", Kind: kind, Msg: withCause(msg, err), Err: err}
}

// withCause returns a message followed by the innermost cause of an error, on which a person can act ("permission
// denied").
func withCause(msg string, err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	if err == nil {
		return engine.Clean(msg)
	}
	return engine.Clean(msg + ": " + err.Error())
}
