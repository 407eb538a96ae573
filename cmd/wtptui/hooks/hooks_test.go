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

// watchable is an engine whose snapshots a test makes.
type watchable struct{ snapshots chan engine.Snapshot }

func (w *watchable) Watch(context.Context) (<-chan engine.Snapshot, error) { return w.snapshots, nil }

func (w *watchable) Detail(context.Context, string) (engine.Detail, error) {
	return engine.Detail{Published: engine.PublishedFrom{Dir: "/srv/site"}}, nil
}

// none is a memory that has nothing.
type none struct{}

func (none) Setting(string) ([]byte, error)  { return nil, nil }
func (none) PutSetting(string, []byte) error { return nil }

// logged collects what is logged, and has each line told.
type logged struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.lines = append(l.lines, string(p))
	l.mu.Unlock()
	l.more <- struct{}{}
	return len(p), nil
}

// await returns the first line with a text in it, when it is there.
func (l *logged) await(t *testing.T, text string) string {
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
		enginetest.Receive(t, l.more, fmt.Sprintf("%q to be logged", text))
	}
}

func started(t *testing.T) (*watchable, *hooks.Runner, *logged) {
	t.Helper()
	w, log := &watchable{snapshots: make(chan engine.Snapshot)}, &logged{more: make(chan struct{}, 10_000)}
	handler := slog.NewTextHandler(log, nil)
	r := hooks.New(hooks.Config{Engine: w, Dir: t.TempDir(), Memory: none{}, Log: slog.New(handler)})
	t.Cleanup(r.Close)
	return w, r, log
}

// happens is a snapshot with events of a site that was published here.
func happens(events ...engine.Event) engine.Snapshot {
	return engine.Snapshot{Events: events, Sites: []engine.Site{{
		Host: "a.example", URL: "wtp://a.example/", LocalURL: "http://a.example.localhost:1/", Title: "$(touch evil)", Mine: true,
		Infohash: strings.Repeat("a", 40), Labels: []string{"x", "y"}, Copies: 3,
	}}}
}

func completed() engine.Event {
	return engine.Event{Kind: engine.Completed, Level: engine.Info, Host: "a.example", Text: "all is here"}
}

func problem(text string) engine.Event {
	return engine.Event{Kind: engine.Noticed, Level: engine.Problem, Host: "a.example", Text: text}
}

func TestRunner(t *testing.T) {
	t.Parallel()
	w, r, log := started(t)
	dir := t.TempDir()
	r.Set(hooks.Commands{Limit: time.Minute, For: map[hooks.Event]command.Command{
		hooks.Completed: {Shell: `cd '` + dir + `'; env | grep ^WTPTUI_ | grep -v ^WTPTUI_E2E | sort >environ; printf 'one\n\033[31mtwo' >&2`},
		hooks.Error:     {Shell: "exit 7"},
	}})
	w.snapshots <- happens(completed()) // From before.
	w.snapshots <- happens(problem("broken"), completed())
	if line := log.await(t, "hooks: failed"); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "exit status 7") ||
		!strings.Contains(line, "hook=error host=a.example") {
		t.Error(line)
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

// One that hangs is killed after its time, and those that wait come then. Meanwhile the engine is not kept waiting.
func TestRunnerEndsWhatHangs(t *testing.T) {
	t.Parallel()
	w, r, log := started(t)
	dir := t.TempDir()
	commands := func(limit time.Duration) hooks.Commands {
		return hooks.Commands{Limit: limit, For: map[hooks.Event]command.Command{
			hooks.Error: {Shell: `echo "$WTPTUI_TEXT" >>'` + dir + `/ran'; [ "$WTPTUI_TEXT" = quick ] || { echo hangs; sleep 1000; }`},
		}}
	}
	r.Set(commands(3 * time.Second))
	w.snapshots <- happens()
	w.snapshots <- happens(problem("first"), problem("quick"))
	log.await(t, "line=hangs")
	for range 100 {
		w.snapshots <- happens()
	}
	log.await(t, "did not end within 3s, and was ended")
	log.await(t, "hooks: done")
	if got, _ := os.ReadFile(filepath.Join(dir, "ran")); string(got) != "first\nquick\n" {
		t.Errorf("ran %q", got)
	}

	// The end does not wait for one that hangs.
	held := filepath.Join(dir, "held")
	if err := syscall.Mkfifo(held, 0o600); err != nil {
		t.Fatal(err)
	}
	r.Set(hooks.Commands{Limit: time.Hour, For: map[hooks.Event]command.Command{
		hooks.Error: {Shell: `exec 3>'` + held + `'; sleep 1000`},
	}})
	w.snapshots <- happens(problem("held")) // The watch has gone on.
	f, err := os.Open(held)                 // It waits for the other end.
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r.Close()
	log.await(t, "hooks: ended, as wtptui ends")
	if n, err := f.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("read %d, %v from a pipe that nobody holds any more", n, err)
	}
	r.Set(hooks.Commands{}) // Nobody is there any more.
}

// An engine that closes ends its hooks, after the one that runs.
func TestRunnerEndsWithTheEngine(t *testing.T) {
	t.Parallel()
	w, r, log := started(t)
	r.Set(hooks.Commands{Limit: time.Minute, For: map[hooks.Event]command.Command{hooks.Completed: {Argv: []string{"echo", "last"}}}})
	w.snapshots <- happens()
	w.snapshots <- happens(completed())
	close(w.snapshots)
	log.await(t, "line=last")
	log.await(t, "hooks: done")
}

// Much that is said is cut.
func TestRunnerBoundsWhatIsSaid(t *testing.T) {
	t.Parallel()
	w, r, log := started(t)
	r.Set(hooks.Commands{Limit: time.Minute, For: map[hooks.Event]command.Command{
		hooks.Completed: {Shell: `printf '%05000d\n' 7; i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done`},
	}})
	w.snapshots <- happens()
	w.snapshots <- happens(completed())
	log.await(t, "hooks: done")
	log.mu.Lock()
	defer log.mu.Unlock()
	if n := len(log.lines); n != 202 || len(log.lines[0]) > 1200 || !strings.Contains(log.lines[200], "more than 200 lines") {
		t.Errorf("%d lines, the first of %d bytes, the last but one %q", n, len(log.lines[0]), log.lines[n-2])
	}
}
