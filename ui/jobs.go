package ui

import (
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/confirm"
	"wtptui/ui/format"
	"wtptui/ui/toast"
)

const (
	// askAbove is how many sites an action may be about without a question.
	askAbove = 10
	// slowAfter is how long the engine may take for a verb before the screen says that it is under way.
	slowAfter = 500 * time.Millisecond
)

// job is a verb for one or more sites that the engine has been asked for and has not answered yet.
type job struct {
	verb  engine.Verb
	sites []engine.Site
	slow  bool
	// undoes is the offer that an engine.Undo has taken up.
	undoes toast.Eviction
}

type (
	// doneMsg reports which sites a job was done to, and why not to the others.
	doneMsg struct {
		job  *job
		done []engine.Site
		err  error
	}
	// slowMsg says that a job, if it is still under way, takes its time.
	slowMsg struct{ job *job }
)

// texts say that a verb is under way, and that it was carried out; %s is the host, or how many sites. That sites were
// evicted is said with the offer to undo it.
var texts = map[engine.Verb]struct{ doing, done string }{
	engine.Pin:        {"Pinning %s", "Pinned %s: kept and seeded for ever"},
	engine.Unpin:      {"Unpinning %s", "Unpinned %s: to expire again"},
	engine.Touch:      {"Starting the time over for %s", "Whole time again for %s"},
	engine.Pause:      {"Pausing %s", "Paused %s: out of the swarm"},
	engine.Resume:     {"Resuming %s", "Resumed %s"},
	engine.Announce:   {"Asking for peers of %s", "Asking trackers and DHT for peers of %s"},
	engine.Verify:     {"Starting to check %s", "Checking all data of %s"},
	engine.Allow:      {"Allowing %s", "Allowed %s whatever the size"},
	engine.NoClearnet: {"Keeping %s from asking other servers", "Kept %s from asking other servers"},
	engine.Clearnet:   {"Letting %s ask other servers again", "Let %s ask other servers again"},
	engine.Evict:      {"Evicting %s", ""},
	engine.Undo:       {"Bringing back %s", "Back again: %s"},
	engine.Remove:     {"Removing %s", "Removed %s with its history"},
}

// fill puts the job's sites into a text.
func (j *job) fill(text string) string {
	what := format.Host(j.sites[0].Host, 40)
	if len(j.sites) > 1 {
		what = format.Plural(len(j.sites), "site")
	}
	return strings.Replace(text, "%s", what, 1)
}

// doAll applies a verb to sites, after a question when they are very many.
func (m *Model) doAll(v engine.Verb, sites []engine.Site) tea.Cmd {
	if len(sites) > askAbove && m.phase == running {
		m.askAll(v, sites)
		return nil
	}
	return m.do(v, sites...)
}

// askAll asks before something is done to very many sites.
func (m *Model) askAll(v engine.Verb, sites []engine.Site) {
	text := "This is about every marked site, also those that are not on the screen."
	if v == engine.Evict {
		text += " Their data goes to the bin, and is deleted after " + format.Span(max(m.binPeriod(), engine.UndoPeriod)) +
			": it can be undone until then."
	}
	word := capital(string(v))
	m.window = &confirm.Pane{
		Theme: m.theme, Title: word + " " + format.Plural(len(sites), "site") + "?", Text: text, Verb: word,
		Do: func() tea.Cmd { return m.do(v, sites...) },
	}
}

// do asks the engine, if there is one, for a verb for all of the sites at once.
func (m *Model) do(v engine.Verb, sites ...engine.Site) tea.Cmd {
	if m.phase != running {
		m.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	if v == engine.Evict {
		m.expect(sites)
	}
	return m.begin(&job{verb: v, sites: sites})
}

func (m *Model) begin(j *job) tea.Cmd {
	m.jobs = append(m.jobs, j)
	return tea.Batch(m.doCmd(j), m.cfg.tick(slowAfter, func() tea.Msg { return slowMsg{j} }))
}

func (m *Model) doCmd(j *job) tea.Cmd {
	ctx, e := m.ctx, m.engine
	verb, sites := j.verb, j.sites
	return guarded(func() tea.Msg {
		hosts := make([]string, len(sites))
		for i, s := range sites {
			hosts[i] = s.Host
		}
		msg := doneMsg{job: j, err: e.Do(ctx, verb, hosts...)}
		failures := engine.FailuresOf(msg.err, hosts)
		for _, s := range sites {
			if failures[s.Host] == nil {
				msg.done = append(msg.done, s)
			}
		}
		return msg
	})
}

// showJobs says which verb is under way, the newest of those that take long.
func (m *Model) showJobs() {
	text := ""
	for _, j := range m.jobs {
		if j.slow {
			text = j.fill(texts[j.verb].doing) + "…"
		}
	}
	m.toast.Working(text)
}

// slow says that a job takes its time, unless it is done.
func (m *Model) slow(msg slowMsg) {
	msg.job.slow = true
	m.showJobs()
}

// done tells how a verb went.
func (m *Model) done(msg doneMsg) {
	j := msg.job
	m.jobs = slices.DeleteFunc(m.jobs, func(other *job) bool { return other == j })
	m.showJobs()
	switch j.verb {
	case engine.Evict:
		m.offerUndo("Evicted", msg.done...)
		m.expectNoMore(j.sites)
		m.leaveGone(msg.done)
	case engine.Undo:
		m.undone(j, msg)
	case engine.Remove:
		if m.binPeriod() > 0 {
			m.offerUndo("Removed", msg.done...)
		}
		m.leaveGone(msg.done)
	}
	var some *engine.Failures
	switch {
	case errors.As(msg.err, &some):
		first := some.Each[0]
		m.toast.Show(engine.Problem, "Could not "+string(j.verb)+" "+format.Count(len(some.Each))+" of "+format.Count(some.Asked)+" sites. "+
			format.Host(first.Host, 30)+": "+engine.Message(first))
	case msg.err != nil:
		m.toast.Show(engine.Problem, j.fill("Could not "+string(j.verb)+" %s: ")+engine.Message(msg.err))
	case j.verb == engine.Evict, j.verb == engine.Remove && m.binPeriod() > 0: // The offer to undo it says so.
	default:
		m.toast.Show(engine.Info, j.fill(texts[j.verb].done))
	}
}

// leaveGone closes the page of a site that has just been sent away.
func (m *Model) leaveGone(sites []engine.Site) {
	if m.page != nil && slices.ContainsFunc(sites, func(s engine.Site) bool { return s.Host == m.page.Host() }) {
		m.page = nil
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
