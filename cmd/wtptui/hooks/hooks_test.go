//go:build !windows

package hooks_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/cmd/wtptui/command"
	"wtptui/cmd/wtptui/hooks"
	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// watchedEngine is an engine whose snapshots the test sends.
type watchedEngine struct{ snapshots chan engine.Snapshot }

func (w *watchedEngine) Watch(context.Context) (<-chan engine.Snapshot, error) {
	return w.snapshots, nil
}

func (w *watchedEngine) Detail(context.Context, string) (engine.Detail, error) {
	return engine.Detail{Published: engine.PublishedFrom{Dir: "/srv/site"}}, nil
}

// emptyStore is a Store without values.
type emptyStore struct{}

func (emptyStore) Setting(string) ([]byte, error)  { return nil, nil }
func (emptyStore) PutSetting(string, []byte) error { return nil }

// logBuffer collects log lines, and notifies of each.
type logBuffer struct {
	mu    sync.Mutex
	lines []string
	added chan struct{}
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.lines = append(l.lines, string(p))
	l.mu.Unlock()
	l.added <- struct{}{}
	return len(p), nil
}

// await waits for a line that contains text, and returns it.
func (l *logBuffer) await(t *testing.T, text string) string {
	t.Helper()
	for {
		l.mu.Lock()
		for _, line := range l.lines {
			if strings.Contains(line, text) {
				l.mu.Unlock()
				return line
			}
		}
		l.mu.Unlock()
		enginetest.Receive(t, l.added, fmt.Sprintf("%q to be logged", text))
	}
}

func startRunner(t *testing.T) (*watchedEngine, *hooks.Runner, *logBuffer) {
	t.Helper()
	w, log := &watchedEngine{snapshots: make(chan engine.Snapshot)}, &logBuffer{added: make(chan struct{}, 10_000)}
	handler := slog.NewTextHandler(log, nil)
	r := hooks.New(hooks.Config{Engine: w, Dir: t.TempDir(), Store: emptyStore{}, Log: slog.New(handler)})
	t.Cleanup(r.Close)
	return w, r, log
}

// snapshotWith returns a snapshot with events of a site that was published here.
func snapshotWith(events ...engine.Event) engine.Snapshot {
	return engine.Snapshot{Events: events, Sites: []engine.Site{{
		Host: "a.example", URL: "wtp://a.example/", LocalURL: "http://a.example.localhost:1/",
		Title: "$(touch evil)", Mine: true,
		Infohash: strings.Repeat("a", 40), Labels: []string{"x", "y"}, Copies: 3,
	}}}
}

func completed() engine.Event {
	return engine.Event{Kind: engine.Completed, Level: engine.Info, Host: "a.example", Text: "all is here"}
}

func problem(text string) engine.Event {
	return engine.Event{Kind: engine.Noticed, Level: engine.Problem, Host: "a.example", Text: text}
}

func TestRunnerRunsCommandsAndLogsOutput(t *testing.T) {
	t.Parallel()
	w, r, log := startRunner(t)
	dir := t.TempDir()
	const script = `env | grep ^WTPTUI_ | grep -v ^WTPTUI_E2E | sort >environ; printf 'one\n\033[31mtwo' >&2`
	r.SetCommands(hooks.Commands{Timeout: time.Minute, ByEvent: map[hooks.Event]command.Command{
		hooks.Completed: {Shell: `cd '` + dir + `'; ` + script},
		hooks.Error:     {Shell: "exit 7"},
	}})
	w.snapshots <- snapshotWith(completed()) // Its events are from before.
	w.snapshots <- snapshotWith(problem("broken"), completed())
	failure := log.await(t, "hooks: failed")
	for _, part := range []string{"level=ERROR", "exit status 7", "hook=error host=a.example"} {
		if !strings.Contains(failure, part) {
			t.Errorf("%s\nlacks %s", failure, part)
		}
	}
	log.await(t, "hook=completed host=a.example took=")
	log.await(t, "line=one\n")
	if line := log.await(t, "two"); strings.Contains(line, "x1b") {
		t.Errorf("a terminal's codes come into the log: %s", line)
	}
	got, err := os.ReadFile(filepath.Join(dir, "environ"))
	want := "WTPTUI_COPIES=3\nWTPTUI_EVENT=completed\nWTPTUI_HOST=a.example\nWTPTUI_INFOHASH=" + strings.Repeat("a", 40) +
		"\nWTPTUI_LABELS=x y\nWTPTUI_LOCAL_URL=http://a.example.localhost:1/\nWTPTUI_MACHINE=\nWTPTUI_PATH=/srv/site\n" +
		"WTPTUI_PREVIOUS=\nWTPTUI_TEXT=all is here\nWTPTUI_TITLE=$(touch evil)\nWTPTUI_URL=wtp://a.example/\n"
	if err != nil || string(got) != want {
		t.Errorf("%v, got\n%swant\n%s", err, got, want)
	}
}

