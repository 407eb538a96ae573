package ui

import (
	"strings"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// eventNotifier shows the engine's events and hints, and collects the events for the log.
type eventNotifier struct {
	conn        *connection
	screen      *screen
	undoHistory *undoHistory

	seen   uint64         // the number of the newest event that was shown
	events []engine.Event // the newest last
}

// maxEvents is how many events are kept at least.
const maxEvents = 1000

// recordEvent adds an event to the log.
func (n *eventNotifier) recordEvent(e engine.Event) {
	n.events = append(n.events, e)
	if len(n.events) > 2*maxEvents {
		n.events = append([]engine.Event(nil), n.events[len(n.events)-maxEvents:]...)
	}
}

// showEvents shows those events that the person should see. Those before the first snapshot are only recorded.
func (n *eventNotifier) showEvents(events []engine.Event, history bool) {
	for _, e := range events {
		if e.Seq <= n.seen {
			continue
		}
		n.seen = e.Seq
		n.recordEvent(e)
		if history {
			continue
		}
		text := n.withSiteName(e.Host, e.Text)
		switch {
		case e.Kind == engine.Evicted, e.Kind == engine.Removed && n.conn.binPeriod() > 0:
			if !n.undoHistory.jobs.evicting[e.Host] && !n.undoHistory.stack.CanRestore(e.Host) {
				n.screen.toast.Show(engine.Info, text+". "+n.screen.keys.FirstKey(keys.Bin)+" shows the bin")
			}
		case e.Kind == engine.Restored, e.Kind == engine.Removed:
			n.undoHistory.forgetSite(e.Host)
		case e.Level != engine.Info:
			n.screen.toast.Show(e.Level, text)
		case e.Kind == engine.Expired, e.Kind == engine.Completed:
			n.screen.toast.Show(engine.Info, text)
		}
	}
}

// showHint shows in the toast line what is wrong with the filter or with the selected site: elsewhere there may be no
// room for it.
func (n *eventNotifier) showHint() {
	n.screen.toast.SetHint("", false)
	if s := n.screen.activeSearch(); s != nil && s.Active() {
		n.screen.toast.SetHint(s.HintText(n.screen.keys), false)
		return
	}
	if wrong := n.screen.list.FilterProblem(); wrong != "" && n.screen.page == nil {
		n.screen.toast.SetHint(wrong, false)
		return
	}
	if s, ok := n.screen.target(); ok {
		if text, bad := badge.ProblemInSentence(s); text != "" && !(bad && n.screen.showsProblem()) {
			if line := n.withSiteName(s.Ref(), text); format.Width(line) <= n.screen.w-4 {
				text = line // else the selection says which site it is
			}
			n.screen.toast.SetHint(text, bad)
		}
	}
}

// withSiteName puts the site's name before a text about it, unless the text contains its host. The name has the room
// that the text leaves.
func (n *eventNotifier) withSiteName(host, text string) string {
	if host == "" || strings.Contains(text, host) {
		return text
	}
	room := n.screen.w - format.Width(text) - len(" ✓ : ")
	return n.screen.siteName(host, max(room, nameWidth)) + ": " + text
}
