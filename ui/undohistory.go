package ui

import (
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/bin"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/question"
	"wtptui/ui/toast"
	"wtptui/ui/undo"
)

// undoHistory undoes what was done from here, and redoes it.
type undoHistory struct {
	conn   *connection
	screen *screen
	jobs   *jobRunner
	stack  undo.Stack
	// changed reports whether the stack has changed since it was last saved.
	changed bool
	// queued are the keys that were pressed while a job was running: what they concern may depend on it.
	queued []jobKind
	// unsettled are the last changes that no snapshot has shown yet, by host, and by "" for the limits.
	unsettled map[string]unsettledChange
}

// newestBinnedMsg has the content of the bin, for an undo of which this dashboard knows nothing.
type newestBinnedMsg struct {
	binned []engine.Binned
	err    error
}

// undoLast undoes what was done last. The entry leaves the stack at once: pressed again, the key concerns the entry
// before it.
func (un *undoHistory) undoLast() tea.Cmd {
	if !un.conn.running() {
		un.screen.toast.Show(engine.Warning, un.conn.notRunning())
		return nil
	}
	if len(un.jobs.running) > 0 {
		// What is under way can be what there is to undo, once it is done; what is being undone cannot.
		if _, ok := un.stack.PeekUndo(); !ok && un.jobs.running[len(un.jobs.running)-1].kind == undoJob {
			un.screen.toast.ShowNothingDone("There is nothing more to undo")
			return nil
		}
		un.queued = append(un.queued, undoJob)
		return nil
	}
	un.dropExpired()
	if e, ok := un.stack.Undo(); ok {
		return un.applyEntry(e, e.Undo, undoJob)
	}
	return un.loadNewestBinned()
}

// runQueued carries out the next queued key.
func (un *undoHistory) runQueued() tea.Cmd {
	if len(un.queued) == 0 || len(un.jobs.running) > 0 {
		return nil
	}
	kind := un.queued[0]
	un.queued = un.queued[1:]
	if kind == redoJob {
		return un.redoLast()
	}
	if _, ok := un.stack.PeekUndo(); !ok { // Nobody presses u twice at once for what others have sent away.
		un.queued = nil
		un.screen.toast.ShowNothingDone("There is nothing more to undo")
		return nil
	}
	return un.undoLast()
}

// redoLast redoes what was undone last, after the same question as at first.
func (un *undoHistory) redoLast() tea.Cmd {
	if !un.conn.running() {
		un.screen.toast.Show(engine.Warning, un.conn.notRunning())
		return nil
	}
	if len(un.jobs.running) > 0 {
		un.queued = append(un.queued, redoJob)
		return nil
	}
	e, ok := un.stack.PeekRedo()
	if !ok {
		un.screen.toast.ShowNothingDone("There is nothing to redo")
		return nil
	}
	again := func() tea.Cmd {
		e, ok := un.stack.Redo()
		if !ok {
			return nil
		}
		return un.applyEntry(e, e.Redo, redoJob)
	}
	c := e.Redo[0]
	if c.Verb == "" {
		return again()
	}
	sites := un.sitesOf(c.Hosts)
	q, asks := question.ForVerb(c.Verb, sites, "", un.conn.binPeriod(), publicHomes(un.screen.homes, sites))
	if !asks {
		return again()
	}
	un.screen.windows.askQuestion(q, again)
	return nil
}

// applyEntry requests those changes of an entry that still have an effect.
func (un *undoHistory) applyEntry(e undo.Entry, changes []undo.Change, kind jobKind) tea.Cmd {
	un.changed = true
	do, skipped := undo.Plan(changes, un.engineState())
	if len(do) == 0 {
		un.stack.Drop(e)
		un.screen.toast.ShowNothingDone("Nothing was done. " + skippedText(skipped, un.screen.siteName))
		return nil
	}
	var hosts []string
	for _, c := range do {
		hosts = append(hosts, c.Hosts...)
	}
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	name := e.Name
	if len(skipped) > 0 && len(hosts) > 0 {
		name = nameOf(un.sitesOf(hosts))
	}
	return un.jobs.startJob(&job{
		changes: do, sites: un.sitesOf(hosts), name: name, kind: kind, entry: e, skipped: skipped,
	})
}

