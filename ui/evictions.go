package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/toast"
)

// expect remembers which sites are being evicted from here, so that the engine's own word of it is no news.
func (r *jobRunner) expect(sites []engine.Site) {
	if r.evicting == nil {
		r.evicting = map[string]bool{}
	}
	for _, s := range sites {
		r.evicting[s.Host] = true
	}
}

// expectNoMore forgets sites that have been evicted, or could not be.
func (r *jobRunner) expectNoMore(sites []engine.Site) {
	for _, s := range sites {
		delete(r.evicting, s.Host)
	}
}

// offerUndo offers to bring back sites that were sent away, which what says in one word.
func (r *jobRunner) offerUndo(what string, sites ...engine.Site) {
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
	r.screen.toast.Evicted(toast.Eviction{Hosts: hosts, Text: text, Until: r.screen.now.Add(max(r.conn.binPeriod(), engine.UndoPeriod))})
}

// undo brings back what was sent away last. The offer is taken up at once: pressed again, the key is about the one
// before.
func (r *jobRunner) undo() tea.Cmd {
	e, ok := r.screen.toast.Last()
	switch {
	case !ok:
		r.screen.toast.Idle("There is nothing to undo")
		return nil
	case !r.conn.running():
		r.screen.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	sites := make([]engine.Site, len(e.Hosts))
	for i, host := range e.Hosts {
		sites[i] = engine.Site{Host: host}
	}
	r.screen.toast.Restored(e.Hosts...)
	return r.begin(&job{verb: engine.Undo, sites: sites, undoes: e})
}

// showUndone shows what has come back, and offers again what may come back at another attempt.
func (r *jobRunner) showUndone(j *job, msg doneMsg) {
	if msg.err != nil && engine.KindOf(msg.err) != engine.NotFound && r.screen.now.Before(j.undoes.Until) {
		r.screen.toast.Evicted(j.undoes)
		for _, s := range msg.done {
			r.screen.toast.Restored(s.Host)
		}
	}
	if len(j.sites) == 1 && msg.err == nil {
		r.screen.list.Reveal(j.sites[0].Host)
	}
}
