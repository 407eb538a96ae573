//go:build unix

package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// terminal is a pseudo-terminal with a dashboard in it; its output is read.
type terminal struct {
	t        *testing.T
	ptm, pts *os.File
	before   *term.State

	mu     sync.Mutex
	out    strings.Builder
	more   chan struct{}
	result chan error
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	ptm, pts, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() { ptm.Close(); pts.Close() })
	if err := pty.Setsize(ptm, &pty.Winsize{Rows: 36, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(pts.Fd())
	if err != nil {
		t.Fatal(err)
	}
	tt := &terminal{t: t, ptm: ptm, pts: pts, before: before, more: make(chan struct{}, 1), result: make(chan error, 1)}
	go tt.read()
	return tt
}

func (tt *terminal) read() {
	buf := make([]byte, 1<<14)
	for {
		n, err := tt.ptm.Read(buf)
		tt.mu.Lock()
		tt.out.Write(buf[:n])
		tt.mu.Unlock()
		select {
		case tt.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (tt *terminal) output() string {
	tt.mu.Lock()
	defer tt.mu.Unlock()
	return tt.out.String()
}

// waitFor waits until text has been written.
func (tt *terminal) waitFor(text string) {
	tt.t.Helper()
	limit := time.After(60 * time.Second)
	for !strings.Contains(tt.output(), text) {
		select {
		case <-tt.more:
		case <-limit:
			tt.t.Fatalf("%q never came: %q", text, tt.output())
		}
	}
}

func (tt *terminal) run(ctx context.Context, cfg Config) {
	cfg.Input, cfg.Output = tt.pts, tt.pts
	cfg.Environ = []string{"TERM=xterm-256color"}
	go func() { tt.result <- Run(ctx, cfg) }()
}

func (tt *terminal) send(s string) {
	if _, err := io.WriteString(tt.ptm, s); err != nil {
		tt.t.Error(err)
	}
}

func (tt *terminal) wait() error {
	tt.t.Helper()
	select {
	case err := <-tt.result:
		return err
	case <-time.After(60 * time.Second):
		tt.t.Fatal("Run does not return")
		return nil
	}
}

var privateMode = regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`)

// mustBeRestored checks that the terminal is as it was.
func (tt *terminal) mustBeRestored() {
	tt.t.Helper()
	after, err := term.GetState(tt.pts.Fd())
	if err != nil {
		tt.t.Fatal(err)
	}
	if !reflect.DeepEqual(tt.before, after) {
		tt.t.Error("the terminal's line discipline is not what it was")
	}
	// What Run wrote last may still be on its way through the terminal.
	tt.waitFor("\x1b[?1049l")
	tt.waitFor("\x1b[?25h")
	on := map[string]bool{}
	for _, m := range privateMode.FindAllStringSubmatch(tt.output(), -1) {
		for mode := range strings.SplitSeq(m[1], ";") {
			on[mode] = m[2] == "h"
		}
	}
	for _, mode := range []string{"1049", "2004", "1000", "1002", "1003", "1004", "1006"} {
		if on[mode] {
			tt.t.Errorf("mode %s is still on", mode)
		}
	}
	if !on["25"] {
		tt.t.Error("the cursor is hidden")
	}
}

func demo(t *testing.T) func(context.Context) (engine.Engine, error) {
	e := fake.New(fake.Options{Scripts: fake.Demo()})
	t.Cleanup(func() { _ = e.Close() })
	return func(context.Context) (engine.Engine, error) { return e, nil }
}

func TestRunUntilQuit(t *testing.T) {
	tt := openTerminal(t)
	tt.run(t.Context(), Config{Start: demo(t)})
	tt.waitFor("docs.example")
	tt.send("q")
	if err := tt.wait(); err != nil {
		t.Error(err)
	}
	tt.mustBeRestored()
}

func TestRunUntilItsContextEnds(t *testing.T) {
	tt := openTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	tt.run(ctx, Config{Start: demo(t)})
	tt.waitFor("docs.example")
	cancel()
	if err := tt.wait(); err != nil {
		t.Error(err)
	}
	tt.mustBeRestored()
}

// The first frame is drawn before the engine runs, and a person who quits early leaves no engine behind that is still
// starting.
func TestFirstFrameComesBeforeTheEngine(t *testing.T) {
	tt := openTerminal(t)
	gaveUp := false
	tt.run(t.Context(), Config{Start: func(ctx context.Context) (engine.Engine, error) {
		<-ctx.Done()
		gaveUp = true
		return nil, ctx.Err()
	}})
	tt.waitFor("Starting the engine")
	tt.send("q")
	if err := tt.wait(); err != nil {
		t.Error(err)
	}
	if !gaveUp {
		t.Error("Run returned before Start did")
	}
	tt.mustBeRestored()
}

func TestStartErrorIsShownAndReturned(t *testing.T) {
	tt := openTerminal(t)
	tt.run(t.Context(), Config{Start: func(context.Context) (engine.Engine, error) { return nil, errTaken }})
	tt.waitFor("another wtptui uses this data folder")
	tt.send("q")
	if err := tt.wait(); !errors.Is(err, errTaken) {
		t.Errorf("Run gave %v", err)
	}
	tt.mustBeRestored()
}

// panickingError is an error that cannot be printed.
type panickingError struct{}

func (panickingError) Error() string { panic("boom") }

func TestPanicsGiveTheTerminalBack(t *testing.T) {
	for name, cfg := range map[string]Config{
		"in a command": {OpenURL: func(string, string) error { panic("boom") }},
		"in Update":    {OpenURL: func(string, string) error { return panickingError{} }},
		"in View":      {},
	} {
		t.Run(name, func(t *testing.T) {
			tt := openTerminal(t)
			drawn := make(chan struct{})
			cfg.Start = demo(t)
			if name == "in View" {
				cfg.Start = func(context.Context) (engine.Engine, error) {
					<-drawn
					return nil, panickingError{}
				}
			}
			tt.run(t.Context(), cfg)
			if name == "in View" {
				tt.waitFor("Starting the engine")
				close(drawn)
			} else {
				tt.waitFor("docs.example")
				tt.send("o")
			}
			var crash *Crash
			if err := tt.wait(); !errors.As(err, &crash) || crash.Value != "boom" ||
				!bytes.Contains(crash.Stack, []byte("run_test.go")) {
				t.Errorf("Run gave %v", err)
			}
			tt.mustBeRestored()
		})
	}
}

func TestBracketedPaste(t *testing.T) {
	tt := openTerminal(t)
	tt.run(t.Context(), Config{Start: demo(t)})
	tt.waitFor("docs.example")
	tt.send("\x1b[200~wtp://pasted.example/\x1b[201~")
	tt.waitFor("Add a site")
	tt.send("\r")
	tt.waitFor("Added pasted.example")
	tt.send("\x03")
	if err := tt.wait(); err != nil {
		t.Error(err)
	}
	tt.mustBeRestored()
}

// This terminal answers no query and has no name: the first frame does not wait for it.
func TestTerminalThatAnswersNothing(t *testing.T) {
	tt := openTerminal(t)
	cfg := Config{Start: demo(t), Input: tt.pts, Output: tt.pts, Environ: []string{"TERM=no-such-terminal"}}
	go func() { tt.result <- Run(t.Context(), cfg) }()
	tt.waitFor("docs.example")
	if strings.Contains(tt.output(), "\x1b]2;") {
		t.Error("a terminal that nobody knows is given a title")
	}
	if err := pty.Setsize(tt.ptm, &pty.Winsize{Rows: 1, Cols: 1}); err != nil {
		t.Fatal(err)
	}
	tt.send("q")
	if err := tt.wait(); err != nil {
		t.Error(err)
	}
	tt.mustBeRestored()
}

// Focus, suspension and paste go through the terminal's own sequences.
func TestFocusThroughTheTerminal(t *testing.T) {
	tt := openTerminal(t)
	tt.run(t.Context(), Config{Start: demo(t)})
	tt.waitFor("docs.example")
	tt.waitFor("\x1b[?1004h")
	tt.send("\x1b[O")
	tt.waitFor("no focus, paused")
	tt.send("\x1b[I!")
	tt.waitFor("What has happened")
	tt.send("\x03")
	if err := tt.wait(); err != nil {
		t.Error(err)
	}
	tt.mustBeRestored()
}
