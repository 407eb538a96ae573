package overssh

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"

	"wtptui/engine"
)

// codeFailed is how a verb says that something is wrong that it has told already.
const codeFailed = 1

// Run runs a verb of the wtptui on another machine, which needs no engine there, and passes on what it says. Words are
// those of its command line, of letters and hyphens alone. It reports whether the verb has told that something is
// wrong; the error says which of the things on the way there was.
func Run(ctx context.Context, target Target, stdout io.Writer, args ...string) (failed bool, err error) {
	path, err := findSSH()
	if err != nil {
		return false, err
	}
	stderr := &tailBuffer{}
	sshArgs := append(append(slices.Clone(sshOptions), target.sshArgs()...), target.remoteCommand(args...))
	cmd := exec.CommandContext(ctx, path, sshArgs...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = stdout, stderr, exitTimeout
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false, nil
	case !errors.As(err, &exit):
		return false, &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err, Msg: "cannot run " + path + ": " + err.Error()}
	}
	code, last := exit.ExitCode(), stderr.lastLine()
	if hasMessage := strings.HasPrefix(last, errorPrefix); ctx.Err() == nil && (code == codeFailed || code == codeUsage) {
		if hasMessage {
			return false, &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err, Msg: remoteMessage(target, last)}
		}
		if code == codeFailed { // What else is said there is ssh's, of keys and banners.
			return true, nil
		}
	}
	return false, sshExit{target, code, last}.toError(ctx, err)
}
