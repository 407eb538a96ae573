package toast

import (
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// How long a message is shown.
const (
	Brief = 4 * time.Second
	Long  = 10 * time.Second
)

// Offer is something that was done, and the key that does something about it.
type Offer struct {
	// Text is what was done.
	Text string
	// Key is the key's label, Word the name of its action in one word, and Effect what it does: "u", "undo", "unpin Garden
	// notes".
	Key, Word, Effect string
	// Until is the time from which on that is no longer possible; zero for never.
	Until time.Time
}

// Pane is the toast line.
type Pane struct {
	Theme         *theme.Theme
	Keys          *keys.Map
	now           time.Time
	text          string
	level         engine.Level
	until         time.Time
	nothingDone   bool // the text says why nothing was done
	offer         Offer
	shown         time.Time // until when the offer is shown: it can be taken up for longer
	keyInactive   bool      // the key of the offer has no effect now
	hint          string
	hintIsProblem bool
	// work is what is under way, and marks how many sites are marked; both are shown for as long as they last.
	work, marks string
}

// Tick sets the time and removes what has expired.
func (p *Pane) Tick(now time.Time) {
	p.now = now
	if !now.Before(p.until) {
		p.text = ""
	}
}

// Show shows a message in place of the last one; problems are shown longer.
func (p *Pane) Show(level engine.Level, text string) {
	stay := Brief
	if level != engine.Info {
		stay = Long
	}
	p.text, p.level, p.until, p.nothingDone = format.Text(text), level, p.now.Add(stay), false
}

// ShowNothingDone shows why nothing was done, which is neither a success nor a problem.
func (p *Pane) ShowNothingDone(text string) {
	p.Show(engine.Info, text)
	p.nothingDone = true
}

// ShowOffer shows what was done, in place of an older offer and of the last message.
func (p *Pane) ShowOffer(o Offer) {
	o.Text, o.Effect = format.Text(o.Text), format.Text(o.Effect)
	p.offer, p.shown, p.text = o, p.now.Add(Long), ""
}

// WithdrawOffer removes the offer.
func (p *Pane) WithdrawOffer() { p.offer, p.shown = Offer{}, time.Time{} }

// shownOffer returns the offer while it is shown, without its key if that has no effect now.
func (p *Pane) shownOffer() (Offer, bool) {
	o := p.offer
	if p.keyInactive {
		o.Key = ""
	}
	return o, p.now.Before(p.shown) && (o.Until.IsZero() || p.now.Before(o.Until))
}

// SetKeyActive sets whether the key of an offer has an effect now. At first it has.
func (p *Pane) SetKeyActive(active bool) { p.keyInactive = !active }

// SetWork shows what is under way; an empty text ends that.
func (p *Pane) SetWork(text string) { p.work = text }

// SetMarks shows how many sites are marked, and how many of those are not on the screen.
func (p *Pane) SetMarks(marked, hidden int) {
	p.marks = ""
	if marked > 0 {
		p.marks = format.Count(marked) + " marked"
	}
	if hidden > 0 {
		p.marks += fmt.Sprintf(" (%s not shown)", format.Count(hidden))
	}
}

// SetHint sets the text that is shown while there is no message: what is wrong with the selected site, for instance.
func (p *Pane) SetHint(text string, bad bool) { p.hint, p.hintIsProblem = format.Text(text), bad }

// minTextWidth is how many cells of what was done must be left beside what can be done about it.
const minTextWidth = 24

// maxLines is the largest number of lines for a message.
const maxLines = 3

// LinesAbove draws the lines that a message needs above the toast line, so that its end, which says what to do, can be
// read in full. There are none for a message that fits into one line, and for one about something that was done.
func (p *Pane) LinesAbove(w int) []string {
	room, _ := p.roomLeft(w)
	lines := p.messageLines(room)
	for i, l := range lines {
		lines[i] = " " + format.Fit(l, w-1)
	}
	return lines[:max(len(lines)-1, 0)]
}

// messageLines returns a message that does not fit into a line of w cells, in several lines; nil if it fits, is about
// something that was done, or is not shown.
func (p *Pane) messageLines(w int) []string {
	isDone := p.level == engine.Info && !p.nothingDone
	if p.work != "" || p.text == "" || isDone || format.Width(p.text) <= w-2 {
		return nil
	}
	lines := wrapMessage(p.text, w-2)
	for i, l := range lines {
		lines[i] = p.drawMessage(l, i == 0)
	}
	return lines
}

// drawMessage draws a line of the message; the first one has the sign of its kind.
func (p *Pane) drawMessage(line string, isFirst bool) string {
	sign, style, all := "✓", p.Theme.Good, false // all reports whether the text has the style of the sign.
	switch {
	case p.level == engine.Problem:
		sign, style, all = "✗", p.Theme.Bad, true
	case p.level == engine.Warning:
		sign, style, all = "⚠", p.Theme.Warn, true
	case p.nothingDone:
		sign, style = "·", p.Theme.Accent
	}
	if !isFirst {
		sign = " "
	}
	if all {
		return style.Render(sign + " " + line)
	}
	return style.Render(sign) + " " + line
}

// wrapMessage returns a message in at most maxLines lines of w cells. Texts in parentheses are left out first, and then
// words in the middle: the start says what has happened, and the end what to do.
func wrapMessage(text string, w int) []string {
	lines := format.Wrap(text, w)
	for ok := true; ok && len(lines) > maxLines; {
		text, ok = format.DropParentheses(text)
		lines = format.Wrap(text, w)
	}
	if len(lines) <= maxLines {
		return lines
	}
	const endLines = maxLines - 1
	words := strings.Fields(text)
	from := len(words) - 1
	for from > 0 && len(format.Wrap(strings.Join(words[from-1:], " "), w)) <= endLines {
		from--
	}
	end := format.Wrap(strings.Join(words[from:], " "), w)
	end = end[max(len(end)-endLines, 0):]
	return append([]string{format.Cut(lines[0]+" …", w)}, end...)
}

// View draws the toast line. h is the number of lines that the toast has: those of LinesAbove and this one, or this one
// alone, in which a message that needs more is cut.
func (p *Pane) View(w, h int) string {
	room, right := p.roomLeft(w)
	done := ""
	if o, ok := p.shownOffer(); ok {
		done = p.offerLine(o, room)
	}
	left := p.leftText(done, room, h)
	if right == "" {
		return format.Cut(" "+left, w)
	}
	return " " + format.Fit(left, room) + " " + right
}

// roomLeft returns what is drawn at the right of w cells, and how many cells are left for the rest.
func (p *Pane) roomLeft(w int) (room int, right string) {
	if p.marks != "" {
		right = p.Theme.Accent.Render("● "+p.marks) + " "
	}
	o, ok := p.shownOffer()
	if ok && o.Key != "" && (p.text != "" || p.work != "") {
		if beside := p.offerText(o) + "  " + right; p.work != "" ||
			format.Width(p.text)+format.Width(beside)+len("   ") <= w-1 {
			right = beside
		}
	}
	room = w - 1 - format.Width(right)
	if right != "" {
		room--
	}
	if room < 8 {
		return w - 1, ""
	}
	return room, right
}

// offerLine returns what was done and what can be done about it, in w cells; the former is cut first.
func (p *Pane) offerLine(o Offer, w int) string {
	const before, gap = "✓ ", " — "
	sides := format.Width(before + gap)
	if o.Key == "" { // A person has removed the key, or it has no effect now.
		return p.Theme.Good.Render("✓") + " " + format.CutMessage(o.Text, w-sides)
	}
	way := p.Theme.Accent.Render(o.Key) + ": " + o.Effect + p.timeLeft(o)
	if w-sides-format.Width(way) < min(minTextWidth, format.Width(o.Text)) {
		way = p.offerText(o)
	}
	return p.Theme.Good.Render("✓") + " " + format.CutMessage(o.Text, w-sides-format.Width(way)) + gap + way
}

// offerText returns what can be done, in a word or two.
func (p *Pane) offerText(o Offer) string {
	return p.Theme.Accent.Render(o.Key) + " " + o.Word + p.timeLeft(o)
}

// timeLeft returns for how long that is possible.
func (p *Pane) timeLeft(o Offer) string {
	if o.Until.IsZero() {
		return ""
	}
	return ", " + format.Duration(roundDuration(o.Until.Sub(p.now)))
}

// roundDuration rounds to hours above an hour, and to seconds below.
func roundDuration(d time.Duration) time.Duration {
	if d > time.Hour {
		return d.Round(time.Hour)
	}
	return d.Round(time.Second)
}

// leftText returns the most urgent of what there is to show, for w cells; h is as in View.
func (p *Pane) leftText(done string, w, h int) string {
	switch {
	case p.work != "":
		return p.Theme.Progress.Render("◌ " + p.work)
	case p.text != "":
		return p.messageLine(w, h)
	case done != "":
		return done
	case p.hint == "":
		return ""
	case p.hintIsProblem:
		return p.Theme.Bad.Render("✗ " + format.CutMessage(p.hint, w-2))
	}
	return p.Theme.Dim.Render(format.CutMessage(p.hint, w))
}

// messageLine returns the last message with a sign of its kind; h is as in View.
func (p *Pane) messageLine(w, h int) string {
	if lines := p.messageLines(w); h > 1 && lines != nil {
		return lines[len(lines)-1]
	}
	return p.drawMessage(format.CutMessage(p.text, w-2), true)
}
