package toast

import (
	"fmt"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// How long a message stays.
const (
	Brief = 4 * time.Second
	Long  = 10 * time.Second
)

// Eviction is something that can be undone until a time: sites that were sent away together.
type Eviction struct {
	Hosts []string
	Text  string
	Until time.Time
}

// offer is an eviction, and those of its hosts that have not come back.
type offer struct {
	Eviction

	away map[string]bool
	// shown is until when it is shown. It can be taken up for longer.
	shown time.Time
}

// Pane is the toast line.
type Pane struct {
	Theme *theme.Theme
	Keys  *keys.Map
	now   time.Time
	text  string
	level engine.Level
	until time.Time
	idle  bool    // the text says why nothing was done
	undo  []offer // the newest last
	hint  string
	bad   bool
	// work is what is under way, and marks how many sites are marked; both are shown for as long as they last.
	work, marks string
}

// Tick tells the time and forgets what is over.
func (p *Pane) Tick(now time.Time) {
	p.now = now
	if !now.Before(p.until) {
		p.text = ""
	}
	p.undo = slices.DeleteFunc(p.undo, func(o offer) bool { return !now.Before(o.Until) })
}

// Show shows a message in place of the last one; problems stay longer.
func (p *Pane) Show(level engine.Level, text string) {
	stay := Brief
	if level != engine.Info {
		stay = Long
	}
	p.text, p.level, p.until, p.idle = format.Text(text), level, p.now.Add(stay), false
}

// Idle says why there was nothing to do: no success, and no problem either.
func (p *Pane) Idle(text string) {
	p.Show(engine.Info, text)
	p.idle = true
}

// Evicted offers an undo, in place of older ones for the same hosts.
func (p *Pane) Evicted(e Eviction) {
	p.Restored(e.Hosts...)
	o := offer{e, make(map[string]bool, len(e.Hosts)), p.now.Add(Long)}
	for _, host := range e.Hosts {
		o.away[host] = true
	}
	p.undo = append(p.undo, o)
	p.text = ""
}

// Restored takes back the offer for hosts.
func (p *Pane) Restored(hosts ...string) {
	for _, o := range p.undo {
		for _, host := range hosts {
			delete(o.away, host)
		}
	}
	p.undo = slices.DeleteFunc(p.undo, func(o offer) bool { return len(o.away) == 0 })
}

// Offered reports whether the eviction of a host can be undone.
func (p *Pane) Offered(host string) bool {
	return slices.ContainsFunc(p.undo, func(o offer) bool { return o.away[host] })
}

// Working shows what is under way until it is told that nothing is, with an empty text.
func (p *Pane) Working(text string) { p.work = text }

// Marks shows how many sites are marked, and how many of those are not on the screen.
func (p *Pane) Marks(marked, hidden int) {
	p.marks = ""
	if marked > 0 {
		p.marks = format.Count(marked) + " marked"
	}
	if hidden > 0 {
		p.marks += fmt.Sprintf(" (%s not shown)", format.Count(hidden))
	}
}

// Last returns the newest eviction that can be undone, with those of its hosts that have not come back.
func (p *Pane) Last() (Eviction, bool) {
	o, ok := p.newest()
	e := o.Eviction
	e.Hosts = slices.DeleteFunc(slices.Clone(e.Hosts), func(host string) bool { return !o.away[host] })
	return e, ok
}

func (p *Pane) newest() (offer, bool) {
	if len(p.undo) == 0 {
		return offer{}, false
	}
	return p.undo[len(p.undo)-1], true
}

// Hint is shown while there is nothing else to say: what is wrong with the selected site, for instance.
func (p *Pane) Hint(text string, bad bool) { p.hint, p.bad = format.Text(text), bad }

// View draws the line, h being 1.
func (p *Pane) View(w, _ int) string {
	right, evicted := "", ""
	if p.marks != "" {
		right = p.Theme.Accent.Render("● "+p.marks) + " "
	}
	if o, ok := p.newest(); ok && p.now.Before(o.shown) {
		way := p.wayBack(o)
		if p.text == "" {
			evicted = p.Theme.Good.Render("✓") + " " + o.Text + " — " + way
		} else {
			right = way + "  " + right
		}
	}
	room := w - 1 - format.Width(right)
	if right != "" {
		room--
	}
	if room < 8 {
		room, right = w-1, ""
	}
	left := p.left(evicted, room)
	if right == "" {
		return format.Cut(" "+left, w)
	}
	return " " + format.Fit(left, room) + " " + right
}

// wayBack says how an eviction is undone, and for how long.
func (p *Pane) wayBack(o offer) string {
	count := ""
	if n := len(p.undo); n > 1 {
		count = fmt.Sprintf(" (of %d)", n)
	}
	return p.Theme.Accent.Render(p.Keys.Of(keys.Undo)) + " undo" + count + " " + format.Span(roundly(o.Until.Sub(p.now)))
}

// roundly rounds what is left of hours to hours, and of less to seconds.
func roundly(d time.Duration) time.Duration {
	if d > time.Hour {
		return d.Round(time.Hour)
	}
	return d.Round(time.Second)
}

// left is what there is to say, the most urgent of it, for w cells.
func (p *Pane) left(evicted string, w int) string {
	switch {
	case p.work != "":
		return p.Theme.Move.Render("◌ " + p.work)
	case p.text != "":
		return p.message(w)
	case evicted != "":
		return evicted
	case p.hint == "":
		return ""
	case p.bad:
		return p.Theme.Bad.Render("✗ " + format.Gist(p.hint, w-2))
	}
	return p.Theme.Dim.Render(format.Gist(p.hint, w))
}

// message is what was said last, with a sign of its kind.
func (p *Pane) message(w int) string {
	text := format.Gist(p.text, w-2)
	switch p.level {
	case engine.Problem:
		return p.Theme.Bad.Render("✗ " + text)
	case engine.Warning:
		return p.Theme.Warn.Render("⚠ " + text)
	case engine.Info:
	}
	if p.idle {
		return p.Theme.Accent.Render("·") + " " + text
	}
	return p.Theme.Good.Render("✓") + " " + text
}
