//go:build !windows

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a command is about is in its environment and never read as code.
func TestOwnCommandsGetTheirSiteInTheEnvironment(t *testing.T) {
	evil := "$(touch " + filepath.Join(t.TempDir(), "ran") + ")`id`"
	for _, cmd := range []ownCommand{
		{name: "shell", shell: `printf %s "$WTPTUI_TITLE"`},
		{name: "list", argv: []string{"printenv", "WTPTUI_TITLE"}},
	} {
		out, err := cmd.process(t.Context(), []string{"WTPTUI_TITLE=" + evil}).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != evil {
			t.Errorf("%s: %q, %v", cmd.name, got, err)
		}
	}
	out, err := (ownCommand{argv: []string{"echo", "$WTPTUI_TITLE"}}).process(t.Context(), nil).Output()
	if err != nil || string(out) != "$WTPTUI_TITLE\n" {
		t.Errorf("a list is read by a shell: %q, %v", out, err)
	}
}

// A command that is ended takes along what it has started.
func TestOwnCommandsEndWhole(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	// The inner shell holds the pipe's other end open for as long as it lives.
	cmd := ownCommand{shell: `sh -c 'echo up; exec sleep 1000' >"$FIFO" & wait`}.process(ctx, []string{"FIFO=" + fifo})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, 16)
	if n, err := f.Read(buf); err != nil || string(buf[:n]) != "up\n" {
		t.Fatalf("%q, %v", buf[:n], err)
	}
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("it ended by itself")
	}
	ended := make(chan error, 1)
	go func() { _, err := f.Read(buf); ended <- err }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("what it had started has more to say")
		}
	case <-time.After(10 * time.Second):
		t.Error("what it had started goes on")
	}
}
