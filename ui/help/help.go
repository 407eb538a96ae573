package help

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/scroll"
	"wtptui/ui/search"
	"wtptui/ui/theme"
)

// Pane is the help.
type Pane struct {
	theme    *theme.Theme
	keys     *keys.Map
	rows     []row
	window   scroll.Window
	search   search.Search
	matchRow int // the row of the selected match, counted from 1; 0 for none
	// reveal reports whether this row has to come into view when the help is drawn.
	reveal bool
}

// row is what keys do, or the heading of the rows that follow.
type row struct {
	heading string
	// keys are written as a person reads them; name is that of the action.
	keys, text, name string
}

// firstSteps are the actions that a person needs who is here for the first time. They are not repeated below.
var firstSteps = []keys.Action{
	keys.Add, keys.Details, keys.Open, keys.Pin, keys.Evict, keys.Undo, keys.Publish, keys.StartSearch, keys.ShowPalette,
	keys.Leave,
}

// scopes are the scopes with a heading each, in the order of the help. Keys that work only in a window are left out:
// they are in the window's footer.
var scopes = []keys.Scope{keys.Verbs, keys.Global, keys.Search, keys.Move, keys.Main, keys.Page, keys.Always}

const (
	maxKeyWidth    = 16 // cells for keys, at most
	minColumnWidth = 55 // at least
	maxColumnWidth = 80
)

// New returns the help for a table of keys.
func New(th *theme.Theme, km *keys.Map) *Pane {
	p := &Pane{theme: th, keys: km}
	all := km.All()
	p.rows = append(p.rows, row{heading: "First steps"})
	for _, a := range firstSteps {
		i := slices.IndexFunc(all, func(b keys.Binding) bool { return b.Action == a })
		p.rows = append(p.rows, newRow(all[i]))
	}
	for _, sc := range scopes {
		p.rows = append(p.rows, row{heading: format.Capital(string(sc))})
		for _, b := range all {
			switch last := &p.rows[len(p.rows)-1]; {
			case b.Scope != sc, slices.Contains(firstSteps, b.Action) && isFirstBinding(all, b):
			case slices.Contains(viewActions, b.Action) && slices.Contains(viewActions, keys.Action(last.name)):
				last.addNumbered(b)
			case slices.Contains(viewActions, b.Action):
				r := newRow(b)
				r.text = r.keys + " " + r.text
				p.rows = append(p.rows, r)
			default:
				p.rows = append(p.rows, newRow(b))
			}
		}
	}
	return p
}

func newRow(b keys.Binding) row { return row{keys: b.Label(), text: b.Help, name: string(b.Action)} }

// viewActions are the actions of the digits. They share a row because there are so many.
var viewActions = []keys.Action{
	keys.One, keys.Two, keys.Three, keys.Four, keys.Five, keys.Six, keys.Seven, keys.Eight, keys.Nine,
}

// addNumbered adds the next digit to a row of them.
func (r *row) addNumbered(b keys.Binding) {
	from, _, _ := strings.Cut(r.keys, " … ")
	r.keys = from + " … " + b.Label()
	r.text += ", " + b.Label() + " " + b.Help
}

// isFirstBinding reports whether the binding is the first one in the table for its action.
func isFirstBinding(all []keys.Binding, b keys.Binding) bool {
	i := slices.IndexFunc(all, func(o keys.Binding) bool { return o.Action == b.Action })
	return all[i].Scope == b.Scope
}

// Situation names the stack of scopes that is in force.
func (*Pane) Situation() string { return "help" }

// Act scrolls; any other action closes the window.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) { return nil, p.Handle(a) }

// Handle scrolls.
func (p *Pane) Handle(a keys.Action) bool { return p.window.Handle(a) }

// Search returns the search in the help.
func (p *Pane) Search() *search.Search { return p.search.Attach(p, p.theme) }

// RowCount returns the number of bindings and headings.
func (p *Pane) RowCount() int { return len(p.rows) }

