package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/header"
	"wtptui/ui/publish"
)

// watcher is a window that goes on living: it is given each snapshot.
type watcher interface {
	Watch(snap engine.Snapshot) tea.Cmd
}

// publishing opens the window in which a folder is published, and does what that wants.
type publishing struct {
	conn      *connection
	screen    *screen
	clipboard *clipboard
	browser   *browser
}

// ask opens the window in which a folder is published. The domain of a selected site that was published here is
// offered, since a new version of it is what is most likely meant.
func (pu *publishing) ask(dir string) {
	if !pu.conn.running() || pu.conn.engine == nil {
		pu.screen.toast.Show(engine.Warning, map[bool]string{true: "The engine has stopped", false: "The engine is still starting"}[pu.conn.phase == header.Lost])
		return
	}
	domain := ""
	if s, ok := pu.screen.target(); ok && s.Mine && !engine.IsInfohash(s.Host) {
		domain = s.Host
	}
	stop := func() {}
	pu.screen.window = publish.New(pu.screen.theme, dir, domain, publish.Do{
		Publish: func(job int, req engine.PublishRequest) tea.Cmd {
			ctx, cancel := context.WithCancel(pu.conn.ctx)
			stop = cancel
			return pu.run(ctx, cancel, job, req)
		},
		Stop: func() { stop() },
		Resolve: func(job int, host string) tea.Cmd {
			ctx, e := pu.conn.ctx, pu.conn.engine
			return guarded(func() tea.Msg {
				name, err := e.Resolve(ctx, host)
				return publish.Named{Job: job, Name: name, Err: err}
			})
		},
		Probe: func(job int, host string) tea.Cmd {
			ctx, e := pu.conn.ctx, pu.conn.engine
			return guarded(func() tea.Msg {
				reach, err := e.Probe(ctx, host)
				return publish.Probed{Job: job, Reach: reach, Err: err}
			})
		},
		Published: pu.screen.list.Reveal,
		Copy:      pu.clipboard.copy,
		Open:      pu.browser.open,
		Forward:   pu.browser.sshForward,
	})
	if snap := pu.conn.snap; snap.Seq > 0 {
		pu.screen.watchWindow(snap)
	}
}

// run publishes a folder, or only looks at it, and reports how far it is: a slow screen skips steps and never
// slows the engine.
func (pu *publishing) run(ctx context.Context, cancel context.CancelFunc, job int, req engine.PublishRequest) tea.Cmd {
	e := pu.conn.engine
	steps := make(chan engine.PublishProgress, 1)
	work := guarded(func() tea.Msg {
		defer close(steps)
		defer cancel()
		dir, err := publish.Absolute(req.Dir)
		if err != nil {
			return publish.Done{Job: job, Err: err}
		}
		req.Dir = dir
		p, err := e.Publish(ctx, req, func(now engine.PublishProgress) {
			select { // The newest one counts, and nobody else puts any in.
			case <-steps:
			default:
			}
			steps <- now
		})
		return publish.Done{Job: job, Publication: p, Err: err}
	})
	return tea.Batch(work, progressCmd(job, steps))
}

// progressCmd waits for the next step, until there are no more.
func progressCmd(job int, steps <-chan engine.PublishProgress) tea.Cmd {
	return guarded(func() tea.Msg {
		now, ok := <-steps
		if !ok {
			return nil
		}
		return publish.Progress{Job: job, Now: now, Next: progressCmd(job, steps)}
	})
}
