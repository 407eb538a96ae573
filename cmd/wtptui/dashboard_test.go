//go:build !windows

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestDashboardOpensWelcomeSiteAndQuits(t *testing.T) {
	dir := shortDir(t)
	// The browser writes the URL that it gets into a pipe.
	opened := filepath.Join(dir, "visited")
	if err := syscall.Mkfifo(opened, 0o600); err != nil {
		t.Skip(err)
	}
	script := "#!/bin/sh\necho \"$1\" >'" + opened + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "browser"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openScreen(t, dir)
	s.waitForText("Welcome to wtp")
	if !s.inAltScreen() {
		t.Error("the dashboard draws over the shell's screen")
	}
	urls := make(chan string, 1)
	go func() {
		url, err := os.ReadFile(opened)
		if err != nil {
			t.Error(err)
		}
		urls <- string(url)
	}()
	s.press("o")
	url := enginetest.Receive(t, urls, "the browser to be started")
	if !strings.HasPrefix(url, "http://") || !strings.Contains(url, ".localhost:") {
		t.Errorf("the browser was given %q", url)
	}
	s.press("q")
	s.waitForExit(exitDone)
	if _, err := os.Lstat(filepath.Join(dir, socketName)); !os.IsNotExist(err) {
		t.Errorf("the control socket is still there: %v", err)
	}
}

func TestDashboardEndsBySignal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			s := openScreen(t, shortDir(t))
			s.waitForText("Welcome to wtp")
			s.signal(sig)
			s.waitForExit(exitDone)
		})
	}
}

// SIGQUIT makes the runtime end the program as it does for a panic in any goroutine.
func TestDashboardCrash(t *testing.T) {
	dir := shortDir(t)
	s := openScreen(t, dir)
	s.waitForText("Welcome to wtp")
	s.signal(syscall.SIGQUIT)
	s.waitForText("wtptui crashed. The report is in " + dir)
	s.waitForMonitorExit(2) // the runtime's
	reports, err := filepath.Glob(filepath.Join(dir, "crash-*.txt"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("reports %q, %v; want one", reports, err)
	}
	report, err := os.ReadFile(reports[0])
	if err != nil || !strings.Contains(string(report), "goroutine ") {
		t.Errorf("the report has no trace: %q, %v", report, err)
	}
}

func TestDashboardKilled(t *testing.T) {
	s := openScreen(t, shortDir(t))
	s.waitForText("Welcome to wtp")
	s.signal(syscall.SIGKILL)
	s.waitForText("wtptui was killed")
	s.waitFor("the shell's screen", func(string) bool { return len(s.term.ChangedModes()) == 0 })
}

func TestDashboardAttaches(t *testing.T) {
	dir := shortDir(t)
	serve := exec.Command("wtptui", "serve")
	serve.Env = isolatedEnv(dir)
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve.Wait() }()
	defer func() {
		_ = serve.Process.Signal(syscall.SIGTERM)
		if err := enginetest.Receive(t, ended, "serve to end"); err != nil {
			t.Errorf("serve: %v", err)
		}
	}()
	c, err := awaitStart(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	s := openScreen(t, dir)
	s.waitForText("Welcome to wtp")
	if _, err := c.Add(t.Context(), engine.AddRequest{Address: hexHost}); err != nil {
		t.Fatal(err)
	}
	s.waitForText("2 Pinned 1")
	s.waitForText("3 Cached 1")
	s.press("q")
	s.waitForText("exit code 0")

	// The engine goes on without the dashboard.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := snapshot(ctx, c); err != nil {
		t.Errorf("the engine after the dashboard: %v", err)
	}
}
