package overssh

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"slices"
	"time"

	"wtptui/engine"
)

// relayTimeout is how long a remote verb may take to exit after its standard input was closed.
const relayTimeout = 10 * time.Second

// Relay runs a verb of the wtptui on another machine, with any arguments, and copies its output line by line, clean, as
// it arrives. The verb's standard input stays open until ctx ends: a verb that keeps running must exit when it is
// closed. Relay returns the verb's exit code if the verb itself failed; otherwise the error says which step failed.
func Relay(ctx context.Context, target Target, stdout, stderr io.Writer, args ...string) (code int, err error) {
	path, err := findSSH()
	if err != nil {
		return 0, err
	}
	for i, w := range args {
		args[i] = quote(w)
	}
	lastOutput := &tailBuffer{}
	cleanStdout, cleanStderr := &lineCleaner{out: stdout}, &lineCleaner{out: stderr}
	sshArgs := append(append(slices.Clone(sshOptions), target.sshArgs()...), target.remoteCommand(args...))
	cmd := exec.CommandContext(ctx, path, sshArgs...)
	cmd.Stdout, cmd.Stderr = cleanStdout, io.MultiWriter(lastOutput, cleanStderr)
	cmd.WaitDelay = relayTimeout
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, cannotRun(path, err)
	}
	cmd.Cancel = stdin.Close
	if err := cmd.Start(); err != nil {
		return 0, cannotRun(path, err)
	}
	err = cmd.Wait()
	cleanStdout.flush()
	cleanStderr.flush()
	if ctx.Err() != nil && cmd.ProcessState != nil && cmd.ProcessState.Success() {
		err = nil // The verb exited because its standard input was closed.
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case ctx.Err() != nil:
		return 0, &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: ctx.Err(), Msg: "interrupted"}
	case !errors.As(err, &exit):
		return 0, cannotRun(path, err)
	case exit.ExitCode() == codeFailed || exit.ExitCode() == codeUsage:
		return exit.ExitCode(), nil // The verb has written why.
	}
	return 0, sshExit{target, exit.ExitCode(), lastOutput.lastLine()}.toError(ctx, err)
}

func cannotRun(path string, err error) error {
	return &engine.Error{Op: "ssh", Kind: engine.Unavailable, Err: err, Msg: "cannot run " + path + ": " + err.Error()}
}

// lineCleaner writes whole lines, clean, so that another machine's output cannot control the terminal.
type lineCleaner struct {
	out     io.Writer
	line    []byte
	scanned int // how many bytes of line contain no line break
	err     error
}

// maxLine is the maximum length of a line, in bytes: with --json, a document about thousands of sites is one line.
const maxLine = 64 << 20

var errLongLine = errors.New("the other machine sent a line of more than 64 MiB")

// Write implements io.Writer.
func (c *lineCleaner) Write(p []byte) (int, error) {
	c.line = append(c.line, p...)
	for c.err == nil {
		end := bytes.IndexByte(c.line[c.scanned:], '\n')
		if end < 0 {
			break
		}
		end += c.scanned
		c.writeLine(c.line[:end])
		c.line, c.scanned = c.line[end+1:], 0
	}
	if c.scanned = len(c.line); c.scanned > maxLine && c.err == nil {
		c.err = errLongLine
	}
	return len(p), c.err
}

func (c *lineCleaner) writeLine(line []byte) {
	_, c.err = io.WriteString(c.out, engine.CleanLine(string(line))+"\n")
}

// flush writes the last line if it has no line break.
func (c *lineCleaner) flush() {
	if len(c.line) > 0 && c.err == nil {
		c.writeLine(c.line)
	}
}
