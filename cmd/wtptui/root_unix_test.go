//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// The first signal cancels the context of a verb. A verb that does not end then is ended by the second one.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	const variable = "SECOND_SIGNAL_TEST"
	if os.Getenv(variable) != "" {
		runDeafVerb(t)
		return
	}
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), variable+"=yes")
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	readWord := func(want string) {
		t.Helper()
		var got string
		if _, err := fmt.Fscanln(stdout, &got); err != nil || got != want {
			t.Fatalf("the verb says %q, %v, want %q", got, err, want)
		}
	}
	signal := func() {
		t.Helper()
		if err := child.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	readWord("started")
	signal()
	readWord("cancelled")
	ended := make(chan struct{})
	go func() { defer close(ended); _ = child.Wait() }()
	again := time.NewTicker(20 * time.Millisecond) // One that comes too early counts as one with the first.
	defer again.Stop()
	for {
		select {
		case <-again.C:
			signal()
		case <-ended:
			status, ok := child.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM {
				t.Errorf("it ended with %v, want SIGTERM", child.ProcessState)
			}
			return
		}
	}
}

// runDeafVerb is a verb that says when its context is cancelled, and goes on.
func runDeafVerb(t *testing.T) {
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	endOnSignal(cmd)
	fmt.Println("started")
	<-cmd.Context().Done()
	fmt.Println("cancelled")
	<-time.After(time.Minute)
}
