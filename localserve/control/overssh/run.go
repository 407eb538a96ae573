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

// codeFailed is the exit code of a verb that failed and has reported why.
const codeFailed = 1

// Run runs a verb of the wtptui on another machine that needs no engine, and copies its output to stdout. args are its
// arguments, of letters and hyphens alone. It returns true if the verb reported a problem itself; the error says which
// step on the way there failed.
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
		return false, cannotRun(path, err)
	}
	code, last := exit.ExitCode(), stderr.lastLine()
	if hasMessage := strings.HasPrefix(last, errorPrefix); ctx.Err() == nil && (code == codeFailed || code == codeUsage) {
		if hasMessage {
			return false, &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err, Msg: remoteMessage(target, last)}
		}
		if code == codeFailed { // Anything else on standard error is ssh's own, such as a banner.
			return true, nil
		}
	}
	return false, sshExit{target, code, last}.toError(ctx, err)
}
