package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// connectorFor returns a connector whose data folder is dir, and its standard error.
func connectorFor(t *testing.T, dir string) (p *connector, stderr *strings.Builder) {
	t.Helper()
	s, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	s.DataDir = dir
	stderr = new(strings.Builder)
	return &connector{settings: s, environment: environment{stderr: stderr}}, stderr
}

// runVerb runs a command line.
func runVerb(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	w := environment{
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" },
		now: time.Now, completionTimeout: time.Minute,
	}
	code = run(t.Context(), args, w)
	return out.String(), errs.String(), code
}

// serveScripted has a scripted engine answer on the folder's socket until the test ends.
func serveScripted(t *testing.T, dir string) {
	t.Helper()
	ln, err := control.Listen(filepath.Join(dir, socketName))
	if err != nil {
		t.Error(err)
		return
	}
	eng := &scripted{}
	eng.publish()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, ln, eng, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// noneRunning is the message of a verb when no engine runs.
const noneRunning = "no wtptui is running for this data folder: start one with `wtptui` or `wtptui serve`"

// noEngine returns a connect function that finds no engine. Its error is that of a real attempt.
func noEngine(t *testing.T) func(context.Context) error {
	t.Helper()
	_, err := control.Dial(t.Context(), filepath.Join(t.TempDir(), socketName))
	if !control.NobodyListens(err) {
		t.Fatal(err)
	}
	return func(context.Context) error { return err }
}

// noAnswer is a connect function that reaches a program which does not answer.
func noAnswer(context.Context) error { return context.DeadlineExceeded }

// A verb that finds the folder locked and the socket missing connects as soon as the socket is there.
func TestVerbWaitsForEngine(t *testing.T) {
	dir := shortDir(t)
	lockFolder(t, dir)
	p, stderr := connectorFor(t, dir)
	policy := p.dialPolicy()
	var once sync.Once
	isStarting := policy.isStarting
	policy.isStarting = func() bool {
		taken := isStarting()
		if !taken {
			t.Error("the folder is not taken")
		}
		once.Do(func() { serveScripted(t, dir) })
		return taken
	}
	c, err := p.dialHere(t.Context(), policy)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if s, err := snapshot(t.Context(), c); err != nil || len(s.Sites) != 3 {
		t.Errorf("%d sites, %v", len(s.Sites), err)
	}
	if stderr.Len() > 0 {
		t.Errorf("said %q", stderr)
	}
}

// A pipe from another machine waits as well, and is opened once.
func TestPipeWaitsForEngine(t *testing.T) {
	dir := shortDir(t)
	lockFolder(t, dir)
	p, _ := connectorFor(t, dir)
	near, far := net.Pipe()
	defer near.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	policy := p.dialPolicy()
	var once sync.Once
	policy.isStarting = func() bool {
		once.Do(func() { serveScripted(t, dir) })
		return true
	}
	ended := make(chan error, 1)
	go func() {
		ended <- policy.retry(ctx, func(ctx context.Context) error { return control.Pipe(ctx, p.socket(), far, far) })
	}()
	if err := control.AwaitGreeting(near); err != nil {
		t.Fatal(err)
	}
	c, err := control.DialOver(t.Context(), near)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if s, err := snapshot(t.Context(), c); err != nil || len(s.Sites) != 3 {
		t.Errorf("%d sites, %v", len(s.Sites), err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A verb waits up to the timeout for a program that has locked the folder and never answers, and tells the person why.
func TestVerbGivesUpAfterTheTimeout(t *testing.T) {
	for name, newConnect := range map[string]func(*testing.T) func(context.Context) error{
		"no socket": noEngine,
		"a socket":  func(*testing.T) func(context.Context) error { return noAnswer },
	} {
		t.Run(name, func(t *testing.T) {
			connect := newConnect(t)
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				lockFolder(t, dir)
				p, stderr := connectorFor(t, dir)
				start := time.Now()
				err := p.explainNoAnswer(p.dialPolicy().retry(t.Context(), connect))
				if elapsed := time.Since(start); elapsed < startTimeout || elapsed > startTimeout+pollInterval {
					t.Errorf("gave up after %v, want %v", elapsed, startTimeout)
				}
				who := "(process " + strconv.Itoa(os.Getpid()) + ")"
				msg := engine.Message(err)
				namesBoth := strings.Contains(msg, who) && strings.Contains(msg, "`wtptui doctor`")
				if engine.KindOf(err) != engine.Unavailable || !namesBoth {
					t.Errorf("got %v", err)
				}
				s := stderr.String()
				if !strings.HasPrefix(s, "wtptui: waiting for ") || !strings.Contains(s, who) || strings.Count(s, "\n") != 1 {
					t.Errorf("said %q", s)
				}
			})
		})
	}
}

// If no engine runs a verb says so, after the grace period for one that was started at the same time.
func TestVerbFailsSoonWithoutEngine(t *testing.T) {
	connect := noEngine(t)
	synctest.Test(t, func(t *testing.T) {
		p, stderr := connectorFor(t, filepath.Join(t.TempDir(), "data"))
		start := time.Now()
		err := p.dialPolicy().retry(t.Context(), connect)
		if elapsed := time.Since(start); elapsed < startGrace || elapsed > startGrace+pollInterval {
			t.Errorf("it took %v, want %v", elapsed, startGrace)
		}
		if engine.Message(err) != noneRunning || stderr.Len() > 0 {
			t.Errorf("got %v, said %q", err, stderr)
		}
		if _, err := os.Stat(p.settings.DataDir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("waiting made the folder: %v", err)
		}
	})
}

// The socket and the lock file that a killed program leaves behind do not count as a running engine.
func TestVerbIgnoresStaleSocket(t *testing.T) {
	dir := shortDir(t)
	lockFolder(t, dir).release()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: filepath.Join(dir, socketName)})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	ln.Close()
	stdout, stderr, code := runVerb(t, "ls", "--data-dir", dir)
	if code != exitFailed || stdout != "" || stderr != "wtptui: "+noneRunning+"\n" {
		t.Errorf("exit code %d, printed %q, said %q", code, stdout, stderr)
	}
}

