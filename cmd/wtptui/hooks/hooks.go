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

// Event is what a command is run for, as config.toml names it.
type Event string

// The events.
const (
	Completed  Event = "completed"  // all of a site has arrived
	Endangered Event = "endangered" // a site that is kept has had fewer than two copies elsewhere for a while
	Changed    Event = "changed"    // what a domain or a key names is another version
	Error      Event = "error"      // something is wrong with a site, or with the engine as a whole
)

// Events are all of them.
func Events() []Event { return []Event{Completed, Endangered, Changed, Error} }

// mostWaiting is how many occasions wait for their command at most; more are left out, and that is logged.
const mostWaiting = 1000

// Config says what a Runner works with.
type Config struct {
	// Engine is watched.
	Engine interface {
		Watch(ctx context.Context) (<-chan engine.Snapshot, error)
		Detail(ctx context.Context, host string) (engine.Detail, error)
	}
	// Dir is the folder in which commands run.
	Dir string
	// Memory keeps which sites were said to be endangered, so that a new start does not say it again.
	Memory Memory
	Log    *slog.Logger
}

// Memory keeps small values over restarts.
type Memory interface {
	Setting(name string) ([]byte, error)
	PutSetting(name string, value []byte) error
}

// Commands are what is to be run.
type Commands struct {
	For map[Event]command.Command
	// Limit is how long each may take.
	Limit time.Duration
}

// Runner runs commands. Without any it watches nothing.
type Runner struct {
	cfg    Config
	set    chan Commands
	cancel context.CancelFunc
	ended  chan struct{}
}

// New makes a Runner without commands. Close it.
func New(cfg Config) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	r := &Runner{cfg: cfg, set: make(chan Commands), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.follow(ctx)
	}()
	return r
}

// Set makes these the commands from now on. One that runs goes on.
func (r *Runner) Set(commands Commands) {
	select {
	case r.set <- Commands{maps.Clone(commands.For), commands.Limit}:
	case <-r.ended:
	}
}

// Close ends the command that runs, and returns when it has ended.
func (r *Runner) Close() {
	r.cancel()
	<-r.ended
}

// following is what follow knows.
type following struct {
	commands Commands
	// snapshots are those of the watch that stop ends; it is nil without one.
	snapshots <-chan engine.Snapshot
	stop      context.CancelFunc
	watched   *watched
	// waiting are occasions for which there was a command, busy says that one runs.
	waiting []occasion
	busy    bool
}

// follow watches the engine, if there are commands, until ctx ends.
func (r *Runner) follow(ctx context.Context) {
	f := &following{stop: func() {}}
	defer func() { f.stop() }()
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	done := make(chan struct{}, 1)
	for {
		select {
		case commands := <-r.set:
			r.take(ctx, f, commands)
		case s, ok := <-f.snapshots:
			if !ok {
				f.snapshots = nil // The engine is closed.
				break
			}
			r.queue(f, f.watched.see(s))
		case at := <-minute.C:
			if f.snapshots != nil {
				r.queue(f, f.watched.steady(at))
			}
		case <-done:
			f.busy = false
		case <-ctx.Done():
			if f.busy {
				<-done
			}
			return
		}
		if !f.busy && len(f.waiting) > 0 {
			o := f.waiting[0]
			f.waiting, f.busy = f.waiting[1:], true
			run, limit := f.commands.For[o.event], f.commands.Limit
			go func() {
				r.run(ctx, o, run, limit)
				done <- struct{}{}
			}()
		}
	}
}

// take makes these the commands, and begins or ends the watch.
func (r *Runner) take(ctx context.Context, f *following, commands Commands) {
	f.commands = commands
	f.waiting = slices.DeleteFunc(f.waiting, func(o occasion) bool { return commands.For[o.event].IsZero() })
	switch {
	case len(commands.For) == 0:
		f.stop()
		f.snapshots, f.watched = nil, nil
	case f.snapshots == nil:
		f.stop()
		watching, stop := context.WithCancel(ctx)
		snapshots, err := r.cfg.Engine.Watch(watching)
		if err != nil {
			stop()
			r.cfg.Log.Error("hooks: nothing can be watched", "error", engine.Message(err))
			return
		}
		f.snapshots, f.stop, f.watched = snapshots, stop, newWatched(r.cfg.Memory, r.cfg.Log)
	}
}

// queue has those occasions wait for which there is a command, as far as there is room.
func (r *Runner) queue(f *following, all []occasion) {
	for _, o := range all {
		switch {
		case f.commands.For[o.event].IsZero():
		case len(f.waiting) >= mostWaiting:
			r.cfg.Log.Warn("hooks: too many are waiting, this one is left out", "hook", o.event, "host", o.site.Host)
		default:
			f.waiting = append(f.waiting, o)
		}
	}
}

// run runs the command for an occasion, and logs what it says and how it ends.
func (r *Runner) run(ctx context.Context, o occasion, run command.Command, limit time.Duration) {
	log := r.cfg.Log.With("hook", o.event, "host", o.site.Host)
	said := &lines{say: func(line string) { log.Info("hooks: it says", "line", line) }}
	start := time.Now()
	err := run.Run(ctx, command.Options{Timeout: limit, Dir: r.cfg.Dir}, r.environ(ctx, o), said)
	said.end()
	switch {
	case ctx.Err() != nil:
		log.Warn("hooks: ended, as wtptui ends")
	case err != nil:
		log.Error("hooks: failed", "error", engine.Clean(err.Error()))
	default:
		log.Info("hooks: done", "took", time.Since(start).Round(time.Millisecond))
	}
}

// environ tells a command what it is about. All texts are clean, since they come from strangers.
func (r *Runner) environ(ctx context.Context, o occasion) []string {
	s, path := o.site, ""
	if s.Mine {
		if d, err := r.cfg.Engine.Detail(ctx, s.Host); err == nil {
			path = d.Published.Dir
		}
	}
	return append(s.Environ(path),
		"WTPTUI_EVENT="+string(o.event), "WTPTUI_TEXT="+o.text, "WTPTUI_PREVIOUS="+o.previous,
		"WTPTUI_COPIES="+strconv.Itoa(s.Copies))
}
