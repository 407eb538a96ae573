package overview

import (
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/keys"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

// wide is the width from which on the text stands in two columns.
const wide = 112

// SiteAction is something that a person wants of the engine. At most one of its parts is set.
type SiteAction struct {
	// Hold is the version to switch to and to stay at; Follow says to follow the domain again.
	Hold   string
	Follow bool
	// Clearnet turns the site's permission to ask other servers around.
	Clearnet bool
}

// Pane is the overview.
type Pane struct {
	Theme   *theme.Theme
	Keys    *keys.Map
	d       engine.Detail
	rates   history.Series
	now     time.Time
	focused bool
	window  scroll.Window
	// spots are the lines on which something can be chosen, as they were last drawn; at is the chosen one.
	spots []spot
	at    int
}

// spot is a line on which something can be chosen.
type spot struct {
	line   int
	action SiteAction
}

// Name is the tab's.
func (*Pane) Name() string { return "Overview" }

// Count is not shown for an overview.
func (*Pane) Count() int { return 0 }

// Focus says whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set takes all that is known of a site.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	if d.Site.Host != p.d.Site.Host {
		p.window.Top()
		p.at = 0
	}
	p.d, p.now = d, now
}

// SetRates takes the site's last minute.
func (p *Pane) SetRates(s history.Series) { p.rates = s }

// SiteAction gives what the chosen line stands for.
func (p *Pane) SiteAction() (SiteAction, bool) {
	if p.at >= len(p.spots) {
		return SiteAction{}, false
	}
	return p.spots[p.at].action, true
}

// Handle goes to the next line on which something can be chosen if it is to be seen, and scrolls otherwise.
func (p *Pane) Handle(a keys.Action) bool {
	step := 0
	switch a {
	case keys.Up:
		step = -1
	case keys.Down:
		step = 1
	case keys.Top:
		p.at = 0
	case keys.Bottom:
		p.at = max(len(p.spots)-1, 0)
	}
	if next := p.at + step; step != 0 && next >= 0 && next < len(p.spots) {
		line := p.spots[next].line
		if !p.window.Shows(line) {
			p.window.Handle(a)
		}
		if p.window.Shows(line) {
			p.at = next
		}
		return true
	}
	return p.window.Handle(a)
}

// ClickRow chooses what stands at line y of the pane, if anything can be chosen there.
func (p *Pane) ClickRow(y int) bool {
	for i, s := range p.spots {
		if s.line == p.window.Line(y) {
			p.at = i
			return true
		}
	}
	return false
}

// More says whether there is text above and below what was last drawn.
func (p *Pane) More() string { return p.window.More() }

// View draws the part of the text that fits.
func (p *Pane) View(w, h int) string {
	return strings.Join(p.window.View(p.text(w), h), "\n")
}

// text writes everything, and notes the spots. Where there is room, what follows the addresses stands in two columns:
// an address itself is never broken to fit into one.
func (p *Pane) text(w int) []string {
	b := p.lines(w, 0, 0)
	p.head(b)
	b.blank()
	if w >= wide {
		return append(b.out, p.columns((w-3)/2, len(b.out))...)
	}
	p.body(b)
	b.blank()
	if p.domain(b) {
		b.blank()
	}
	if p.versions(b) {
		b.blank()
	}
	p.sharing(b)
	p.keep(b.spots)
	return b.out
}

// columns writes the rest of the text, which begins at line top, in two columns of w cells.
func (p *Pane) columns(w, top int) []string {
	left := p.lines(w, top, 0)
	p.body(left)
	right := p.lines(w, top, len(left.spots))
	if p.domain(right) {
		left.blank()
		p.sharing(left)
	} else {
		p.sharing(right)
	}
	if len(p.d.Versions) > 0 {
		right.blank()
		p.versions(right)
	}
	p.keep(append(left.spots, right.spots...))
	return beside(left.out, right.out, w, p.Theme)
}

// keep takes the spots of a new text.
func (p *Pane) keep(spots []spot) {
	p.spots = spots
	p.at = max(min(p.at, len(spots)-1), 0)
}

// beside lays two columns side by side.
func beside(left, right []string, w int, th *theme.Theme) []string {
	out := make([]string, max(len(left), len(right)))
	for i := range out {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out[i] = l + format.Blank(w-format.Width(l)) + th.Border.Render(" │ ") + r
	}
	return out
}