// A command that hangs is killed after its timeout, then those in the queue run. The engine never waits for it.
func TestRunnerKillsAfterTimeoutAndOnClose(t *testing.T) {
	t.Parallel()
	w, r, log := startRunner(t)
	dir := t.TempDir()
	record := `echo "$WTPTUI_TEXT" >>'` + dir + `/ran'; `
	r.SetCommands(hooks.Commands{Timeout: 3 * time.Second, ByEvent: map[hooks.Event]command.Command{
		hooks.Error: {Shell: record + `[ "$WTPTUI_TEXT" = quick ] || { echo hangs; sleep 1000; }`},
	}})
	w.snapshots <- snapshotWith()
	w.snapshots <- snapshotWith(problem("first"), problem("quick"))
	log.await(t, "line=hangs")
	for range 100 {
		w.snapshots <- snapshotWith()
	}
	log.await(t, "did not end within 3s, and was ended")
	log.await(t, "hooks: done")
	if got, _ := os.ReadFile(filepath.Join(dir, "ran")); string(got) != "first\nquick\n" {
		t.Errorf("ran %q", got)
	}

	// Close does not wait for a command that hangs.
	pipe := filepath.Join(dir, "held")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	r.SetCommands(hooks.Commands{Timeout: time.Hour, ByEvent: map[hooks.Event]command.Command{
		hooks.Error: {Shell: `exec 3>'` + pipe + `'; sleep 1000`},
	}})
	w.snapshots <- snapshotWith(problem("held")) // The watch has continued.
	f, err := os.Open(pipe)                      // It blocks until the command opens the other end.
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r.Close()
	log.await(t, "hooks: ended, as wtptui ends")
	if n, err := f.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("read %d, %v from a pipe that nobody holds any more", n, err)
	}
	r.SetCommands(hooks.Commands{}) // After Close it does nothing.
}

// When the engine closes, the command that runs is finished first.
func TestRunnerFinishesWhenTheEngineCloses(t *testing.T) {
	t.Parallel()
	w, r, log := startRunner(t)
	r.SetCommands(hooks.Commands{Timeout: time.Minute, ByEvent: map[hooks.Event]command.Command{
		hooks.Completed: {Argv: []string{"echo", "last"}},
	}})
	w.snapshots <- snapshotWith()
	w.snapshots <- snapshotWith(completed())
	close(w.snapshots)
	log.await(t, "line=last")
	log.await(t, "hooks: done")
}

// The output that is logged is bounded.
func TestRunnerBoundsLoggedOutput(t *testing.T) {
	t.Parallel()
	w, r, log := startRunner(t)
	r.SetCommands(hooks.Commands{Timeout: time.Minute, ByEvent: map[hooks.Event]command.Command{
		hooks.Completed: {Shell: `printf '%05000d\n' 7; i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done`},
	}})
	w.snapshots <- snapshotWith()
	w.snapshots <- snapshotWith(completed())
	log.await(t, "hooks: done")
	log.mu.Lock()
	defer log.mu.Unlock()
	n := len(log.lines)
	if n != 202 || len(log.lines[0]) > 1200 || !strings.Contains(log.lines[200], "more than 200 lines") {
		t.Errorf("%d lines, the first of %d bytes, the last but one %q", n, len(log.lines[0]), log.lines[n-2])
	}
}