// RowText returns the keys of a binding, what it does and the action's name.
func (p *Pane) RowText(i int) string {
	r := p.rows[i]
	return p.theme.SpellKeys(r.keys) + "\n" + r.text + "\n" + r.name
}

// Index returns the row of the selected match; -1 for none.
func (p *Pane) Index() int { return p.matchRow - 1 }

// SelectRow goes to a row.
func (p *Pane) SelectRow(i int) { p.matchRow, p.reveal = i+1, i >= 0 }

// View draws the window for a screen of w by h cells, in two columns when there is room.
func (p *Pane) View(w, h int) string {
	inner := min(w-6, 2*maxColumnWidth+2)
	var lines []line
	if inner >= 2*minColumnWidth+2 {
		lines = p.twoColumns((inner - 2) / 2)
	} else {
		inner = min(inner, maxColumnWidth)
		lines = p.column(0, len(p.rows), inner)
	}
	page := max(min(len(lines), h-2), 1)
	title := "Keys — " + p.keys.FirstKeyIn(keys.Search, keys.StartSearch) + " searches"
	if page < len(lines) {
		title += ", " + keys.Name("j") + " and " + keys.Name("k") + " scroll"
	}
	texts := make([]string, len(lines))
	for i := range lines {
		texts[i] = lines[i].text
	}
	shown := p.window.View(texts, page)
	if p.reveal {
		p.reveal = false
		row := p.Index()
		p.window.Reveal(slices.IndexFunc(lines, func(l line) bool { return l.left == row || l.right == row }))
		shown = p.window.View(texts, page)
	}
	above, below := p.window.Line(0) > 0, p.window.Line(page) < len(lines)
	return layout.FrameWithMore(strings.Join(shown, "\n"), title, inner, page, above, below, p.theme)
}

// line is a line of the help, and the rows that are in it; -1 for none.
type line struct {
	text        string
	left, right int
}

// twoColumns lays out two columns of w cells side by side, split between two groups so that they are about equally
// long.
func (p *Pane) twoColumns(w int) []line {
	split, best := len(p.rows), len(p.column(0, len(p.rows), w))
	for i, r := range p.rows {
		if i == 0 || r.heading == "" {
			continue
		}
		if n := max(len(p.column(0, i, w)), len(p.column(i, len(p.rows), w))); n < best {
			split, best = i, n
		}
	}
	one, two := p.column(0, split, w), p.column(split, len(p.rows), w)
	out := make([]line, max(len(one), len(two)))
	for i := range out {
		l, r := line{left: -1}, line{left: -1}
		if i < len(one) {
			l = one[i]
		}
		if i < len(two) {
			r = two[i]
		}
		out[i] = line{l.text + format.Blank(w-format.Width(l.text)) + "  " + r.text, l.left, r.left}
	}
	return out
}

// keyWidth returns the width of the keys before what they do, in cells.
func (p *Pane) keyWidth() int {
	w := 0
	for _, r := range p.rows {
		w = max(w, format.Width(p.theme.SpellKeys(r.keys)))
	}
	return min(w+1, maxKeyWidth)
}

// column draws the rows from one to before another in lines of w cells.
func (p *Pane) column(from, to, w int) []line {
	var out []line
	width := p.keyWidth()
	for i := from; i < to; i++ {
		r := p.rows[i]
		if r.heading != "" {
			if i > from {
				out = append(out, line{left: -1, right: -1})
			}
			out = append(out, line{p.theme.Strong.Render(r.heading), -1, -1})
			continue
		}
		background := theme.Style("")
		if i == p.matchRow-1 {
			background = p.theme.Selected
		}
		label := p.theme.SpellKeys(r.keys)
		for _, l := range format.Wrap(r.text, w-width-1) {
			text := p.search.Query().Render(format.Fit(label, width)+" ", p.theme, p.theme.Accent, background)
			text += p.search.Query().Render(format.Fit(l, w-width-1), p.theme, p.theme.Text, background)
			out = append(out, line{text, i, -1})
			label = ""
		}
	}
	return out
}
