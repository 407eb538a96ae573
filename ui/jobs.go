package ui

import (
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
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

// jobRunner asks the engine for verbs, and tells how they went.
type jobRunner struct {
	cfg    *Config
	conn   *connection
	screen *screen

	list     []*job          // what the engine has been asked for, the newest last
	evicting map[string]bool // hosts that are being evicted from here
}

// fill puts the job's sites into a text.
func (j *job) fill(text string) string {
	what := format.Host(j.sites[0].Host, 40)
	if len(j.sites) > 1 {
		what = format.Plural(len(j.sites), "site")
	}
	return strings.Replace(text, "%s", what, 1)
}

// do asks the engine, if there is one, for a verb for all of the sites at once.
func (r *jobRunner) do(v engine.Verb, sites ...engine.Site) tea.Cmd {
	if !r.conn.running() {
		r.screen.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	if v == engine.Evict {
		r.expect(sites)
	}
	return r.begin(&job{verb: v, sites: sites})
}

func (r *jobRunner) begin(j *job) tea.Cmd {
	r.list = append(r.list, j)
	r.holdCursor(j.sites)
	return tea.Batch(r.request(j), r.cfg.tick(slowAfter, func() tea.Msg { return slowMsg{j} }))
}

func (r *jobRunner) request(j *job) tea.Cmd {
	ctx, e := r.conn.ctx, r.conn.engine
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

// showSlow says which verb is under way, the newest of those that take long.
func (r *jobRunner) showSlow() {
	text := ""
	for _, j := range r.list {
		if j.slow {
			text = j.fill(texts[j.verb].doing) + "…"
		}
	}
	r.screen.toast.Working(text)
}

// handleSlow says that a job takes its time, unless it is done.
func (r *jobRunner) handleSlow(msg slowMsg) {
	msg.job.slow = true
	r.showSlow()
}

// holdCursor keeps the table's cursor where it is while an action moves the rows of sites. On a page the cursor goes with
// its site: there it is what the page is about.
func (r *jobRunner) holdCursor(sites []engine.Site) {
	if r.screen.page != nil {
		return
	}
	hosts := make([]string, len(sites))
	for i, s := range sites {
		hosts[i] = s.Host
	}
	r.screen.list.Acted(hosts...)
}

// handleDone tells how a verb went.
func (r *jobRunner) handleDone(msg doneMsg) {
	j := msg.job
	r.list = slices.DeleteFunc(r.list, func(other *job) bool { return other == j })
	r.showSlow()
	r.holdCursor(msg.done)
	switch j.verb {
	case engine.Evict:
		r.offerUndo("Evicted", msg.done...)
		r.expectNoMore(j.sites)
		r.screen.closePageOf(msg.done)
	case engine.Undo:
		r.showUndone(j, msg)
	case engine.Remove:
		if r.conn.binPeriod() > 0 {
			r.offerUndo("Removed", msg.done...)
		}
		r.screen.closePageOf(msg.done)
	}
	var some *engine.Failures
	switch {
	case errors.As(msg.err, &some):
		first := some.Each[0]
		r.screen.toast.Show(engine.Problem, "Could not "+string(j.verb)+" "+format.Count(len(some.Each))+" of "+format.Count(some.Asked)+" sites. "+
			format.Host(first.Host, 30)+": "+engine.Message(first))
	case msg.err != nil:
		r.screen.toast.Show(engine.Problem, j.fill("Could not "+string(j.verb)+" %s: ")+engine.Message(msg.err))
	case j.verb == engine.Evict, j.verb == engine.Remove && r.conn.binPeriod() > 0: // The offer to undo it says so.
	default:
		r.screen.toast.Show(engine.Info, j.fill(texts[j.verb].done))
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
