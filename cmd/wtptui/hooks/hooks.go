package hooks

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"wtptui/cmd/wtptui/command"
	"wtptui/engine"
)

// Event is an event that can run a command, as config.toml names it.
type Event string

// The events.
const (
	Completed  Event = "completed"  // all of a site has been downloaded
	Endangered Event = "endangered" // a site that is kept has had fewer than two copies elsewhere for some minutes
	Changed    Event = "changed"    // a domain or a key points to another version
	Error      Event = "error"      // something is wrong with a site, or with the engine as a whole
)

// Events returns all events.
func Events() []Event { return []Event{Completed, Endangered, Changed, Error} }

// maxQueued bounds the triggers that wait for their command. More are dropped, which is logged.
const maxQueued = 1000

// Config configures a Runner.
type Config struct {
	// Engine is the engine that is watched.
	Engine interface {
		Watch(ctx context.Context) (<-chan engine.Snapshot, error)
		Detail(ctx context.Context, host string) (engine.Detail, error)
	}
	// Dir is the working directory of the commands.
	Dir string
	// Store remembers which sites were reported as endangered, so that they are not reported again after a restart.
	Store Store
	Log   *slog.Logger
}

// Store stores small values over restarts.
type Store interface {
	Setting(name string) ([]byte, error)
	PutSetting(name string, value []byte) error
}

// Commands are the commands to run.
type Commands struct {
	ByEvent map[Event]command.Command
	// Timeout is how long each may take.
	Timeout time.Duration
}

// Runner runs commands. Without commands it does not watch the engine.
type Runner struct {
	cfg      Config
	commands chan Commands
	cancel   context.CancelFunc
	ended    chan struct{}
}

// New returns a Runner without commands. The caller must close it.
func New(cfg Config) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Runner{cfg: cfg, commands: make(chan Commands), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.watch(ctx)
	}()
	return r
}

// SetCommands replaces the commands. One that runs is not interrupted.
func (r *Runner) SetCommands(commands Commands) {
	select {
	case r.commands <- Commands{maps.Clone(commands.ByEvent), commands.Timeout}:
	case <-r.ended:
	}
}

// Close ends the command that runs, and returns when it has ended.
func (r *Runner) Close() {
	r.cancel()
	<-r.ended
}

// watchState is the state of Runner.watch.
type watchState struct {
	commands Commands
	// snapshots is nil while nothing is watched; stop ends the watch.
	snapshots <-chan engine.Snapshot
	stop      context.CancelFunc
	detector  *detector
	// queue has triggers for which there was a command; running reports that a command runs.
	queue   []trigger
	running bool
}

// watch watches the engine, if there are commands, until ctx ends.
func (r *Runner) watch(ctx context.Context) {
	state := &watchState{stop: func() {}}
	defer func() { state.stop() }()
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	done := make(chan struct{}, 1)
	for {
		select {
		case commands := <-r.commands:
			r.applyCommands(ctx, state, commands)
		case s, ok := <-state.snapshots:
			if !ok {
				state.snapshots = nil // The engine is closed.
				break
			}
			r.enqueue(state, state.detector.handleSnapshot(s))
		case at := <-minute.C:
			if state.snapshots != nil {
				r.enqueue(state, state.detector.endangeredTriggers(at))
			}
		case <-done:
			state.running = false
		case <-ctx.Done():
			if state.running {
				<-done
			}
			return
		}
		if !state.running && len(state.queue) > 0 {
			t := state.queue[0]
			state.queue, state.running = state.queue[1:], true
			cmd, timeout := state.commands.ByEvent[t.event], state.commands.Timeout
			go func() {
				r.run(ctx, t, cmd, timeout)
				done <- struct{}{}
			}()
		}
	}
}

// applyCommands replaces the commands, and starts or ends the watch.
func (r *Runner) applyCommands(ctx context.Context, state *watchState, commands Commands) {
	state.commands = commands
	state.queue = slices.DeleteFunc(state.queue, func(t trigger) bool { return commands.ByEvent[t.event].IsZero() })
	switch {
	case len(commands.ByEvent) == 0:
		state.stop()
		state.snapshots, state.detector = nil, nil
	case state.snapshots == nil:
		state.stop()
		watchCtx, stop := context.WithCancel(ctx)
		snapshots, err := r.cfg.Engine.Watch(watchCtx)
		if err != nil {
			stop()
			r.cfg.Log.Error("hooks: nothing can be watched", "error", engine.Message(err))
			return
		}
		state.snapshots, state.stop, state.detector = snapshots, stop, newDetector(r.cfg.Store, r.cfg.Log)
	}
}

// enqueue adds the triggers for which there is a command, up to maxQueued.
func (r *Runner) enqueue(state *watchState, triggers []trigger) {
	for _, t := range triggers {
		switch {
		case state.commands.ByEvent[t.event].IsZero():
		case len(state.queue) >= maxQueued:
			r.cfg.Log.Warn("hooks: too many are waiting, this one is left out", "hook", t.event, "host", t.site.Host)
		default:
			state.queue = append(state.queue, t)
		}
	}
}

// run runs the command for a trigger, and logs its output and how it ended.
func (r *Runner) run(ctx context.Context, t trigger, cmd command.Command, timeout time.Duration) {
	log := r.cfg.Log.With("hook", t.event, "host", t.site.Host)
	output := &lineWriter{emit: func(line string) { log.Info("hooks: it says", "line", line) }}
	start := time.Now()
	err := cmd.Run(ctx, command.Options{Timeout: timeout, Dir: r.cfg.Dir}, r.environ(ctx, t), output)
	output.flush()
	switch {
	case ctx.Err() != nil:
		log.Warn("hooks: ended, as wtptui ends")
	case err != nil:
		log.Error("hooks: failed", "error", engine.Clean(err.Error()))
	default:
		log.Info("hooks: done", "took", time.Since(start).Round(time.Millisecond))
	}
}

// environ returns the variables that tell a command what it is about. All texts are clean, since they come from
// strangers.
func (r *Runner) environ(ctx context.Context, t trigger) []string {
	s, path := t.site, ""
	if s.Mine {
		if d, err := r.cfg.Engine.Detail(ctx, s.Host); err == nil {
			path = d.Published.Dir
		}
	}
	return append(s.Environ(path),
		"WTPTUI_EVENT="+string(t.event), "WTPTUI_TEXT="+t.text, "WTPTUI_PREVIOUS="+t.previous,
		"WTPTUI_COPIES="+strconv.Itoa(s.Copies))
}
