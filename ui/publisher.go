package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/publish"
)

// publisher opens the window in which a folder is published, and carries out its commands.
type publisher struct {
	conn        *connection
	screen      *screen
	clipboard   *clipboard
	browser     *browser
	machineMenu *machineMenu
}

// openWindow opens the window in which a folder is published. The domain of a selected site that was published here is
// filled in, and without a dir its folder as well, since a new version of it is most likely meant.
func (pu *publisher) openWindow(dir string) tea.Cmd {
	if !pu.conn.running() || pu.conn.engine == nil {
		pu.screen.toast.Show(engine.Warning, pu.conn.notRunning())
		return nil
	}
	if len(pu.conn.fleet()) > 0 {
		pu.screen.toast.Show(engine.Warning,
			"A folder is published on one machine: "+pu.machineMenu.attachHint())
		return nil
	}
	site, ok := pu.screen.target()
	mine, domain := ok && site.Mine, ""
	if mine {
		domain = publishedName(site)
	}
	stop := func() {}
	pane := publish.New(pu.screen.theme, dir, domain, publish.Commands{
		Publish: func(job int, req engine.PublishRequest) tea.Cmd {
			ctx, cancel := context.WithCancel(pu.conn.ctx)
			stop = cancel
			return pu.runPublish(ctx, cancel, job, req)
		},
		Stop: func() { stop() },
		LoadLast: func(host string) tea.Cmd {
			ctx, e := pu.conn.ctx, pu.conn.engine
			return guardPanic(func() tea.Msg {
				d, err := e.Detail(ctx, host)
				return publish.LastLoaded{Host: host, From: d.Published, Err: err}
			})
		},
		LoadKeys: pu.listKeys,
		Resolve: func(job int, host string) tea.Cmd {
			ctx, e := pu.conn.ctx, pu.conn.engine
			return guardPanic(func() tea.Msg {
				name, err := e.Resolve(ctx, host)
				return publish.Resolved{Job: job, Name: name, Err: err}
			})
		},
		Probe: func(job int, host string) tea.Cmd {
			ctx, e := pu.conn.ctx, pu.conn.engine
			return guardPanic(func() tea.Msg {
				reach, err := e.Probe(ctx, host)
				return publish.Probed{Job: job, Reach: reach, Err: err}
			})
		},
		Published: pu.screen.list.Reveal,
		Copy:      pu.clipboard.copyText,
		Open:      func(url string) tea.Cmd { return pu.browser.open("", url) },
		Forward:   pu.browser.sshForward,
	})
	pu.screen.windows.shown = pane
	if snap := pu.conn.snap; snap.Seq > 0 {
		pu.screen.windows.watch(snap)
	}
	if dir == "" && mine {
		return tea.Batch(pane.SetNewVersionOf(site.Host, badge.Name(site, titleWidth)), pane.LoadKeys())
	}
	return pane.LoadKeys()
}

// publishedName returns the domain or the key under which a site was published here; empty for neither.
func publishedName(s engine.Site) string {
	switch {
	case engine.IsDomain(s.Host):
		return s.Host
	case s.Record.Signer != "":
		return publish.KeyPrefix + s.Record.Signer
	}
	return ""
}

// listKeys requests the keys. They are only offered: if the request fails a name can still be typed.
func (pu *publisher) listKeys() tea.Cmd {
	ctx, e := pu.conn.ctx, pu.conn.engine
	return guardPanic(func() tea.Msg {
		all, _ := e.Keys(ctx)
		return publish.KeysLoaded{Keys: all}
	})
}

// titleWidth is the widest that the name of a site is of which a new version is published, in cells.
const titleWidth = 40

// runPublish publishes a folder, or only checks it, and reports how far it is. A slow screen skips steps and never
// slows the engine.
func (pu *publisher) runPublish(ctx context.Context, cancel context.CancelFunc, job int,
	req engine.PublishRequest,
) tea.Cmd {
	e := pu.conn.engine
	steps := make(chan engine.PublishProgress, 1)
	work := guardPanic(func() tea.Msg {
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

// progressCmd returns a command that waits for the next step, until there are no more.
func progressCmd(job int, steps <-chan engine.PublishProgress) tea.Cmd {
	return guardPanic(func() tea.Msg {
		now, ok := <-steps
		if !ok {
			return nil
		}
		return publish.Progress{Job: job, Now: now, Next: progressCmd(job, steps)}
	})
}
