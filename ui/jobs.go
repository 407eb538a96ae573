package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/undo"
)

// slowAfter is how long the engine may take for a job before the screen shows that it is under way.
const slowAfter = 500 * time.Millisecond

// nameWidth is the widest that a site's name is within a sentence, in cells.
const nameWidth = 40

// nameOf returns the name of sites in a sentence: the title of one, or how many they are.
func nameOf(sites []engine.Site) string {
	if len(sites) == 1 {
		return badge.Name(sites[0], nameWidth)
	}
	return format.Plural(len(sites), "site")
}

// jobKind is whether a job is new, or an entry of the undo stack.
type jobKind int

const (
	newJob jobKind = iota
	undoJob
	redoJob
)

// job is a request to the engine that has not been answered yet.
type job struct {
	changes []undo.Change
	sites   []engine.Site // that it is about, as they were before
	name    string
	slow    bool
	// entry is what is undone or redone. skipped is what has no effect any more of that, or was left out of a new job.
	kind    jobKind
	entry   undo.Entry
	skipped []undo.Skipped
}

type (
	// doneMsg reports for which sites a job was done, and the error for the others.
	doneMsg struct {
		job  *job
		done []engine.Site
		err  error
	}
	// slowMsg reports that a job may take long.
	slowMsg struct{ job *job }
)

// jobRunner requests changes from the engine, and shows when they take long.
type jobRunner struct {
	cfg    *Config
	conn   *connection
	screen *screen

	running  []*job          // what the engine has been asked for, the newest last
	evicting map[string]bool // Refs of sites that are being sent away from here
}

// runVerb requests a verb for all of the sites at once.
func (r *jobRunner) runVerb(v engine.Verb, sites ...engine.Site) tea.Cmd {
	return r.runChange(undo.Change{Verb: v, Hosts: refsOf(sites)}, sites)
}

// runChange requests a new change.
func (r *jobRunner) runChange(c undo.Change, sites []engine.Site) tea.Cmd {
	return r.startJob(&job{changes: []undo.Change{c}, sites: sites, name: nameOf(sites)})
}

// startJob requests the changes of a job, if the engine runs.
func (r *jobRunner) startJob(j *job) tea.Cmd {
	if !r.conn.running() {
		r.screen.toast.Show(engine.Warning, r.conn.notRunning())
		return nil
	}
	if j.movesToBin() {
		r.noteEvicting(j.sites)
	}
	r.running = append(r.running, j)
	r.holdCursor(j.sites)
	return tea.Batch(r.applyJob(j), r.cfg.tick(slowAfter, func() tea.Msg { return slowMsg{j} }))
}

// runRequest requests a verb, and remembers what is left out.
func (r *jobRunner) runRequest(req request) tea.Cmd {
	return r.startJob(&job{
		changes: []undo.Change{{Verb: req.verb, Hosts: refsOf(req.sites)}},
		sites:   req.sites, name: nameOf(req.sites), skipped: req.skipped,
	})
}

// applyJob returns the command that carries out the changes of a job, one after the other.
func (r *jobRunner) applyJob(j *job) tea.Cmd {
	ctx, e := r.conn.ctx, r.conn.engine
	changes, sites := j.changes, j.sites
	return guardPanic(func() tea.Msg {
		err := applyChanges(ctx, e, changes)
		msg := doneMsg{job: j, err: err}
		failures := engine.FailuresByHost(err, refsOf(sites))
		for _, s := range sites {
			if failures[s.Ref()] == nil {
				msg.done = append(msg.done, s)
			}
		}
		return msg
	})
}

// applyChanges requests changes from the engine. Of several ones, failures of single sites are collected, and the first
// other error ends it.
func applyChanges(ctx context.Context, e engine.Engine, changes []undo.Change) error {
	if len(changes) == 1 {
		return applyChange(ctx, e, changes[0])
	}
	all := &engine.Failures{}
	for _, c := range changes {
		err := applyChange(ctx, e, c)
		all.Asked += len(c.Hosts)
		var failures *engine.Failures
		var failure *engine.Error
		switch {
		case errors.As(err, &failures):
			all.Each = append(all.Each, failures.Each...)
		case errors.As(err, &failure) && failure.Host != "":
			all.Each = append(all.Each, failure)
		case err != nil:
			return err
		}
	}
	if len(all.Each) == 0 {
		return nil
	}
	return all
}

func applyChange(ctx context.Context, e engine.Engine, c undo.Change) error {
	switch {
	case c.Version != nil:
		return e.Switch(ctx, c.Hosts[0], c.Version.To)
	case c.Home != nil:
		return e.SetHome(ctx, c.Home.Name, c.Home.On)
	case c.Limits != nil:
		return e.SetLimits(ctx, c.Limits.To)
	case c.Assign != nil:
		return e.Assign(ctx, *c.Assign, c.Hosts...)
	}
	return e.Do(ctx, c.Verb, c.Hosts...)
}

// handleSlow shows that a job takes long, unless it is done.
func (r *jobRunner) handleSlow(msg slowMsg) {
	msg.job.slow = true
	r.showSlow()
}

// holdCursor keeps the table's cursor where it is while an action moves the rows of sites. While a page is open the
// cursor follows its site, which the page is about.
func (r *jobRunner) holdCursor(sites []engine.Site) {
	if r.screen.page != nil {
		return
	}
	r.screen.list.HoldCursorFor(refsOf(sites)...)
}

// showSlow shows the newest of the jobs that take long.
func (r *jobRunner) showSlow() {
	text := ""
	for _, j := range r.running {
		if j.slow {
			text = j.doingText() + "…"
		}
	}
	r.screen.toast.SetWork(text)
}

// endJob removes a job from those that are running.
func (r *jobRunner) endJob(msg doneMsg) {
	j := msg.job
	r.running = slices.DeleteFunc(r.running, func(other *job) bool { return other == j })
	r.showSlow()
	r.holdCursor(msg.done)
	if j.movesToBin() {
		for _, s := range j.sites {
			delete(r.evicting, s.Ref())
		}
		r.screen.closePageOf(msg.done)
	}
}

// noteEvicting remembers which sites are being evicted from here, so that the engine's event about it is not shown.
func (r *jobRunner) noteEvicting(sites []engine.Site) {
	if r.evicting == nil {
		r.evicting = map[string]bool{}
	}
	for _, s := range sites {
		r.evicting[s.Ref()] = true
	}
}

// verb returns the verb of the job; empty if it has none.
func (j *job) verb() engine.Verb { return j.changes[0].Verb }

func (j *job) movesToBin() bool { return j.verb() == engine.Evict || j.verb() == engine.Remove }

// refsOf returns the Refs of sites.
func refsOf(sites []engine.Site) []string {
	refs := make([]string, len(sites))
	for i := range sites {
		refs[i] = sites[i].Ref()
	}
	return refs
}
