package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"wtptui/engine/enginetest"
	"wtptui/localserve/control"
)

var update = flag.Bool("update", false, "write what is printed into the scripts")

func TestMain(m *testing.M) {
	if report := os.Getenv(monitorEnv); report != "" {
		os.Exit(runMonitor(report)) // As in main: a monitor is the program itself.
	}
	testscript.Main(m, map[string]func(){"wtptui": patientMain})
}

// patientMain is main with a long completionTimeout, for busy machines.
func patientMain() {
	w := processEnvironment()
	w.completionTimeout = time.Minute
	done := recordOutput(os.Args[1:], &w)
	code := run(context.Background(), os.Args[1:], w)
	done()
	os.Exit(code)
}

// TestScripts runs the command line against engines that answer from a script. Beside testscript's own commands there
// are:
//
//	engine DIR          an engine answers on DIR/control.sock from now on
//	stop                it ends
//	keyed               its sites under keys, which it does not have before, are there from now on
//	retitle HOST TITLE  changes the title of one of its sites
//	await FILE PATTERN  waits until a file has a match in it
//	asked REQUEST...    fails unless the engine was asked exactly this since the last time
//	ready DIR           waits until somebody answers on DIR/control.sock
//	site NAME DIR       sets a variable to the host of the only site there
//	schemas             fails unless something was printed by every schema
//
// Whatever a script prints with --json is compared with its schema.
func TestScripts(t *testing.T) {
	// The scripts have their folders there, with sockets whose paths must be short.
	t.Setenv("GOTMPDIR", filepath.Dir(enginetest.ShortDir(t)))
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TZ", "UTC")
			env.Values[engineKey{}] = &scripted{}
			reportSchemas(env)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"engine": startScripted,
			"asked":  checkRequests,
			"keyed":  func(ts *testscript.TestScript, _ bool, _ []string) { scriptedOf(ts).addKeySites() },
			"stop":   func(ts *testscript.TestScript, _ bool, _ []string) { scriptedOf(ts).stop() },
			"retitle": func(ts *testscript.TestScript, _ bool, args []string) {
				scriptedOf(ts).retitle(args[0], args[1])
			},
			"await": awaitFile,
			"ready": func(ts *testscript.TestScript, _ bool, args []string) { dialUntilReady(ts, args[0]).Close() },
			"site":  onlySite,

			"schemas": checkSchemasSeen,
		},
	})
}

type engineKey struct{}

func startScripted(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: engine DIR")
	}
	folder, err := lockDataFolder(ts.MkAbs(args[0])) // Otherwise a verb that starts an engine where none runs would do so.
	ts.Check(err)
	ln, err := control.Listen(filepath.Join(folder.path, socketName))
	ts.Check(err)
	eng := scriptedOf(ts)
	eng.publish()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, ln, eng, slog.New(slog.DiscardHandler)) }()
	eng.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				ts.Logf("serve: %v", err)
			}
		case <-time.After(time.Minute): // It may be too late for Fatalf.
			panic("the server of a scripted engine does not return")
		}
		_ = folder.lock.Unlock() // The folder is deleted with the script's.
	})
	ts.Defer(eng.stop)
}

// awaitFile polls the file, since the output of a program in the background cannot be observed otherwise.
func awaitFile(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[1])
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(data) {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			ts.Fatalf("%s has no match of %q: %v\n%s", args[0], args[1], err, data)
		}
	}
}

func scriptedOf(ts *testscript.TestScript) *scripted {
	eng, _ := ts.Value(engineKey{}).(*scripted)
	return eng
}

func checkRequests(ts *testscript.TestScript, _ bool, want []string) {
	if got := scriptedOf(ts).takeRequests(); !slices.Equal(got, want) {
		ts.Fatalf("the engine was asked %q, want %q", got, want)
	}
}

func dialUntilReady(ts *testscript.TestScript, dir string) *control.Client {
	c, err := awaitStart(context.Background(), ts.MkAbs(dir))
	ts.Check(err)
	return c
}

// shortDir returns a folder whose path is short enough for a socket in it.
func shortDir(t *testing.T) string {
	t.Helper()
	return enginetest.ShortDir(t)
}

// awaitStart connects to a program that a test has just started, which may take long on a busy machine.
func awaitStart(ctx context.Context, dir string) (*control.Client, error) {
	policy := dialPolicy{timeout: time.Minute, isStarting: func() bool { return true }}
	return policy.dial(ctx, filepath.Join(dir, socketName))
}

func onlySite(ts *testscript.TestScript, _ bool, args []string) {
	c := dialUntilReady(ts, args[1])
	defer c.Close()
	s, err := snapshot(context.Background(), c)
	ts.Check(err)
	if len(s.Sites) != 1 {
		ts.Fatalf("there are %d sites", len(s.Sites))
	}
	ts.Setenv(args[0], s.Sites[0].Host)
}
