package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// process is a child that ends with the test.
type process struct {
	cmd    *exec.Cmd
	stderr *tail
	exited chan struct{} // Closed when the process has ended and its output has been read.
	err    error         // What Wait returned; to be read after exited.
}

// newProcess prepares cmd, whose stderr it takes. Other streams are to be set up before start.
func newProcess(cmd *exec.Cmd) *process {
	p := &process{cmd: cmd, stderr: new(tail), exited: make(chan struct{})}
	cmd.Stderr = p.stderr
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

// String names the process in messages: its program and, for a script, the script.
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

// wait waits at most limit for the process to end by itself and returns what exec.Cmd.Wait did.
func (p *process) wait(t testing.TB, limit time.Duration) error {
	t.Helper()
	select {
	case <-p.exited:
		return p.err
	case <-time.After(limit):
		t.Fatalf("peers: %s still runs after %v", p, limit)
		return nil
	}
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
