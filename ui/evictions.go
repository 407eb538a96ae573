package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/toast"
)

// expect remembers which sites are being evicted from here, so that the engine's own word of it is no news.
func (m *Model) expect(sites []engine.Site) {
	if m.evicting == nil {
		m.evicting = map[string]bool{}
	}
	for _, s := range sites {
		m.evicting[s.Host] = true
	}
}

// expectNoMore forgets sites that have been evicted, or could not be.
func (m *Model) expectNoMore(sites []engine.Site) {
	for _, s := range sites {
		delete(m.evicting, s.Host)
	}
}

// binPeriod is how long the engine keeps what is removed; zero when it does not.
func (m *Model) binPeriod() time.Duration {
	return time.Duration(m.snap.Status.Bin.Period) * time.Second
}

// offerUndo offers to bring back sites that were sent away, which what says in one word.
func (m *Model) offerUndo(what string, sites ...engine.Site) {
	if len(sites) == 0 {
		return
	}
	var size int64
	hosts := make([]string, len(sites))
	for i, s := range sites {
		size += max(s.Completed, 0)
		hosts[i] = s.Host
	}
	text := what + " " + format.Host(sites[0].Host, 40)
	if len(sites) > 1 {
		text = what + " " + format.Plural(len(sites), "site")
	}
	if size > 0 {
		text += " (" + format.Bytes(size) + ")"
	}
	m.toast.Evicted(toast.Eviction{Hosts: hosts, Text: text, Until: m.now.Add(max(m.binPeriod(), engine.UndoPeriod))})
}

// undo brings back what was sent away last. The offer is taken up at once: pressed again, the key is about the one
// before.
func (m *Model) undo() tea.Cmd {
	e, ok := m.toast.Last()
	switch {
	case !ok:
		m.toast.Idle("There is nothing to undo")
		return nil
	case m.phase != running:
		m.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	sites := make([]engine.Site, len(e.Hosts))
	for i, host := range e.Hosts {
		sites[i] = engine.Site{Host: host}
	}
	m.toast.Restored(e.Hosts...)
	return m.begin(&job{verb: engine.Undo, sites: sites, undoes: e})
}

// undone shows what has come back, and offers again what may come back at another attempt.
func (m *Model) undone(j *job, msg doneMsg) {
	if msg.err != nil && engine.KindOf(msg.err) != engine.NotFound && m.now.Before(j.undoes.Until) {
		m.toast.Evicted(j.undoes)
		for _, s := range msg.done {
			m.toast.Restored(s.Host)
		}
	}
	if len(j.sites) == 1 && msg.err == nil {
		m.list.Reveal(j.sites[0].Host)
	}
}
