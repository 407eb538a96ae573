package hooks

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"sync"
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

// Runner runs commands. It is idle as long as there are none.
type Runner struct {
	cfg Config

	mu       sync.Mutex
	commands Commands
	cancel   context.CancelFunc // ends what runs; nil if nothing does
	running  sync.WaitGroup
}

// New makes a Runner without commands.
func New(cfg Config) *Runner { return &Runner{cfg: cfg} }

// Set makes these the commands from now on. If they are others than before, one that runs is ended.
func (r *Runner) Set(commands Commands) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if reflect.DeepEqual(commands, r.commands) {
		return
	}
	r.stop()
	commands.For = maps.Clone(commands.For)
	r.commands = commands
	if len(commands.For) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.running.Go(func() { r.follow(ctx, commands) })
}

// Close ends the command that runs, and returns when it has ended.
func (r *Runner) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop()
}

// stop is called with mu held.
func (r *Runner) stop() {
	if r.cancel != nil {
		r.cancel()
		r.running.Wait()
		r.cancel = nil
	}
}

// follow watches the engine until ctx ends or the engine closes.
func (r *Runner) follow(ctx context.Context, commands Commands) {
	snapshots, err := r.cfg.Engine.Watch(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.cfg.Log.Error("hooks: nothing can be watched", "error", engine.Message(err))
		}
		return
	}
	watched := newWatched(r.cfg.Memory, r.cfg.Log)
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	var waiting []occasion
	done := make(chan struct{}, 1)
	busy := false
	for {
		var now []occasion
		select {
		case s, ok := <-snapshots:
			if !ok {
				snapshots = nil
				if !busy {
					return
				}
				continue
			}
			now = watched.see(s)
		case at := <-minute.C:
			now = watched.steady(at)
		case <-done:
			busy = false
		case <-ctx.Done():
			if busy {
				<-done
			}
			return
		}
		waiting = append(waiting, r.wanted(now, commands, mostWaiting-len(waiting))...)
		if !busy && len(waiting) > 0 {
			o := waiting[0]
			waiting = waiting[1:]
			busy = true
			r.running.Go(func() {
				r.run(ctx, o, commands)
				done <- struct{}{}
			})
		}
		if snapshots == nil && !busy {
			return
		}
	}
}

// wanted are those occasions for which there is a command, at most so many.
func (r *Runner) wanted(all []occasion, commands Commands, most int) (wanted []occasion) {
	for _, o := range all {
		if commands.For[o.event].IsZero() {
			continue
		}
		if len(wanted) >= most {
			r.cfg.Log.Warn("hooks: too many are waiting, this one is left out", "hook", o.event, "host", o.site.Host)
			continue
		}
		wanted = append(wanted, o)
	}
	return wanted
}

// run runs the command for an occasion, and logs what it says and how it ends.
func (r *Runner) run(ctx context.Context, o occasion, commands Commands) {
	log := r.cfg.Log.With("hook", o.event, "host", o.site.Host)
	said := &lines{say: func(line string) { log.Info("hooks: it says", "line", line) }}
	start := time.Now()
	err := commands.For[o.event].Run(ctx, commands.Limit, r.environ(ctx, o), said)
	said.end()
	switch {
	case ctx.Err() != nil:
		log.Warn("hooks: ended, as wtptui ends or has other hooks")
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
	return []string{
		"WTPTUI_EVENT=" + string(o.event), "WTPTUI_TEXT=" + o.text, "WTPTUI_PREVIOUS=" + o.previous,
		"WTPTUI_HOST=" + s.Host, "WTPTUI_INFOHASH=" + s.Infohash, "WTPTUI_URL=" + s.URL, "WTPTUI_LOCAL_URL=" + s.LocalURL,
		"WTPTUI_TITLE=" + s.Title, "WTPTUI_LABELS=" + strings.Join(s.Labels, " "), "WTPTUI_PATH=" + path,
		fmt.Sprintf("WTPTUI_COPIES=%d", s.Copies),
	}
}
