package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
)

// What commands report.
type (
	tickMsg     struct{ now time.Time }
	startedMsg  struct{ engine engine.Engine }
	brokenMsg   struct{ err error }
	watchingMsg struct{ feed <-chan engine.Snapshot }
	snapshotMsg struct{ snap engine.Snapshot }
	lostMsg     struct{}
	detailMsg   struct {
		host   string
		detail engine.Detail
		err    error
	}
	addedMsg struct {
		input string
		site  engine.Site
		err   error
	}
	openedMsg struct {
		url string
		err error
	}
)

// second is how often countdowns, histories and details are renewed.
const second = time.Second

func (m *Model) tickCmd() tea.Cmd {
	now := m.cfg.Now
	return m.cfg.tick(second, guarded(func() tea.Msg { return tickMsg{now()} }))
}

// startCmd brings the engine up and watches it.
func (m *Model) startCmd() tea.Cmd {
	ctx, start, g := m.ctx, m.cfg.Start, &m.gate
	return guarded(func() tea.Msg {
		if !g.enter() {
			return nil
		}
		defer g.leave()
		e, err := start(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return brokenMsg{err}
		}
		return startedMsg{e}
	})
}

func (m *Model) watchCmd() tea.Cmd {
	ctx, e := m.ctx, m.engine
	return guarded(func() tea.Msg {
		feed, err := e.Watch(ctx)
		if err != nil {
			return brokenMsg{err}
		}
		return watchingMsg{feed}
	})
}

// rest is the least time between two snapshots: an engine to which a lot happens gives one for each event, and no
// person sees more than ten a second.
const rest = 100 * time.Millisecond

// await waits for one snapshot. There is never more than one such command, and the feed holds the newest snapshot
// only, so that a slow screen skips some instead of falling behind.
func await(feed <-chan engine.Snapshot) tea.Cmd {
	return guarded(func() tea.Msg {
		s, ok := <-feed
		if !ok {
			return lostMsg{}
		}
		return snapshotMsg{s}
	})
}

// awaitNext waits for one snapshot after another: not before the last one has been there for a while.
func (m *Model) awaitNext() tea.Cmd {
	next, feed := m.cfg.await(m.feed), m.feed
	if next == nil || feed == nil {
		return next
	}
	ctx := m.ctx
	return func() tea.Msg {
		select {
		case <-time.After(rest):
		case <-ctx.Done():
		}
		return next()
	}
}

// addCmd reads a .torrent file if the input names one, and opens the site.
func (m *Model) addCmd(input string) tea.Cmd {
	ctx, e := m.ctx, m.engine
	return guarded(func() tea.Msg {
		req, err := engine.LoadTorrent(input)
		if err != nil {
			return addedMsg{input: input, err: err}
		}
		site, err := e.Add(ctx, req)
		return addedMsg{input, site, err}
	})
}

func (m *Model) openCmd(url string) tea.Cmd {
	open := m.cfg.OpenURL
	return guarded(func() tea.Msg {
		if open == nil {
			return openedMsg{url, fmt.Errorf("no browser is known here")}
		}
		return openedMsg{url, open(url)}
	})
}

// detailCmd asks for the detail of the site that is looked at, if any is. While an answer is awaited nothing is asked.
func (m *Model) detailCmd() tea.Cmd {
	host := m.watched()
	if host == "" || m.engine == nil || m.phase != running {
		return nil
	}
	if m.asking {
		m.again = true
		return nil
	}
	m.asking, m.again = true, false
	ctx, e := m.ctx, m.engine
	return guarded(func() tea.Msg {
		d, err := e.Detail(ctx, host)
		return detailMsg{host, d, err}
	})
}