// A verb waits for a program that locks the folder within the grace period, and for one that takes over from another;
// it does not wait once the program has ended.
func TestVerbFollowsStartsAndEnds(t *testing.T) {
	connect := noEngine(t)
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		p, _ := connectorFor(t, dir)
		const end = 20 * time.Second
		start := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- p.dialPolicy().retry(t.Context(), connect) }()
		sleepUntil := func(at time.Duration) { time.Sleep(at - time.Since(start)) }

		sleepUntil(startGrace - time.Millisecond)
		folder := lockFolder(t, dir)
		// The next check after this is the first that finds the folder free again.
		sleepUntil(10*time.Second + time.Millisecond)
		folder.release()
		sleepUntil(10*time.Second + startGrace - time.Millisecond)
		folder = lockFolder(t, dir)
		sleepUntil(end + time.Millisecond)
		folder.release()
		err := <-ended
		if elapsed := time.Since(start); elapsed < end+startGrace || elapsed > end+startGrace+pollInterval {
			t.Errorf("it took %v, want %v", elapsed, end+startGrace)
		}
		if engine.Message(err) != noneRunning {
			t.Errorf("got %v", err)
		}
	})
}

// Waiting ends when the context does.
func TestWaitingCanBeInterrupted(t *testing.T) {
	connect := noEngine(t)
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		lockFolder(t, dir)
		p, _ := connectorFor(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		const moment = 5 * time.Second / 2
		time.AfterFunc(moment, cancel)
		start := time.Now()
		err := p.dialPolicy().retry(ctx, connect)
		if elapsed := time.Since(start); elapsed != moment {
			t.Errorf("it took %v, want %v", elapsed, moment)
		}
		if !errors.Is(err, context.Canceled) || engine.Message(err) != "interrupted" {
			t.Errorf("got %v", err)
		}
	})
}

// Errors that waiting does not mend are returned at once.
func TestVerbDoesNotWaitForOtherErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		p, _ := connectorFor(t, dir)
		refused := &engine.Error{Kind: engine.Conflict, Msg: "this wtptui is older"}
		start := time.Now()
		// A socket that is open without the folder being locked does not count as a starting engine.
		for _, want := range []error{nil, refused, context.DeadlineExceeded} {
			if err := p.dialPolicy().retry(t.Context(), func(context.Context) error { return want }); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		lockFolder(t, dir)
		err := p.dialPolicy().retry(t.Context(), func(context.Context) error { return refused })
		if !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
		if elapsed := time.Since(start); elapsed != 0 {
			t.Errorf("it took %v", elapsed)
		}
	})
}
