package peers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// process is a child that ends with the test.
type process struct {
	cmd    *exec.Cmd
	stderr *tailBuffer
	exited chan struct{} // Closed when the process has ended and its output has been read.
	err    error         // What Wait returned; to be read after exited.
}

// newProcess prepares cmd, whose stderr it takes. Other streams are to be set up before start.
func newProcess(cmd *exec.Cmd) *process {
	p := &process{cmd: cmd, stderr: new(tailBuffer), exited: make(chan struct{})}
	cmd.Stderr = p.stderr
	if cmd.Env == nil {
		cmd.Env = loopbackEnv()
	}
	// A grandchild that holds on to the pipes must not keep Wait from returning.
	cmd.WaitDelay = 5 * time.Second
	dieWithParent(cmd)
	return p
}

// start runs the process until it ends or the test does. When the test has failed, its stderr is logged.
func (p *process) start(t testing.TB) {
	t.Helper()
	started := make(chan error)
	go func() {
		// The thread has to live as long as the child: see dieWithParent.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("peers: start %s: %v", p.cmd.Path, err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s wrote to stderr:\n%s", p, p.stderr)
		}
	})
}

// String returns the name of the process for messages: its program and, for a script, the script.
func (p *process) String() string {
	name := filepath.Base(p.cmd.Path)
	if len(p.cmd.Args) > 1 {
		name += " " + filepath.Base(p.cmd.Args[1])
	}
	return name
}

// kill ends the process at once and waits for it. Killing one that has ended does nothing.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // The only error is that it has ended already.
	<-p.exited
}

// waitExit waits at most limit for the process to end by itself and returns what exec.Cmd.Wait did.
func (p *process) waitExit(t testing.TB, limit time.Duration) error {
	t.Helper()
	limit = remainingTime(t, limit)
	select {
	case <-p.exited:
		return p.err
	case <-time.After(limit):
		t.Fatalf("peers: %s still runs after %v", p, limit)
		return nil
	}
}

// runProgram runs a program to its end and returns what it wrote. The test ends when it fails.
func runProgram(t testing.TB, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = loopbackEnv()
	// A grandchild that holds on to the pipe must not keep it from returning.
	cmd.WaitDelay = 5 * time.Second
	dieWithParent(cmd)
	out, err := cmd.CombinedOutput()
	if t.Context().Err() != nil {
		err = context.Cause(t.Context())
	}
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}

// loopbackEnv returns the environment without proxies, since all peers are on loopback and not every program knows that
// it needs no proxy there, and with a locale that every machine has.
func loopbackEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasSuffix(strings.ToLower(name), "_proxy") || name == "LANGUAGE"
	})
	return append(env, "LC_ALL=C.UTF-8")
}

// PlainTemp returns a folder for temporary files whose name is short and has neither blanks nor letters that are not
// ASCII, whatever TMPDIR is: not every program can deal with such names, or has room for a long one in that of a
// socket.
func PlainTemp() string {
	dir := os.TempDir()
	const longest = 40 // Bytes: what follows has to fit into the 108 of a socket's name.
	plain := regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)
	if runtime.GOOS != "windows" && (len(dir) > longest || !plain.MatchString(dir)) {
		return "/tmp"
	}
	return dir
}

// PlainDir returns a folder in PlainTemp for the test.
func PlainDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(PlainTemp(), "wtptui")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A child of a program that was killed ends a moment after it and may still write.
		Eventually(t, time.Minute, "everybody to leave "+dir, func() error { return os.RemoveAll(dir) })
	})
	return dir
}

// writeScript puts an embedded script where an interpreter can read it.
func writeScript(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(fmt.Errorf("peers: write %s: %w", name, err))
	}
	return path
}
