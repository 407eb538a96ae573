package labels

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

const (
	// width is the window's inside at its widest, in cells.
	width = 60
	// above is how many lines stand above the labels: what is typed, and what is wrong with it or a blank one.
	above = 2
)

// Pane is the window.
type Pane struct {
	theme *theme.Theme
	title string
	refs  map[string]bool
	do    func(engine.Assignment) tea.Cmd

	all   []label
	shown []label
	input textinput.Model
	wrong string
	sel   table.Selection
}

// label is one line of the window.
type label struct {
	name string
	// has is how many of the window's sites have it, and everywhere how many of all.
	has, everywhere int
	// fresh says that no site has it: it is what was typed.
	fresh bool
}

// New makes a window for sites, of which there has to be one; snap is how things are now. name is what the sites are called,
// and do changes all of them.
func New(th *theme.Theme, name string, sites []engine.Site, snap engine.Snapshot, do func(engine.Assignment) tea.Cmd) *Pane {
	p := &Pane{theme: th, title: "Labels of " + name, refs: map[string]bool{}, do: do, input: field.New(th, engine.MaxLabel, "")}
	for _, s := range sites {
		p.refs[s.Ref()] = true
	}
	p.Watch(snap)
	return p
}

// Situation names its keys.
func (*Pane) Situation() string { return "labels" }

// Watch takes a new snapshot: somebody else may label sites as well.
func (p *Pane) Watch(snap engine.Snapshot) tea.Cmd {
	counts := map[string]label{}
	for _, s := range snap.Sites {
		for _, name := range s.Labels {
			l := counts[name]
			l.everywhere++
			if p.refs[s.Ref()] {
				l.has++
			}
			counts[name] = l
		}
	}
	for _, l := range snap.Status.LabelLimits {
		if _, ok := counts[l.Label]; !ok {
			counts[l.Label] = label{} // Nobody has it yet, and it has limits.
		}
	}
	p.all = p.all[:0]
	for name, l := range counts {
		l.name = name
		p.all = append(p.all, l)
	}
	slices.SortFunc(p.all, func(a, b label) int { return strings.Compare(a.name, b.name) })
	p.search()
	return nil
}

// search shows the labels that have what was typed in them, and in front of them what was typed, if none is called so.
func (p *Pane) search() {
	p.shown, p.wrong = p.shown[:0], ""
	typed := strings.ToLower(strings.TrimSpace(p.input.Value()))
	if typed != "" && !slices.ContainsFunc(p.all, func(l label) bool { return l.name == typed }) {
		if name, err := engine.ParseLabel(typed); err == nil {
			p.shown = append(p.shown, label{name: name, fresh: true})
		} else {
			p.wrong = engine.Message(err)
		}
	}
	for _, l := range p.all {
		if strings.Contains(l.name, typed) {
			p.shown = append(p.shown, l)
		}
	}
	p.sel.Keep(len(p.shown), p.keyAt)
}

func (p *Pane) keyAt(i int) string { return p.shown[i].name }

// Act moves, puts the selected label on or takes it off, or closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	switch a {
	case keys.Toggle:
		return p.toggle(), true
	case keys.Accept:
		if p.input.Value() == "" { // Everything has been done by then.
			return nil, false
		}
		if l, ok := p.selected(); ok && l.has < len(p.refs) {
			return p.toggle(), false
		}
		return nil, p.wrong != ""
	}
	return nil, p.sel.Move(a, len(p.shown), p.keyAt)
}

// toggle takes the selected label off if all of the sites have it, and else puts it on those that do not.
func (p *Pane) toggle() tea.Cmd {
	l, ok := p.selected()
	if !ok {
		return nil
	}
	p.input.SetValue("")
	p.search()
	p.sel.Select(l.name)
	if l.has == len(p.refs) {
		return p.do(engine.Assignment{Unlabel: []string{l.name}})
	}
	return p.do(engine.Assignment{Label: []string{l.name}})
}

func (p *Pane) selected() (label, bool) {
	at := p.sel.Index()
	if at < 0 || at >= len(p.shown) {
		return label{}, false
	}
	return p.shown[at], true
}

// Update edits what is typed.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	before := p.input.Value()
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	if p.input.Value() != before {
		p.sel = table.Selection{}
		p.search()
	}
	return cmd
}

// Click puts the label at line y of the window on, or takes it off.
func (p *Pane) Click(_, y int, _ bool) (cmd tea.Cmd, open bool) {
	i, ok := p.sel.RowAt(y-layout.FrameY-above, len(p.shown))
	if !ok {
		return nil, true
	}
	p.sel.To(i, len(p.shown), p.keyAt)
	return p.toggle(), true
}

// View draws the window for a screen of w by h cells.
func (p *Pane) View(w, h int) string {
	inner := min(w-6, width)
	note := p.theme.Bad.Render(format.Cut(p.wrong, inner))
	if p.wrong == "" && p.input.Value() == "" {
		note = p.theme.Dim.Render(format.Cut("  type a new label, or choose one of these", inner))
	}
	lines := []string{field.View(p.input, p.theme, inner), note}
	p.sel.Keep(len(p.shown), p.keyAt)
	rows := max(min(h-above-2, 14, max(len(p.all)+1, 4)), 1)
	first := p.sel.Scroll(len(p.shown), rows)
	for i := first; i < min(first+rows, len(p.shown)); i++ {
		lines = append(lines, p.line(p.shown[i], inner, i == p.sel.Index()))
	}
	if len(p.shown) == 0 && p.wrong == "" {
		lines = append(lines, p.theme.Dim.Render(format.Cut("  There are no labels yet: type the first one.", inner)))
	}
	more := first+rows < len(p.shown)
	return layout.FrameMore(strings.Join(lines, "\n"), p.title, inner, rows+above, first > 0, more, p.theme)
}

// line draws one label: [x] for one that all of the sites have, [-] for one that some have.
func (p *Pane) line(l label, w int, selected bool) string {
	const hint = 22
	mark, box, ground := "  ", "[ ] ", theme.Style("")
	switch {
	case l.has == len(p.refs):
		box = "[x] "
	case l.has > 0:
		box = "[-] "
	}
	if selected {
		mark, ground = "▸ ", p.theme.Selected
	}
	said := "on " + format.Plural(l.everywhere, "site")
	switch {
	case l.fresh:
		said = "new"
	case l.has > 0 && l.has < len(p.refs):
		said = fmt.Sprintf("on %s of these %s", format.Count(l.has), format.Count(len(p.refs)))
	case l.everywhere == 0:
		said = "on no site"
	}
	return p.theme.Cell(p.theme.Accent, ground).Render(mark+box) +
		p.theme.Cell(p.theme.Text, ground).Render(format.Fit(l.name, w-hint-6)) +
		p.theme.Cell(p.theme.Dim, ground).Render(format.FitRight(said, hint))
}
