package overview

import (
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/keys"
	"wtptui/ui/search"
	"wtptui/ui/theme"
)

// twoColumnWidth is the least width, in cells, at which the text has two columns.
const twoColumnWidth = 112

// SiteAction is an action that a person has chosen for a site. At most one of its fields is set.
type SiteAction struct {
	// SwitchTo is the version to switch to and to stay at; Follow lets the site follow its owner again.
	SwitchTo string
	Follow   bool
	// Toggle is the action that toggles a property of the site, as its key does.
	Toggle keys.Action
	// AcceptKey accepts the key that the site's domain names now.
	AcceptKey bool
}

// Pane is the overview.
type Pane struct {
	facts   facts
	focused bool
	text    search.Lines
	// choiceLines are the lines that can be chosen, as they were last drawn; chosen is the action of the chosen one, the
	// zero SiteAction when none is chosen. An index would not do: versions come and go above it.
	choiceLines []choiceLine
	chosen      SiteAction
}

// New returns an overview without a site.
func New(th *theme.Theme, km *keys.Map) *Pane { return &Pane{facts: facts{theme: th, keys: km}} }

// choiceLine is a line that can be chosen.
type choiceLine struct {
	line   int
	action SiteAction
}

// Name returns the name of the tab.
func (*Pane) Name() string { return "Overview" }

// Count returns 0: an overview has no count.
func (*Pane) Count() int { return 0 }

// Focus sets whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set sets the detail of a site. On another site than before nothing is chosen.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	if d.Site.Ref() != p.facts.detail.Site.Ref() {
		p.text.ToTop()
		p.chosen = SiteAction{}
	}
	p.facts.detail, p.facts.now = d, now
}

// SetRates sets the rates of the site's last minute.
func (p *Pane) SetRates(s history.Series) { p.facts.rates = s }

// SetHomes sets the homes of all sites.
func (p *Pane) SetHomes(all []engine.Home) { p.facts.homes = all }

// SetEnough sets how many others must seed a site for it to rest, for sites without a number of their own; 0 for never.
func (p *Pane) SetEnough(n int) { p.facts.defaultEnough = n }

// SetGoals sets Status.Goals.
func (p *Pane) SetGoals(all []engine.Goals) { p.facts.goals = all }

// SiteAction returns the action of the chosen line; false when none is chosen.
func (p *Pane) SiteAction() (SiteAction, bool) { return p.chosen, p.chosen != SiteAction{} }

// Search returns the search in the text.
func (p *Pane) Search() *search.Search { return p.text.Search(p.facts.theme) }

// Handle goes to the next line that can be chosen if it is visible, and scrolls otherwise.
func (p *Pane) Handle(a keys.Action) bool {
	at := slices.IndexFunc(p.choiceLines, func(s choiceLine) bool { return s.action == p.chosen })
	next := at
	switch a {
	case keys.Up:
		next--
	case keys.Down:
		next++
	case keys.Top:
		next = min(0, len(p.choiceLines)-1)
	case keys.Bottom:
		next = len(p.choiceLines) - 1
	}
	if next == at || next < 0 || next >= len(p.choiceLines) {
		return p.text.Handle(a)
	}
	line := p.choiceLines[next].line
	if a == keys.Top || a == keys.Bottom || !p.text.IsVisible(line) {
		p.text.Handle(a)
	}
	if p.text.IsVisible(line) {
		p.chosen = p.choiceLines[next].action
	}
	return true
}

// ClickRow chooses the line at y of the pane, if it can be chosen.
func (p *Pane) ClickRow(y int) bool {
	for _, s := range p.choiceLines {
		if s.line == p.text.Line(y) {
			p.chosen = s.action
			return true
		}
	}
	return false
}

// More returns a hint that there is text above or below what was last drawn.
func (p *Pane) More() string { return p.text.More() }

// View draws the part of the text that fits.
func (p *Pane) View(w, h int) string {
	lines, choiceLines := p.draw(w)
	p.choiceLines = choiceLines
	if !slices.ContainsFunc(choiceLines, func(s choiceLine) bool { return s.action == p.chosen }) {
		p.chosen = SiteAction{}
	}
	return strings.Join(p.text.Draw(lines, h, p.facts.theme), "\n")
}

// draw writes everything, and returns the lines that can be chosen. Where there is room, what follows the addresses has
// two columns: an address itself is never broken to fit into one.
func (p *Pane) draw(w int) ([]string, []choiceLine) {
	b, f := p.newLines(w, 0), &p.facts
	f.writeIdentity(b)
	b.addBlank()
	if w >= twoColumnWidth {
		columns, choiceLines := p.drawColumns((w-3)/2, len(b.lines))
		return append(b.lines, columns...), choiceLines
	}
	f.writeContent(b)
	b.addBlank()
	if f.writeDomain(b) {
		b.addBlank()
	}
	if f.writeVersions(b) {
		b.addBlank()
	}
	f.writeSharing(b)
	return b.lines, b.choiceLines
}

// Summary returns h lines of at most w cells about how the site is shared, what is here of it and, where there is room,
// what its domain points to. It is drawn beside lists about the same site. Nothing can be chosen in it.
func (p *Pane) Summary(w, h int) []string {
	b, f := &lines{w: w, theme: p.facts.theme}, &p.facts
	f.writeSharing(b)
	b.addBlank()
	f.writeContent(b)
	b.addBlank()
	if f.writeDomain(b) {
		b.addBlank()
	}
	f.writeVersions(b)
	for len(b.lines) < h {
		b.addBlank()
	}
	return b.lines[:h]
}

// newLines returns an empty text of w cells that begins at line top.
func (p *Pane) newLines(w, top int) *lines {
	return &lines{w: w, top: top, theme: p.facts.theme, chosen: p.chosen, focused: p.focused}
}

// drawColumns writes the rest of the text, which begins at line top, in two columns of w cells.
func (p *Pane) drawColumns(w, top int) ([]string, []choiceLine) {
	left, right, f := p.newLines(w, top), p.newLines(w, top), &p.facts
	f.writeContent(left)
	if f.writeDomain(right) {
		left.addBlank()
		f.writeSharing(left)
	} else {
		f.writeSharing(right)
	}
	if len(f.detail.Versions) > 0 {
		right.addBlank()
		f.writeVersions(right)
	}
	return joinColumns(left.lines, right.lines, w, f.theme), append(left.choiceLines, right.choiceLines...)
}

// joinColumns lays two columns side by side.
func joinColumns(left, right []string, w int, th *theme.Theme) []string {
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
