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

// undoHistory takes back what was done from here, and does it again.
type undoHistory struct {
	conn   *connection
	screen *screen
	jobs   *jobRunner
	stack  undo.Stack
	// changed is that the stack has changed since it was written down last.
	changed bool
	// queued are the presses that came while the engine was still at something: what they are about may depend on it.
	queued []jobKind
	// unsettled are, by host and "" for the limits, the last changes that no snapshot has shown yet.
	unsettled map[string]unsettledChange
}

// newestBinnedMsg brings what lies in the bin, for an undo of which this dashboard knows nothing.
type newestBinnedMsg struct {
	binned []engine.Binned
	err    error
}

// undoLast takes back what was done last. It leaves the stack at once: pressed again, the key is about what was done
// before.
func (un *undoHistory) undoLast() tea.Cmd {
	if !un.conn.running() {
		un.screen.toast.Show(engine.Warning, un.conn.notRunning())
		return nil
	}
	if len(un.jobs.running) > 0 {
		// What is under way can be what there is to take back, once it is done; what is being taken back cannot.
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

// runQueued does what has waited for the engine.
func (un *undoHistory) runQueued() tea.Cmd {
	if len(un.queued) == 0 || len(un.jobs.running) > 0 {
		return nil
	}
	way := un.queued[0]
	un.queued = un.queued[1:]
	if way == redoJob {
		return un.redoLast()
	}
	if _, ok := un.stack.PeekUndo(); !ok { // Nobody presses u twice at once for what others have sent away.
		un.queued = nil
		un.screen.toast.ShowNothingDone("There is nothing more to undo")
		return nil
	}
	return un.undoLast()
}

// redoLast does again what was taken back last, after the same question as at first.
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

// applyEntry asks the engine for what still makes sense of an entry.
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

// sitesOf returns the sites of hosts; of one that is not here only the host is known.
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

// handleDone says how a job went, keeps what can be taken back, and goes on with what has waited for it.
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

// offerRoom is the room in the toast line for how something is taken back, in cells.
const offerRoom = 40

// handleNewDone is handleDone for something new.
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
	did, left := j.doneText(msg.done), leftOutText(j.skipped, un.screen.siteName)
	if both := did + ". " + left; left != "" && (!ok || format.Width(both)+offerRoom <= un.screen.w) {
		did, left = both, ""
	}
	switch {
	case ok:
		un.stack.Push(e)
		un.changed = true
		toasts.ShowOffer(un.newOffer(did, e))
	case msg.err == nil:
		toasts.WithdrawOffer()
		toasts.Show(engine.Info, did)
	}
	if left != "" {
		toasts.ShowNothingDone(left) // What was done, and how it is taken back, follows when this has been read.
	}
	if msg.err != nil {
		toasts.Show(engine.Problem, j.failureText(msg.err))
	}
}

// handleEntryDone is handleDone for what was taken back, or done again.
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

// isFinal reports whether an error is none that another attempt could be without: what it was about is not there.
func isFinal(err error) bool {
	var some *engine.Failures
	if !errors.As(err, &some) {
		return engine.KindOf(err) == engine.NotFound
	}
	return !slices.ContainsFunc(some.Each, func(e *engine.Error) bool { return e.Kind != engine.NotFound })
}

// restorableUntil is when what is sent away now cannot come back any more.
func (un *undoHistory) restorableUntil(v engine.Verb) time.Time {
	period := un.conn.binPeriod()
	if v == engine.Evict {
		period = max(period, engine.UndoPeriod)
	}
	return un.screen.now.Add(period)
}

// newOffer says what was done, and what the undo key will do.
func (un *undoHistory) newOffer(text string, e undo.Entry) toast.Offer {
	key := un.screen.keys.FirstKey(keys.Undo)
	return toast.Offer{Text: text, Key: key, Word: "undo", Effect: e.UndoPhrase(), Until: e.Until}
}

// showOffer shows what the undo key does now.
func (un *undoHistory) showOffer() {
	if e, ok := un.stack.PeekUndo(); ok {
		un.screen.toast.ShowOffer(un.newOffer(capital(e.RedoPhrase()), e))
	}
}

// explainKey makes the help of the keys that take back and do again say what they would do now.
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

// dropExpired forgets what has left the bin.
func (un *undoHistory) dropExpired() {
	if un.stack.Expire(un.screen.now) {
		un.changed = true
	}
}

// forgetSite is for a site that somebody else has brought back, or deleted.
func (un *undoHistory) forgetSite(host string) {
	if un.stack.ForgetHost(host) {
		un.changed = true
		un.screen.toast.WithdrawOffer()
	}
}

// shortName is what sites are called where there is little room.
func (un *undoHistory) shortName(sites []engine.Site) string {
	if len(sites) != 1 {
		return nameOf(sites)
	}
	if title := format.Text(sites[0].Title); title != "" {
		return format.Cut(title, 28)
	}
	return badge.Name(sites[0], 28)
}

// loadNewestBinned looks into the bin, where there may be something that was sent away from elsewhere.
func (un *undoHistory) loadNewestBinned() tea.Cmd {
	ctx, e := un.conn.ctx, un.conn.engine
	return guardPanic(func() tea.Msg {
		binned, err := e.Bin(ctx)
		return newestBinnedMsg{binned, err}
	})
}

// handleNewestBinned offers to bring back what was sent away last, by whomever.
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
		Text: "This dashboard has nothing left to undo. This site was " + sent + " " +
			format.Ago(newest.Since.Std(), un.screen.now) + ". It is in the bin, and is deleted in " +
			format.Duration(newest.Until.Std().Sub(un.screen.now)) + ". " +
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

// binnedSite is what is known of a site in the bin.
func binnedSite(b engine.Binned) engine.Site {
	return engine.Site{
		Host: b.Host, Machine: b.Machine, URL: b.URL, Infohash: b.Infohash, Title: b.Title, Pinned: b.Pinned, Mine: b.Mine,
	}
}