// sitesOf returns the sites of hosts; for one that is not here it sets only the host.
func (un *undoHistory) sitesOf(hosts []string) []engine.Site {
	sites := make([]engine.Site, len(hosts))
	for i, host := range hosts {
		s, ok := un.screen.list.Lookup(host)
		if !ok {
			s.Host, s.Machine = engine.CutRef(host)
		}
		sites[i] = s
	}
	return sites
}

// handleDone shows the result of a job, adds what can be undone to the stack, and continues with the queued keys.
func (un *undoHistory) handleDone(msg doneMsg) tea.Cmd {
	un.jobs.endJob(msg)
	un.addUnsettled(msg.job)
	if msg.job.kind == newJob {
		un.handleNewDone(msg)
	} else {
		un.handleEntryDone(msg)
	}
	return un.runQueued()
}

// offerRoom is the width in the toast line for how something is undone, in cells.
const offerRoom = 40

// handleNewDone is handleDone for a new job.
func (un *undoHistory) handleNewDone(msg doneMsg) {
	j, toasts := msg.job, un.screen.toast
	e, ok := undo.NewEntry(j.changes[0], msg.done, un.shortName(msg.done))
	ok = ok && (msg.err == nil || len(msg.done) > 0)
	if changed := e.ChangedSites(msg.done); ok && len(changed) > 0 && len(changed) < len(msg.done) {
		e.Name = un.shortName(changed)
	}
	if ok && e.InBin() {
		e.Until = un.restorableUntil(j.verb())
		ok = un.screen.now.Before(e.Until)
	}
	doneText, leftOut := j.doneText(msg.done), leftOutText(j.skipped, un.screen.siteName)
	if both := doneText + ". " + leftOut; leftOut != "" && (!ok || format.Width(both)+offerRoom <= un.screen.w) {
		doneText, leftOut = both, ""
	}
	switch {
	case ok:
		un.stack.Push(e)
		un.changed = true
		toasts.ShowOffer(un.newOffer(doneText, e))
	case msg.err == nil:
		toasts.WithdrawOffer()
		toasts.Show(engine.Info, doneText)
	}
	if leftOut != "" {
		toasts.ShowNothingDone(leftOut) // What was done, and how it is undone, follows when this has been read.
	}
	if msg.err != nil {
		toasts.Show(engine.Problem, j.failureText(msg.err))
	}
}

// handleEntryDone is handleDone for an entry that was undone or redone.
func (un *undoHistory) handleEntryDone(msg doneMsg) {
	j, toasts := msg.job, un.screen.toast
	un.changed = true
	if msg.err != nil {
		toasts.WithdrawOffer()
		if isFinal(msg.err) {
			if len(msg.done) == 0 {
				un.stack.Drop(j.entry)
			}
		} else {
			un.stack.PutBack(j.entry)
			un.showOffer()
		}
		toasts.Show(engine.Problem, j.failureText(msg.err))
		return
	}
	if j.kind == redoJob {
		e := j.entry
		if e.InBin() {
			e.Until = un.restorableUntil(j.verb())
			un.stack.SetUntil(j.entry, e.Until)
		}
		toasts.ShowOffer(un.newOffer(j.undoneText(un.screen.siteName), e))
		return
	}
	toasts.ShowOffer(toast.Offer{
		Text: j.undoneText(un.screen.siteName),
		Key:  un.screen.keys.FirstKey(keys.Redo), Word: "redo", Effect: j.entry.RedoPhrase(),
	})
	if j.entry.InBin() && len(msg.done) == 1 {
		un.screen.list.Reveal(msg.done[0].Ref())
	}
}

// isFinal reports whether another attempt would have the same error: what it concerns is not there.
func isFinal(err error) bool {
	var failures *engine.Failures
	if !errors.As(err, &failures) {
		return engine.KindOf(err) == engine.NotFound
	}
	return !slices.ContainsFunc(failures.Each, func(e *engine.Error) bool { return e.Kind != engine.NotFound })
}

// restorableUntil returns when a site that is evicted or removed now can no longer be brought back.
func (un *undoHistory) restorableUntil(v engine.Verb) time.Time {
	period := un.conn.binPeriod()
	if v == engine.Evict {
		period = max(period, engine.UndoPeriod)
	}
	return un.screen.now.Add(period)
}

// newOffer returns the offer to undo something: what was done, and what the undo key will do.
func (un *undoHistory) newOffer(text string, e undo.Entry) toast.Offer {
	key := un.screen.keys.FirstKey(keys.Undo)
	return toast.Offer{Text: text, Key: key, Word: "undo", Effect: e.UndoPhrase(), Until: e.Until}
}

