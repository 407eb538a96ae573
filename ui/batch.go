package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/toast"
)

const (
	// askAbove is how many sites an action may be about without a question.
	askAbove = 10
	// chunk is how many sites of a batch are done between two looks at whether it has been stopped.
	chunk = 16
)

// batch is one verb for many sites, of which a few are done at a time. Commands get it by value.
type batch struct {
	verb   engine.Verb
	sites  []engine.Site // what is left to do
	all    int
	done   []engine.Site
	failed int
	fault  string // of the first that failed
}

// chunkMsg reports some sites of a batch.
type chunkMsg struct {
	done   []engine.Site
	failed int
	fault  string
}

// doAll applies a verb to many sites, after a question when they are very many.
func (m *Model) doAll(v engine.Verb, sites []engine.Site) tea.Cmd {
	switch {
	case m.phase != running:
		m.toast.Show(engine.Warning, "The engine is not running")
	case m.batch != nil:
		m.toast.Show(engine.Warning, "Still at it: "+m.keys.Of(keys.Back)+" stops that, then try again")
	case len(sites) == 1:
		return m.do(v, sites[0])
	case len(sites) > askAbove:
		m.askAll(v, sites)
	default:
		return m.begin(v, sites)
	}
	return nil
}

// askAll asks before something is done to very many sites.
func (m *Model) askAll(v engine.Verb, sites []engine.Site) {
	text := "This is about every marked site, also those that are not on the screen."
	if v == engine.Evict {
		text += " Their data is deleted; it can be undone for 10 s."
	}
	word := capital(string(v))
	m.window = &confirm.Pane{
		Theme: m.theme, Title: word + " " + format.Plural(len(sites), "site") + "?", Text: text, Verb: word,
		Do: func() tea.Cmd { return m.begin(v, sites) },
	}
}

// begin starts a batch.
func (m *Model) begin(v engine.Verb, sites []engine.Site) tea.Cmd {
	m.batch = &batch{verb: v, sites: sites, all: len(sites)}
	if v == engine.Evict {
		m.expect(sites...)
	}
	return m.chunkCmd()
}

// chunkCmd does the next few sites.
func (m *Model) chunkCmd() tea.Cmd {
	b := m.batch
	n := min(chunk, len(b.sites))
	verb, sites := b.verb, b.sites[:n]
	b.sites = b.sites[n:]
	if b.all > chunk {
		m.toast.Working(capital(string(verb)) + ": " + format.Count(len(b.done)+b.failed) + " of " + format.Count(b.all) + "; " + m.keys.Of(keys.Back) + " stops")
	}
	ctx, e := m.ctx, m.engine
	return guarded(func() tea.Msg {
		var msg chunkMsg
		for _, s := range sites {
			if err := e.Do(ctx, verb, s.Host); err == nil {
				msg.done = append(msg.done, s)
			} else if msg.failed++; msg.fault == "" {
				msg.fault = format.Host(s.Host, 30) + ": " + engine.Message(err)
			}
		}
		return msg
	})
}

// advance goes on with the batch, or tells how it went.
func (m *Model) advance(msg chunkMsg) tea.Cmd {
	b := m.batch
	if b == nil {
		return nil
	}
	b.done = append(b.done, msg.done...)
	b.failed += msg.failed
	if b.fault == "" {
		b.fault = msg.fault
	}
	if len(b.sites) > 0 {
		return m.chunkCmd()
	}
	m.batch = nil
	m.toast.Working("")
	m.finish(b)
	return nil
}

// stopBatch leaves out what is not done yet, and reports whether there was anything to stop.
func (m *Model) stopBatch() bool {
	if m.batch == nil {
		return false
	}
	m.batch.sites = nil
	m.toast.Working("stopping…")
	return true
}

// finish tells how a batch went.
func (m *Model) finish(b *batch) {
	what := format.Plural(len(b.done), "site")
	switch b.verb {
	case engine.Evict:
		m.offerUndo(b.done...)
		m.evicting = nil // also those that were not reached
	case engine.Undo:
		for _, s := range b.done {
			m.toast.Restored(s.Host)
		}
	}
	switch {
	case b.failed > 0:
		m.toast.Show(engine.Problem, "Could not "+string(b.verb)+" "+format.Count(b.failed)+" of "+format.Count(b.all)+" sites. "+b.fault)
	case b.verb != engine.Evict:
		m.toast.Show(engine.Info, strings.Replace(said[b.verb], "%s", what, 1))
	}
}

// expect remembers which sites are being evicted from here, so that the engine's own word of it is no news.
func (m *Model) expect(sites ...engine.Site) {
	if m.evicting == nil {
		m.evicting = map[string]bool{}
	}
	for _, s := range sites {
		m.evicting[s.Host] = true
	}
}

// offerUndo offers to take an eviction back.
func (m *Model) offerUndo(sites ...engine.Site) {
	if len(sites) == 0 {
		return
	}
	var size int64
	hosts := make([]string, len(sites))
	for i, s := range sites {
		size += max(s.Completed, 0)
		hosts[i] = s.Host
		delete(m.evicting, s.Host)
	}
	text := "Evicted " + format.Host(sites[0].Host, 40)
	if len(sites) > 1 {
		text = "Evicted " + format.Plural(len(sites), "site")
	}
	if size > 0 {
		text += " (" + format.Bytes(size) + ")"
	}
	m.toast.Evicted(toast.Eviction{Hosts: hosts, Text: text, Until: m.now.Add(engine.UndoPeriod)})
}

// undo takes the newest eviction back.
func (m *Model) undo() tea.Cmd {
	e, ok := m.toast.Last()
	if !ok {
		m.toast.Idle("There is nothing to undo")
		return nil
	}
	sites := make([]engine.Site, len(e.Hosts))
	for i, host := range e.Hosts {
		sites[i] = engine.Site{Host: host}
	}
	switch {
	case len(sites) == 1:
		return m.do(engine.Undo, sites[0])
	case m.batch != nil || m.phase != running:
		return m.doAll(engine.Undo, sites)
	}
	return m.begin(engine.Undo, slices.Clip(sites))
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
