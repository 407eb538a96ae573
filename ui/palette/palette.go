package palette

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/prompt"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// width is the window's inside at its widest, in cells.
const width = 96

// Pane is the palette.
type Pane struct {
	theme *theme.Theme
	all   []keys.Binding
	shown []keys.Binding
	do    func(keys.Action) tea.Cmd
	input textinput.Model
	sel   table.Selection
}

// New makes a palette of the bindings, one line an action; movements within a list are left out. do carries one out, and
// closes the palette before.
func New(th *theme.Theme, all []keys.Binding, do func(keys.Action) tea.Cmd) *Pane {
	p := &Pane{theme: th, do: do, input: prompt.Input(th)}
	for _, b := range all {
		known := slices.ContainsFunc(p.all, func(o keys.Binding) bool { return o.Action == b.Action })
		if !known && b.Scope != keys.Move && b.Action != keys.ShowPalette {
			p.all = append(p.all, b)
		}
	}
	p.input.Focus()
	p.search()
	return p
}

// search finds the actions whose name or sentence has every word that was typed; those whose name begins with it come
// first.
func (p *Pane) search() {
	text := strings.ToLower(strings.TrimSpace(p.input.Value()))
	var first, others []keys.Binding
	for _, b := range p.all {
		name := string(b.Action)
		hay := strings.ToLower(name + " " + b.Help)
		found := true
		for _, word := range strings.Fields(text) {
			found = found && strings.Contains(hay, word)
		}
		switch {
		case !found:
		case text != "" && (strings.HasPrefix(name, text) || strings.HasPrefix(strings.ToLower(b.Help), text)):
			first = append(first, b)
		default:
			others = append(others, b)
		}
	}
	p.shown = slices.Concat(first, others)
	p.sel = table.Selection{}
	p.sel.Keep(len(p.shown), p.keyAt)
}

func (p *Pane) keyAt(i int) string { return string(p.shown[i].Action) }

// Situation names its keys.
func (*Pane) Situation() string { return "palette" }

// Act moves, does the selected action, or closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	switch {
	case a == keys.Accept && len(p.shown) > 0:
		return p.do(p.shown[p.sel.Index()].Action), true
	case a == keys.Accept:
		return nil, true
	}
	return nil, p.sel.Move(a, len(p.shown), p.keyAt)
}

// Update edits what is searched.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	before := p.input.Value()
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	if p.input.Value() != before {
		p.search()
	}
	return cmd
}

// above is how many lines stand above the actions: what is searched, and a blank one.
const above = 2

// Click does the action at line y of the window.
func (p *Pane) Click(_, y int, _ bool) (cmd tea.Cmd, open bool) {
	if i, ok := p.sel.RowAt(y-layout.FrameY-above, len(p.shown)); ok {
		return p.do(p.shown[i].Action), true
	}
	return nil, true
}

// View draws the window for a screen of w by h cells.
func (p *Pane) View(w, h int) string {
	inner := min(w-6, width)
	in := p.input
	in.SetWidth(inner - 3)
	lines := []string{format.Cut(p.theme.Accent.Render("›")+" "+in.View(), inner), ""}
	rows := max(min(h-above-2, 18), 1)
	first := p.sel.Scroll(len(p.shown), rows)
	for i := first; i < min(first+rows, len(p.shown)); i++ {
		lines = append(lines, p.line(p.shown[i], inner, i == p.sel.Index()))
	}
	if len(p.shown) == 0 {
		lines = append(lines, p.theme.Dim.Render("  No action is like that."))
	}
	return layout.Frame(strings.Join(lines, "\n"), "Actions", inner, rows+above, p.theme)
}

func (p *Pane) line(b keys.Binding, w int, selected bool) string {
	const nameWidth, keyWidth = 16, 12
	mark, ground := "  ", theme.Style("")
	if selected {
		mark, ground = "▸ ", p.theme.Selected
	}
	return p.theme.Cell(p.theme.Accent, ground).Render(mark) +
		p.theme.Cell(p.theme.Strong, ground).Render(format.Fit(string(b.Action), nameWidth)+" ") +
		p.theme.Cell(p.theme.Text, ground).Render(format.Fit(b.Help, w-nameWidth-keyWidth-4)+" ") +
		p.theme.Cell(p.theme.Accent, ground).Render(format.FitRight(p.theme.Label(b.Label()), keyWidth))
}