// showOffer shows what the undo key does now.
func (un *undoHistory) showOffer() {
	if e, ok := un.stack.PeekUndo(); ok {
		un.screen.toast.ShowOffer(un.newOffer(format.Capital(e.RedoPhrase()), e))
	}
}

// explainKey returns a binding whose help describes what the keys for undo and redo would do now.
func (un *undoHistory) explainKey(b keys.Binding) keys.Binding {
	switch b.Action {
	case keys.Undo:
		if e, ok := un.stack.PeekUndo(); ok {
			b.Help = "undo: " + e.UndoPhrase()
		}
	case keys.Redo:
		if e, ok := un.stack.PeekRedo(); ok {
			b.Help = "redo: " + e.RedoPhrase()
		}
	}
	return b
}

// dropExpired drops entries whose sites have left the bin.
func (un *undoHistory) dropExpired() {
	if un.stack.Expire(un.screen.now) {
		un.changed = true
	}
}

// forgetSite must be called for a site that somebody else has brought back, or deleted.
func (un *undoHistory) forgetSite(host string) {
	if un.stack.ForgetHost(host) {
		un.changed = true
		un.screen.toast.WithdrawOffer()
	}
}

// shortName returns the name of sites where there is little room.
func (un *undoHistory) shortName(sites []engine.Site) string {
	if len(sites) != 1 {
		return nameOf(sites)
	}
	if title := format.Text(sites[0].Title); title != "" {
		return format.Cut(title, 28)
	}
	return badge.Name(sites[0], 28)
}

// loadNewestBinned requests the bin, which may have something that was evicted from elsewhere.
func (un *undoHistory) loadNewestBinned() tea.Cmd {
	ctx, e := un.conn.ctx, un.conn.engine
	return guardPanic(func() tea.Msg {
		binned, err := e.Bin(ctx)
		return newestBinnedMsg{binned, err}
	})
}

// handleNewestBinned offers to bring back the newest site in the bin, whoever evicted it.
func (un *undoHistory) handleNewestBinned(msg newestBinnedMsg) {
	switch {
	case msg.err != nil:
		un.screen.toast.Show(engine.Problem, "Could not read the bin: "+engine.Message(msg.err))
		return
	case len(msg.binned) == 0:
		un.screen.toast.ShowNothingDone("There is nothing to undo, and the bin is empty")
		return
	case un.screen.windows.shown != nil:
		return
	}
	newest := slices.MaxFunc(msg.binned, func(a, b engine.Binned) int { return a.Since.Std().Compare(b.Since.Std()) })
	site := binnedSite(newest)
	sent := "evicted"
	if newest.Removed {
		sent = "removed"
	}
	un.screen.windows.askQuestion(question.Question{
		Title: "Bring back " + badge.Name(site, 46) + "?", Verb: "Bring back",
		Text: "This dashboard has nothing left to undo, but this site was " + sent + " " +
			format.Ago(newest.Since.Std(), un.screen.now) + ". It is in the bin, and is deleted in " +
			format.DurationInWords(newest.Until.Std().Sub(un.screen.now)) + ". " +
			un.screen.keys.FirstKey(keys.Bin) + " shows the whole bin.",
	}, func() tea.Cmd { return un.jobs.runVerb(engine.Undo, site) })
}

// openBin shows the bin.
func (un *undoHistory) openBin() tea.Cmd {
	ctx, e := un.conn.ctx, un.conn.engine
	if !un.conn.running() {
		un.screen.toast.Show(engine.Warning, un.conn.notRunning())
		return nil
	}
	w, cmd := bin.New(un.screen.theme, func() time.Time { return un.screen.now }, bin.Commands{
		Load: func() tea.Cmd {
			return guardPanic(func() tea.Msg {
				binned, err := e.Bin(ctx)
				return bin.Loaded{Binned: binned, Err: err}
			})
		},
		Restore: func(b engine.Binned) tea.Cmd { return un.jobs.runVerb(engine.Undo, binnedSite(b)) },
	})
	un.screen.windows.shown = w
	return cmd
}

// binnedSite returns what is known of a site in the bin.
func binnedSite(b engine.Binned) engine.Site {
	return engine.Site{
		Host: b.Host, Machine: b.Machine, URL: b.URL, Infohash: b.Infohash, Title: b.Title, Pinned: b.Pinned, Mine: b.Mine,
	}
}
